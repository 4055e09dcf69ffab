"""When each line was written: protocol.md 9, by code of the auditor's own.

Whole journals at once, a segment (lines of one boot) at a time: within it the usual case is
settled column by column, and only what falls outside is looked at line by line.
"""

from array import array
from bisect import bisect_right
from operator import le
from typing import Final

import msgspec

from auditor.columns import Column
from protocol.records import Clock

MAX_RTT_MS: Final = 10_000
EXACT, WALL, INTERVAL = b"e", b"w", b"i"


class Part(msgspec.Struct):
    """Lines of one boot. received: receipt times, one a line; clocks: place in the part, record."""

    seq: int
    boot: str
    mono: Column
    wall: Column
    sync: bytes | bytearray
    received: Column
    clocks: list[tuple[int, Clock]]


class Times(msgspec.Struct):
    """Between which unix ms each line of a part was written, and how that is known."""

    low: Column
    high: Column
    quality: bytearray


class Timed(msgspec.Struct):
    """All parts, and the seqs of refused clocks and of lines whose clock stepped."""

    parts: list[Times]
    refused: list[int]
    stepped: list[int]


def time_parts(parts: list[Part], enrolled_ms: int) -> Timed:
    """Protocol.md 9 for the parts of one journal, in their order."""
    used, refused = _usable(parts, enrolled_ms)
    timed = Timed([], refused, [])
    unknown: list[tuple[int, list[int]]] = []
    for part in parts:
        times, open = _exact(part, used.get(part.boot), enrolled_ms)
        timed.parts.append(times)
        if open:
            unknown.append((len(timed.parts) - 1, open))
    if unknown:
        _bound(parts, timed, unknown, used, enrolled_ms)
    return timed


Used = dict[str, tuple[list[int], list[int]]]  # boot -> seqs and offsets of its usable clocks


def _usable(parts: list[Part], enrolled_ms: int) -> tuple[Used, list[int]]:
    used: Used = {}
    refused = []
    least = enrolled_ms
    for part in parts:
        for place, clock in part.clocks:
            received_ms = part.received[place]
            if not (0 <= clock.rtt_ms <= MAX_RTT_MS and least <= clock.server_ms <= received_ms):
                refused.append(part.seq + place)
                continue
            least = clock.server_ms
            seqs, offsets = used.setdefault(part.boot, ([], []))
            seqs.append(part.seq + place)
            offsets.append(clock.server_ms - clock.rtt_ms // 2 - clock.mono_ms)
    return used, refused


def _exact(
    part: Part, clocks: tuple[list[int], list[int]] | None, enrolled_ms: int
) -> tuple[Times, list[int]]:
    """Times by the boot's clocks; the places of lines that have none that way."""
    count = len(part.mono)
    if clocks is None:
        nothing = array("q", bytes(8 * count))
        return Times(nothing, nothing[:], bytearray(INTERVAL * count)), list(range(count))
    at = _by_clocks(part, *clocks)
    times = Times(at, at[:], bytearray(EXACT * count))
    if enrolled_ms <= min(at) and all(map(le, at, part.received)):
        return times, []
    outside = [
        i for i, (ms, received_ms) in enumerate(zip(at, part.received, strict=True))
        if not enrolled_ms <= ms <= received_ms
    ]  # fmt: skip
    for i in outside:
        times.quality[i : i + 1] = INTERVAL
    return times, outside


def _by_clocks(part: Part, seqs: list[int], offsets: list[int]) -> Column:
    """Each line by the newest clock up to it; lines before the boot's first by that one."""
    at, low, count = array("q"), 0, len(part.mono)
    for nth in range(max(0, bisect_right(seqs, part.seq) - 1), len(seqs)):
        high = min(count, seqs[nth + 1] - part.seq) if nth + 1 < len(seqs) else count
        offset = offsets[nth]
        at.extend(array("q", [offset + mono for mono in part.mono[low:high]]))
        low = high
        if low == count:
            break
    return at


def _bound(
    parts: list[Part], timed: Timed, unknown: list[tuple[int, list[int]]], used: Used,
    enrolled_ms: int,
) -> None:  # fmt: skip
    """Rules 2 and 3 for the lines that are not exact: between their exact neighbors."""
    open_parts = {at for at, _ in unknown}
    exact = [
        (part.seq + i, times.low[i])
        for at, (part, times) in enumerate(zip(parts, timed.parts, strict=True))
        for i in _edges(times, whole=at not in open_parts)
    ]
    seqs = [seq for seq, _ in exact]
    for at, places in unknown:
        part, times = parts[at], timed.parts[at]
        for i in places:
            after = bisect_right(seqs, part.seq + i)
            low = exact[after - 1][1] if after else enrolled_ms
            high = part.received[i]
            if after < len(exact):
                high = min(high, exact[after][1])
            if low > high:
                timed.stepped.append(part.seq + i)
                low = high
            elif part.boot not in used and part.sync[i] and low <= part.wall[i] <= high:
                low = high = part.wall[i]
                times.quality[i : i + 1] = WALL
            times.low[i], times.high[i] = low, high


def _edges(times: Times, *, whole: bool) -> list[int]:
    """The exact lines that can be nearest to one that is not: the ends of a part that is whole."""
    last = len(times.quality) - 1
    if whole:
        return [0, last] if last else [0]
    return [i for i in range(last + 1) if times.quality[i : i + 1] == EXACT]
