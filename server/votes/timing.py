"""When a journal's lines were written (protocol.md 8), timing again only what can have changed."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from protocol.cast_time import Carried, CastAt, EarlierLinesNeeded, TimedLine, Timeline, cast_times
from protocol.records import Clock
from server.database import as_rows
from server.ledger.selectors import read_lines
from server.stages import in_groups
from server.votes.models import SettledBoot, Understanding
from server.votes.story import ReadLine, read

SELECT_SETTLED = (
    "SELECT b.journal, b.boot, b.offset_ms FROM (VALUES {rows}) AS w JOIN votes_settledboot b "
    "ON b.unit = w.column1 AND b.journal = w.column2 AND b.boot = w.column3"
)
Boots = dict[str, int | None]


class Times(NamedTuple):
    """The times of a journal's lines from some seq on.

    before: what was settled before those lines; restarted: nothing was, the whole journal is timed.
    plain: no usable clock stands after the settled lines.
    """

    casts: dict[int, CastAt]
    stepped: frozenset[int]
    before: Carried
    settled: Carried
    plain: bool
    restarted: bool


def time_lines(
    tail: Sequence[ReadLine], *, state: Understanding, enrolled_ms: int, boots: Boots | None = None
) -> Times:
    """Time the new lines `tail` (not empty), and those before them whose times they can change.

    A journal whose newest line is exact, as of any kiosk that is online, reads nothing again.
    boots: the settled ones of the tail's boots, if they were read already.
    """
    first = tail[0].seq
    try:
        before = _carried(state, tail, boots)
        timeline = _cast(tail, enrolled_ms, before)
        alone = first == before.seq + 1
        # Nothing exact came, and no clock for what came before it: older lines keep their times.
        if alone or (
            state.plain and timeline.settled.seq == before.seq and not _used(tail, timeline)
        ):
            return _times(tail, timeline, before)
        window = [*_read_again(state, before.seq + 1, first - 1), *tail]
        before = _carried(state, window)
        return _times(window, _cast(window, enrolled_ms, before), before)
    except EarlierLinesNeeded:
        # A boot that had ended without a clock came back with one: only a forged journal does that.
        whole = [*_read_again(state, 1, first - 1), *tail]
        timeline = _cast(whole, enrolled_ms, Carried.none())
        return _times(whole, timeline, Carried.none())._replace(restarted=True)


def _read_again(state: Understanding, from_seq: int, to_seq: int) -> list[ReadLine]:
    stored = read_lines(unit=state.unit, journal=state.journal, from_seq=from_seq, to_seq=to_seq)
    return [read(line.seq, line.body, line.received_ms) for line in stored]


def _cast(lines: Sequence[ReadLine], enrolled_ms: int, before: Carried) -> Timeline:
    timed = [
        TimedLine(
            line.seq,
            line.envelope.boot,
            line.envelope.mono_ms,
            line.envelope.wall_ms,
            line.envelope.sync,
            line.received_ms,
            line.record if isinstance(line.record, Clock) else None,
        )
        for line in lines
    ]
    return cast_times(timed, enrolled_ms=enrolled_ms, before=before)


def _used(lines: Sequence[ReadLine], timeline: Timeline) -> list[int]:
    """The seqs of usable clocks after the settled lines."""
    refused = set(timeline.refused_clocks)
    return [
        line.seq
        for line in lines
        if isinstance(line.record, Clock)
        and line.seq not in refused
        and line.seq > timeline.settled.seq
    ]


def _times(lines: Sequence[ReadLine], timeline: Timeline, before: Carried) -> Times:
    return Times(
        casts={line.seq: cast for line, cast in zip(lines, timeline.casts, strict=True)},
        stepped=frozenset(timeline.clock_stepped),
        before=before,
        settled=timeline.settled,
        plain=not _used(lines, timeline),
        restarted=False,
    )


def settled_boots(journals: Mapping[tuple[str, str], Sequence[ReadLine]]) -> dict[str, Boots]:
    """The settled boots that the lines of some journals, by (unit, journal), belong to."""
    wanted = [
        (unit, journal, boot)
        for (unit, journal), lines in journals.items()
        for boot in {line.envelope.boot for line in lines}
    ]
    found: dict[str, Boots] = {journal: {} for _, journal in journals}
    with connection.cursor() as cursor:
        for some in in_groups(wanted, 500):
            values = [value for row in some for value in row]
            cursor.execute(SELECT_SETTLED.format(rows=as_rows(some)), values)
            for journal, boot, offset_ms in cursor.fetchall():
                found[journal][boot] = offset_ms
    return found


def _carried(
    state: Understanding, lines: Sequence[ReadLine], boots: Boots | None = None
) -> Carried:
    """What the settled lines contribute to these; only of the boots that these belong to."""
    offsets: dict[str, int] = {}
    clockless: set[str] = set()
    if boots is None:
        boots = settled_boots({(state.unit, state.journal): lines})[state.journal]
    for boot, offset_ms in boots.items():
        if offset_ms is None:
            clockless.add(boot)
        else:
            offsets[boot] = offset_ms
    return Carried(
        seq=state.settled_seq,
        offsets=offsets,
        clockless=frozenset(clockless),
        newest_server_ms=state.newest_server_ms,
        newest_exact_ms=state.newest_exact_ms,
    )


def keep_settled(state: Understanding, times: Times) -> None:
    """Write down what the next round needs: `state` (not saved here) and its settled boots."""
    settled, before = times.settled, times.before
    rows = SettledBoot.objects.filter(unit=state.unit, journal=state.journal)
    if times.restarted:
        rows.delete()
    new: dict[str, int | None] = {
        boot: offset
        for boot, offset in settled.offsets.items()
        if before.offsets.get(boot) != offset
    }
    new |= dict.fromkeys(settled.clockless - before.clockless)
    SettledBoot.objects.bulk_create(
        [
            SettledBoot(unit=state.unit, journal=state.journal, boot=boot, offset_ms=offset)
            for boot, offset in new.items()
        ],
        update_conflicts=True,
        unique_fields=["unit", "journal", "boot"],
        update_fields=["offset_ms"],
    )
    state.settled_seq = settled.seq
    state.newest_server_ms = settled.newest_server_ms
    state.newest_exact_ms = settled.newest_exact_ms
    state.plain = times.plain
    last = times.casts[max(times.casts)]
    state.last_low_ms, state.last_high_ms = last.low_ms, last.high_ms
