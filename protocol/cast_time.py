"""When a vote was cast: protocol.md 8, pure, recomputable by anyone from the log alone."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from protocol.errors import ProtocolError
from protocol.records import Clock

MAX_RTT_MS: Final = 10_000
Quality = Literal["exact", "wall", "interval"]


class EarlierLinesNeeded(ProtocolError):
    """A boot that ended without a clock has one now: time this journal again from its start."""


class TimedLine(msgspec.Struct, frozen=True, gc=False):
    """What time needs of a line; `clock` is the record if the line is an understood `clock`."""

    seq: int
    boot: str
    mono_ms: int
    wall_ms: int
    sync: bool
    received_ms: int
    clock: Clock | None = None


class CastAt(msgspec.Struct, frozen=True, gc=False):
    """Cast between two unix ms, both included; exact and wall name one instant."""

    low_ms: int
    high_ms: int
    quality: Quality

    @property
    def at_ms(self) -> int | None:
        """The instant, None if it is not known to the millisecond."""
        return self.high_ms if self.low_ms == self.high_ms else None


class Carried(msgspec.Struct, frozen=True):
    """What the lines up to and including `seq` contribute to the times of later ones."""

    seq: int = 0
    offsets: dict[str, int] = {}  # boot -> offset of its newest usable clock
    clockless: frozenset[str] = frozenset()  # boots seen that have no usable clock
    newest_server_ms: int | None = None  # of the newest used clock
    newest_exact_ms: int | None = None  # cast_at of the newest exact record

    @classmethod
    def none(cls) -> "Carried":
        """Nothing came before: the journal's start."""
        return cls()


class Timeline(msgspec.Struct, frozen=True):
    """The times of lines, in their order. `settled` carries to the next call: lines up to
    `settled.seq` keep their times whatever comes; those after it are to be timed again with it.
    """

    casts: tuple[CastAt, ...]
    refused_clocks: tuple[int, ...]  # seqs
    clock_stepped: tuple[int, ...]  # seqs
    settled: Carried


class _UsedClock(NamedTuple):
    place: int
    boot: str
    offset_ms: int
    server_ms: int


def cast_times(
    lines: Sequence[TimedLine], *, enrolled_ms: int, before: Carried | None = None
) -> Timeline:
    """When each line was cast. `lines` stand by seq, all after `before.seq`.

    `enrolled_ms` is the time of the journal's enrolment, `received_ms` of a line its receipt
    time. Raises EarlierLinesNeeded if these lines change the times of settled ones.
    """
    before = Carried() if before is None else before
    if lines and lines[0].seq <= before.seq:
        raise ValueError(f"seq {lines[0].seq} is settled already")
    used, refused = _use_clocks(lines, enrolled_ms, before)
    boots = before.offsets.keys() | {clock.boot for clock in used}
    if not boots.isdisjoint(before.clockless):
        raise EarlierLinesNeeded("A boot that had no clock has one now: time the whole journal.")
    exact = _exact_times(lines, used, enrolled_ms, before)
    casts, stepped = [], []
    for line, at, low, high in zip(lines, exact, *_bounds(lines, exact, enrolled_ms, before),
                                   strict=True):  # fmt: skip
        if at is not None:
            cast = CastAt(at, at, "exact")
        elif low > high:
            cast = CastAt(high, high, "interval")
            stepped.append(line.seq)
        elif line.boot not in boots and line.sync and low <= line.wall_ms <= high:
            cast = CastAt(line.wall_ms, line.wall_ms, "wall")
        else:
            cast = CastAt(low, high, "interval")
        casts.append(cast)
    settled = _settle(lines, exact, used, before)
    return Timeline(tuple(casts), tuple(refused), tuple(stepped), settled)


def _use_clocks(
    lines: Sequence[TimedLine], enrolled_ms: int, before: Carried
) -> tuple[list[_UsedClock], list[int]]:
    """The usable clocks, and the seqs of the refused ones."""
    used, refused = [], []
    least = enrolled_ms if before.newest_server_ms is None else before.newest_server_ms
    for index, line in enumerate(lines):
        clock = line.clock
        if clock is None:
            continue
        if 0 <= clock.rtt_ms <= MAX_RTT_MS and least <= clock.server_ms <= line.received_ms:
            least = clock.server_ms
            offset = clock.server_ms - clock.rtt_ms // 2 - clock.mono_ms
            used.append(_UsedClock(index, line.boot, offset, clock.server_ms))
        else:
            refused.append(line.seq)
    return used, refused


def _exact_times(
    lines: Sequence[TimedLine], used: list[_UsedClock], enrolled_ms: int, before: Carried
) -> list[int | None]:
    """By the boot's newest clock up to the line (a clock times itself), else its first after."""
    first: dict[str, int] = {}
    for clock in used:
        first.setdefault(clock.boot, clock.offset_ms)
    newest = dict(before.offsets)
    upcoming = iter([*used, None])
    clock_next = next(upcoming)
    times: list[int | None] = []
    for index, line in enumerate(lines):
        if clock_next is not None and clock_next.place == index:
            newest[line.boot] = clock_next.offset_ms
            clock_next = next(upcoming)
        offset = newest.get(line.boot, first.get(line.boot))
        at = None if offset is None else offset + line.mono_ms
        times.append(at if at is not None and enrolled_ms <= at <= line.received_ms else None)
    return times


def _bounds(
    lines: Sequence[TimedLine], exact: list[int | None], enrolled_ms: int, before: Carried
) -> tuple[list[int], list[int]]:
    """L and U of each line: the nearest exact records on both sides, enrolment and receipt."""
    low = enrolled_ms if before.newest_exact_ms is None else before.newest_exact_ms
    lows = []
    for at in exact:
        lows.append(low)
        low = low if at is None else at
    later: int | None = None
    highs = []
    for line, at in zip(reversed(lines), reversed(exact), strict=True):
        highs.append(line.received_ms if later is None else min(later, line.received_ms))
        later = later if at is None else at
    return lows, highs[::-1]


def _settle(
    lines: Sequence[TimedLine], exact: list[int | None], used: list[_UsedClock], before: Carried
) -> Carried:
    """Up to the newest exact record no line's neighbours or clock can change any more."""
    last = max((i for i, at in enumerate(exact) if at is not None), default=-1)
    if last < 0:
        return before
    past = [clock for clock in used if clock.place <= last]
    offsets = before.offsets | {clock.boot: clock.offset_ms for clock in past}
    timed = before.offsets.keys() | {clock.boot for clock in used}
    return Carried(
        seq=lines[last].seq,
        offsets=offsets,
        clockless=before.clockless | ({line.boot for line in lines[: last + 1]} - timed),
        newest_server_ms=past[-1].server_ms if past else before.newest_server_ms,
        newest_exact_ms=exact[last],
    )
