"""The line door beside a bare sqlite3 that writes the same rows, batch by batch, on the same disk.

Rounds alternate, so that a busy machine slows both. Requests are built and signed beforehand; the
load generator is one asyncio process on the same cores. Server CPU is read from /proc.
"""

import argparse
import asyncio
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.paper import Batch, Journal, build_journals

BATCHES = (1, 50, 500)
AIM = {1: 0.30, 50: 0.40, 500: 0.60}
DONE = {1: 0.25, 50: 0.35, 500: 0.45}
CPU_MS = {1: 1.2, 50: 0.12, 500: 0.12}
KIOSKS = 16
REQUESTS = {1: 2400, 50: 1600, 500: 400}  # a round, over all kiosks
ROUNDS = 3
INSERT = "INSERT INTO line (unit, journal, seq, body) VALUES (?, ?, ?, ?)"


class Round(NamedTuple):
    """Votes a second, and server CPU in ms a vote."""

    rate: float
    cpu_ms: float


def run(args: argparse.Namespace) -> bool:
    """Print a line for each batch size; True if every figure is done."""
    fine = True
    with (
        tempfile.TemporaryDirectory(prefix="hailong-bench-", dir=_disk()) as name,
        server(Path(name), profile=args.profile) as (port, pid, database),
    ):
        for size in BATCHES:
            requests = max(KIOSKS, REQUESTS[size] // (10 if args.quick else 1))
            bare, ours = [], []
            for number in range(ROUNDS):
                journals = build_journals(
                    kiosks=KIOSKS, requests=requests // KIOSKS, size=size, server="bench.invalid"
                )
                enrol(database, journals)
                bare.append(bare_round(Path(name) / f"bare-{size}-{number}.sqlite3", journals))
                ours.append(our_round(port, pid, journals, size))
            fine &= report(size, bare, ours)
    return fine


def report(size: int, bare: Sequence[float], ours: Sequence[Round]) -> bool:
    ratio = statistics.median(o.rate / b for o, b in zip(ours, bare, strict=True))
    cpu = statistics.median(o.cpu_ms for o in ours)
    fine = ratio >= DONE[size] and cpu <= CPU_MS[size]
    print(
        f"batch {size:>3}: {statistics.median(o.rate for o in ours):>9,.0f} votes/s, "
        f"bare sqlite3 {statistics.median(bare):>9,.0f}: {ratio:5.0%} "
        f"(aim {AIM[size]:.0%}, done at {DONE[size]:.0%}); "
        f"server CPU {cpu:.3f} ms a vote (at most {CPU_MS[size]}) {'' if fine else '  NOT MET'}",
        flush=True,
    )
    return fine


def _disk() -> str | None:
    """A real disk: /tmp may be memory, where a flush costs nothing."""
    return os.environ.get("HAILONG_BENCH_DIR") or str(Path.cwd())


class server:
    """A real `hailong-server run --no-work` on SQLite; (port, pid, database file)."""

    def __init__(self, folder: Path, *, profile: bool) -> None:
        self.folder, self.profile = folder, profile

    def __enter__(self) -> tuple[int, int, Path]:
        env = {**os.environ, "HAILONG_DATA": str(self.folder / "data"), "HAILONG_DATABASE_URL": ""}
        command = [sys.executable, "-m", "server"]
        subprocess.run(
            [*command, "init", "--name", "bench.invalid"], env=env, check=True, capture_output=True
        )
        import socket

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [*command, "run", "--no-work", "--port", str(port)],
            env=env,
            stderr=(Path.cwd() / "artefacts" / "door.log").open("w"),
        )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).read()
                break
            except OSError:
                time.sleep(0.05)
        self.spy = self._start_spy() if self.profile else None
        return port, self.process.pid, self.folder / "data" / "server.sqlite3"

    def _start_spy(self) -> "subprocess.Popen[bytes]":
        """py-spy must be installed apart; its flame graph says where the rest goes."""
        pid = str(next(p for p in tree(self.process.pid) if p != self.process.pid))
        out = Path.cwd() / "artefacts" / "door-profile.txt"
        out.parent.mkdir(exist_ok=True)
        return subprocess.Popen(["py-spy", "record", "-f", "raw", "-o", str(out), "-p", pid, "-n"])

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()
        if self.spy is not None:
            self.spy.wait()


def tree(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from tree(int(child))


def cpu_s(pid: int) -> float:
    """CPU seconds that a process tree has used so far."""
    ticks = 0
    for each in tree(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def enrol(database: Path, journals: Sequence[Journal]) -> None:
    """Make the journals known, as the enrolment door would leave them."""
    with sqlite3.connect(database, timeout=30) as connection:
        connection.executemany(
            "INSERT INTO ingest_journal (unit, journal, kiosk, public_key, enrolled_ms, state, "
            "acked, head_hash, head_note, fork_seq, fork_note, seen_ms, understood) "
            "VALUES ('99001', ?, ?, ?, 0, 'open', 0, ?, x'', 0, x'', 0, 0)",
            [(j.journal, j.kiosk, j.public_key, j.genesis) for j in journals],
        )
    connection.close()


def in_turn(journals: Sequence[Journal]) -> Iterator[tuple[Journal, Batch]]:
    """Every journal's first batch, then every second one …"""
    for batches in zip(*(journal.batches for journal in journals), strict=True):
        yield from zip(journals, batches, strict=True)


def bare_round(path: Path, journals: Sequence[Journal]) -> float:
    """executemany of the same rows, one durable transaction a batch; votes a second."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE line (unit varchar(32) NOT NULL, journal varchar(36) NOT NULL, "
        "seq bigint NOT NULL, body BLOB NOT NULL, PRIMARY KEY (unit, journal, seq))"
    )
    votes = 0
    start = time.perf_counter()
    for journal, batch in in_turn(journals):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            INSERT,
            [("99001", journal.journal, batch.first + i, b) for i, b in enumerate(batch.lines)],
        )
        connection.execute("COMMIT")
        votes += len(batch.lines)
    rate = votes / (time.perf_counter() - start)
    connection.close()
    return rate


def our_round(port: int, pid: int, journals: Sequence[Journal], size: int) -> Round:
    """The same batches through the door, one connection a kiosk."""
    votes = sum(len(journal.batches) for journal in journals) * size
    before = cpu_s(pid)
    start = time.perf_counter()
    asyncio.run(_send_all(port, journals))
    took = time.perf_counter() - start
    return Round(votes / took, (cpu_s(pid) - before) * 1000 / votes)


async def _send_all(port: int, journals: Sequence[Journal]) -> None:
    await asyncio.gather(*(_send(port, journal) for journal in journals))


async def _send(port: int, journal: Journal) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for batch in journal.batches:
        writer.write(batch.request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        if b" 200 " not in head[:20]:
            raise SystemExit(f"the door refused: {body.decode()}")
    writer.close()
    await writer.wait_closed()
