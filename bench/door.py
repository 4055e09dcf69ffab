"""The line door beside a bare sqlite3 that writes the same rows, batch by batch, on the same disk.

Rounds alternate, so that a busy machine slows both. Requests are built and signed beforehand; the
load generator is one asyncio process on the same cores. Server CPU is read from /proc.
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from bench.paper import Batch, Journal, build_journals
from bench.serving import NAME, Serving, cpu_s, disk, serving
from bench.where import profiled

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
    with (
        tempfile.TemporaryDirectory(prefix="hailong-bench-", dir=disk()) as name,
        serving(Path(name)) as server,
    ):
        fine = [measure(server, Path(name), size, args) for size in BATCHES]
        return all(fine)


def measure(server: Serving, folder: Path, size: int, args: argparse.Namespace) -> bool:
    """One batch size: rounds of bare sqlite3 and of ours in turn."""
    requests = max(KIOSKS, REQUESTS[size] // (10 if args.quick else 1)) // KIOSKS
    bare, ours = [], []
    for number in range(ROUNDS):
        journals = build_journals(kiosks=KIOSKS, requests=requests, size=size, server=NAME)
        enrol(server.database, journals)
        bare.append(bare_round(folder / f"bare-{size}-{number}.sqlite3", journals))
        watch = profiled(server.worker, folder) if args.profile and not number else nullcontext()
        with watch:
            ours.append(our_round(server, journals, size))
    return report(size, bare, ours)


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


def enrol(database: Path, journals: Sequence[Journal]) -> None:
    """Make the journals known, as the enrolment door would leave them."""
    with sqlite3.connect(database, timeout=30) as connection:
        connection.executemany(
            "INSERT INTO ingest_journal (unit, journal, kiosk, public_key, enrolled_ms, state, "
            "acked, head_hash, head_note, fork_seq, fork_note, revoked_seq, seen_ms, signed_ms, "
            "understood) VALUES ('99001', ?, ?, ?, 0, 'open', 0, ?, x'', 0, x'', 0, 0, 0, 0)",
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


def our_round(server: Serving, journals: Sequence[Journal], size: int) -> Round:
    """The same batches through the door, one connection a kiosk."""
    votes = sum(len(journal.batches) for journal in journals) * size
    before = cpu_s(server.pid)
    start = time.perf_counter()
    asyncio.run(_send_all(server.port, journals))
    took = time.perf_counter() - start
    return Round(votes / took, (cpu_s(server.pid) - before) * 1000 / votes)


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
