"""The whole log in order: chunks scanned by several processes, joined into journals and deeds."""

import gc
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice

import msgspec

from auditor.chunk import Chunk, Deed, Run, pack, unpack
from auditor.journals import Journals
from auditor.place import Place, offsets_of
from auditor.received import BadRecord, Received, loose_received, read_deed
from auditor.report import Report
from auditor.stretch import scan_bundles, scan_list
from auditor.table import Table

BUNDLES = 64  # in a chunk: 16,384 entries, a few MB
SMALL = 20_000  # entries that one process reads sooner than two are started
Progress = Callable[[int, int], None]


class Told(msgspec.Struct, frozen=True):
    """A deed of the server that changes no journal's state: listed."""

    index: int
    type: str
    wall_ms: int
    data: dict[str, object]


class Joined:
    """What a whole log says."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.table = Table()
        self.journals = Journals(report)
        self.deeds: list[Told] = []
        self.roots: list[tuple[int, bytes]] = []
        self.types: Counter[str] = Counter()
        self.entries = self.bytes = 0

    def add(self, chunk: Chunk) -> None:
        """Take the next chunk in."""
        for breach in chunk.breaches:
            self.report.against(breach.code, **breach.values)
        tails = self.table.add(chunk.tails)
        self.roots += chunk.roots
        self.entries += chunk.entries
        self.bytes += chunk.bytes
        if 0 <= chunk.first < self.journals.next_index:
            self.report.against("order", index=chunk.first)
        for event in chunk.events:
            match event:
                case Run():
                    self.journals.add(event, tails)
                case Received():
                    self.journals.receive(event)
                case Deed():
                    self._take(event)
        self.journals.next_index = max(self.journals.next_index, chunk.end)

    def rotations(self) -> list[bytes]:
        """The notes of the log's own `log_key` entries, in order."""
        notes = (deed.data.get("note") for deed in self.deeds if deed.type == "log_key")
        return [note.encode() for note in notes if isinstance(note, str)]

    def _take(self, deed: Deed) -> None:
        try:
            type, wall_ms, data = read_deed(deed.entry)
        except BadRecord as error:
            self.report.against("malformed", index=deed.index, why=str(error))
            return
        self.types[type] += 1
        if type == "received":
            received = loose_received(deed.index, data)
            if received is None:
                self.report.against("bad_deed", index=deed.index, type=type, why="head")
            else:
                self.journals.receive(received)
        elif type == "enrolled":
            self.journals.enrol(deed.index, wall_ms, data)
        elif type in ("closed", "revoked", "forked"):
            self.journals.end(deed.index, type, data)
        elif type == "quarantined":
            self.journals.quarantine(deed.index, data)
        self.deeds.append(Told(deed.index, type, wall_ms, data))


@contextmanager
def without_looking_for_cycles() -> Iterator[None]:
    """Nothing in an audit is a cycle, and looking for some among millions of lines takes long."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def join(
    place: Place, size: int, report: Report, *, jobs: int | None = None,
    progress: Progress | None = None,
) -> Joined:  # fmt: skip
    """Read every entry once. jobs: processes, by default one a core."""
    joined = Joined(report)
    scan, ranges = _work(place, size)
    jobs = (os.cpu_count() or 1) if jobs is None else jobs
    total = ranges[-1][1] if ranges else 0
    for (_, high), chunk in zip(ranges, _each(scan, ranges, 1 if size < SMALL else jobs),
                                strict=True):  # fmt: skip
        joined.add(chunk)
        if progress is not None:
            progress(high, total)
    return joined


def _work(place: Place, size: int) -> tuple[Callable[[int, int], Chunk], list[tuple[int, int]]]:
    if place.sealed:
        parts = max(1, place.listed.stat().st_size >> 23)
        return partial(scan_list, place, size), list(offsets_of(place.listed, parts))
    bundles = -(-size // 256)
    ranges = [(low, min(bundles, low + BUNDLES)) for low in range(0, bundles, BUNDLES)]
    return partial(scan_bundles, place, size), ranges


def _each(
    scan: Callable[[int, int], Chunk], ranges: list[tuple[int, int]], jobs: int
) -> Iterator[Chunk]:
    """Chunks in order; at most a few wait to be joined, so that memory stays bounded."""
    if jobs <= 1 or len(ranges) <= 1:
        yield from (scan(low, high) for low, high in ranges)
        return
    with ProcessPoolExecutor(jobs, initializer=gc.disable) as pool:
        ahead = iter(ranges)
        waiting = [pool.submit(_packed, scan, *one) for one in islice(ahead, 2 * jobs)]
        while waiting:
            chunk = unpack(waiting.pop(0).result())
            waiting += [pool.submit(_packed, scan, *one) for one in islice(ahead, 1)]
            yield chunk


def _packed(scan: Callable[[int, int], Chunk], low: int, high: int) -> bytes:
    return pack(scan(low, high))
