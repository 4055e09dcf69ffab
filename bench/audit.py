"""`hailong-audit verify` of a million lines, beside one SHA-256 loop over the same bytes."""

import argparse
import hashlib
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auditor.findings import list_deeds, list_journals
from auditor.join import join
from auditor.place import Place, open_folder
from auditor.report import Report
from auditor.scan import EVERY, Scanner
from auditor.tree import check_tree
from auditor.verify import ZONE, Asked, find_zone, verify
from protocol.checkpoint import Checkpoint, LogKey, read_checkpoint, sign_checkpoint
from protocol.journal import genesis_hash, line_hash, sign_head
from protocol.keys import b64, public_bytes
from protocol.merkle import leaf_hash
from protocol.server_record import build_received, build_server_record
from protocol.tiles import ENTRIES, WIDTH, Edge, Tile, pack_entries, tile_path

LEAST, AIM = 0.10, 0.20
T0 = 1_795_312_800_000
ORIGIN = "hailong.example/log"
LOG = Ed25519PrivateKey.from_private_bytes(b"\x11" * 32)
LINE = (
    b'{"v":1,"journal":"%b","seq":%d,"prev":"%b","boot":"c0ffee00-aaaa-4bbb-8ccc-dddddddddddd",'
    b'"mono_ms":%d,"wall_ms":%d,"sync":true,"salt":"%b","type":"%b","data":%b}'
)
VOTE = (
    b'{"rating":%d,"scale":"vn5","via":"button","locale":"vi","duty":null,"counter":null,'
    b'"not_official":false,"dossier":null,"invited":false}'
)
CLOCK = b'{"server_ms":%d,"rtt_ms":0,"wall_ms":%d,"mono_ms":%d}'


class Shape(NamedTuple):
    """How the lines came in: so many to a request, from so many kiosks in turn."""

    name: str
    lines: int
    batch: int
    kiosks: int


SHAPES = (
    Shape("cards read in: requests of 50 lines", 1_000_000, 50, 20),
    Shape("live: every vote a request of its own", 500_000, 1, 150),
)


def run(args: argparse.Namespace) -> bool:
    """A table for each shape; True where every ratio is LEAST or more."""
    met = []
    for shape in SHAPES:
        # In a process of its own: what one shape took is not in the memory of the next.
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            met.append(pool.submit(_measure, shape, quick=args.quick).result())
    return all(met)


def _measure(shape: Shape, *, quick: bool) -> bool:
    """Print both speeds, their ratio a core, the split and the memory; True at LEAST or more."""
    lines = shape.lines // (10 if quick else 1)
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(dir=os.environ.get("HAILONG_BENCH_DIR")) as folder:
        size = make(Path(folder), lines, shape)
        place = open_folder(Path(folder))
        bare_s = _hash_all(place, size)
        before = _cpu_s()
        whole_s = timed(lambda: _verify(place))
        cpu_s = _cpu_s() - before
        rate = bare_s / whole_s
        print(
            f"{shape.name}, {shape.kiosks} kiosks: {lines:,} lines, {size:,} entries; "
            f"one SHA-256 loop {size / bare_s:,.0f} entries/s"
        )
        print(
            f"  verify on {cores} cores {size / whole_s:,.0f} entries/s: {rate:.0%} of the loop's, "
            f"{rate / cores:.0%} a core (at least {LEAST:.0%}, aim {AIM:.0%})"
            f"{'' if rate / cores >= LEAST else '  NOT MET'}"
        )
        print(f"  by processor time, whoever else is busy: {bare_s / cpu_s:.0%} of the loop's")
        print(f"  most memory of one process: {_most_mib():.0f} MiB", flush=True)
        _split(place, size, bare_s)
        sys.stdout.flush()
    return rate / cores >= LEAST


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def _hash_all(place: Place, size: int) -> float:
    """Seconds that hashing alone takes, reading not counted."""
    sha256, spent = hashlib.sha256, 0.0
    for number in range(-(-size // WIDTH)):
        entries = place.bundle(number, size)
        before = time.perf_counter()
        for entry in entries:
            sha256(entry).digest()
        spent += time.perf_counter() - before
    return spent


def _verify(place: Place) -> None:
    report, _ = verify(place, Asked(LogKey(ORIGIN, LOG.public_key())))
    assert report.verdict == "proved", report.contradictions[:3]


def _cpu_s() -> float:
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in found)


def _most_mib() -> float:
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(one).ru_maxrss for one in who) / 1024


def _split(place: Place, size: int, bare_s: float) -> None:
    """One process, one step after the other: where the time goes."""
    numbers = range(-(-size // WIDTH))
    bundles = [(number, place.bundle(number, size)) for number in numbers]
    scanner = Scanner(place, size)

    def leaves() -> None:
        for number, entries in bundles:
            indices = list(range(number * WIDTH, number * WIDTH + len(entries)))
            scanner.check_leaves(number, indices, entries)

    def chain() -> None:
        for number, entries in bundles:
            indices = list(range(number * WIDTH, number * WIDTH + len(entries)))
            scanner.read(indices, entries)

    report = Report(log="", size=size, root="", timezone=ZONE)
    steps = {
        "read and unpack": timed(lambda: [place.bundle(number, size) for number in numbers]),
        "leaves and tree": timed(leaves),
        "chain and records": timed(chain),
    }
    joined = join(place, size, report)
    steps["upper tiles"] = timed(lambda: check_tree(
        place, read_checkpoint(place.note("checkpoint") or b""), joined.roots, report
    ))  # fmt: skip
    steps["signatures"] = timed(lambda: joined.journals.finish(size <= EVERY))
    steps["times and lists"] = timed(lambda: (
        list_deeds(joined, report), list_journals(joined, report, find_zone(ZONE))
    ))  # fmt: skip
    for step, spent in steps.items():
        print(f"  {step}: {spent:.2f} s on one core, {spent / bare_s:.1f} times the loop")


def make(folder: Path, lines: int, shape: Shape) -> int:
    """A log of so many lines in this shape; its size."""
    edge = Edge(0, [])
    held: list[bytes] = []

    def add(entry: bytes) -> None:
        held.append(entry)
        if len(held) == WIDTH:
            flush()

    def flush() -> None:
        tile = Tile(ENTRIES, edge.size // WIDTH, len(held))
        _write(folder / tile_path(tile), pack_entries(held))
        for full, data in edge.append(map(leaf_hash, held)):
            _write(folder / tile_path(full), data)
        held.clear()

    writers = [_Writer(number) for number in range(shape.kiosks)]
    for writer in writers:
        add(writer.enrolled())
    for at in range(0, lines, shape.batch):
        for entry in writers[at // shape.batch % shape.kiosks].send(at, shape.batch):
            add(entry)
    if held:
        flush()
    for tile, data in edge.partial():
        _write(folder / tile_path(tile), data)
    note = sign_checkpoint(Checkpoint(ORIGIN, edge.size, edge.root()), [LOG])
    _write(folder / "checkpoint", note)
    return edge.size


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


class _Writer:
    """A kiosk."""

    def __init__(self, number: int) -> None:
        self.id = f"k-{number}"
        self.journal = f"0b9e3a7e-1111-4222-8333-{number:012d}"
        self.key = Ed25519PrivateKey.generate()
        self.seq, self.last = 0, genesis_hash(self.journal, public_bytes(self.key))

    def enrolled(self) -> bytes:
        data = {"kiosk": self.id, "unit": "99001", "journal": self.journal,
                "public_key": b64(public_bytes(self.key))}  # fmt: skip
        return build_server_record("enrolled", data, T0)

    def send(self, at: int, count: int) -> list[bytes]:
        """A batch of lines and what receives it."""
        first, entries = self.seq + 1, []
        for nth in range(count):
            self.seq += 1
            mono = (at + nth) * 20
            ms = T0 + mono
            clock = self.seq == 1
            said = CLOCK % (ms, ms, mono) if clock else VOTE % (1 + (at + nth) % 5)
            entries.append(LINE % (
                self.journal.encode(), self.seq, self.last.hex().encode(), mono, ms,
                os.urandom(16).hex().encode(), b"clock" if clock else b"vote", said,
            ))  # fmt: skip
            self.last = line_hash(entries[-1])
        head = sign_head(
            kiosk=self.id, journal=self.journal, seq=self.seq, hash=self.last, key=self.key
        )
        return [*entries, build_received(
            journal=self.journal, first=first, last=self.seq, head=head, ms=T0 + (at + count) * 20
        )]  # fmt: skip
