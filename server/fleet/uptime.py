"""When a kiosk is silent, and how much of its opening hours it was heard. Pure: spans of unix ms,
half-open."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from protocol.configuration import ConfigHours

Span = tuple[int, int]

HEARTBEAT_S = 60  # of a kiosk that was never told another
MISSED = 3
JITTER = 1.1  # a kiosk beats up to a tenth late, so that kiosks do not all beat at once
SEEN_EVERY_MS = 20_000  # a heartbeat alone moves *last seen*, but not on every beat
ASSUMED: Final = (ConfigHours(days=(1, 2, 3, 4, 5), start="07:00", end="17:00"),)
# A kiosk waits at most five minutes between its tries (protocol.md 6): so long after an outage of
# the server its silence is still the server's.
RETURN_MS: Final = 300_000


class Cell(NamedTuple):
    """One local hour of one day, as far as it is open.

    kind: known | closed | before (it was enrolled later) | future | outage (of the server, whole).
    share: of the known time in which the kiosk was heard, 0..1; None unless known.
    """

    kind: str
    share: float | None = None
    heard_ms: int = 0
    known_ms: int = 0


@dataclass(frozen=True)
class Heard:
    """What there is to know: silences and outages, merged; known from since_ms to now_ms."""

    quiet: Sequence[Span]
    outages: Sequence[Span]
    since_ms: int
    now_ms: int


def silent_after_ms(heartbeat_s: int | None) -> int:
    """How long after it was last seen a kiosk is silent: three heartbeats, late as they may be.

    *Last seen* may itself lie SEEN_EVERY_MS before the last contact.
    """
    return int(MISSED * JITTER * 1000 * (heartbeat_s or HEARTBEAT_S)) + SEEN_EVERY_MS


def is_silent(*, seen_ms: int, heartbeat_s: int | None, now_ms: int, free: Sequence[Span]) -> bool:
    """Whether a kiosk last seen then is silent now. free: `excused` time, which is not counted."""
    excused_ms = within_ms(free, seen_ms, now_ms)
    return now_ms - seen_ms - excused_ms > silent_after_ms(heartbeat_s)


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same time as spans in order that neither touch nor overlap; empty ones are dropped."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def within_ms(spans: Sequence[Span], low: int, high: int) -> int:
    """How much of [low, high) the merged spans cover."""
    total = 0
    first = max(0, bisect_right(spans, (low, low)) - 1)
    for start, end in spans[first:]:
        if start >= high:
            break
        total += max(0, min(end, high) - max(start, low))
    return total


def without(spans: Iterable[Span], taken: Sequence[Span]) -> list[Span]:
    """The spans, merged, less the merged spans `taken`."""
    left: list[Span] = []
    for start, end in merge(spans):
        for low, high in taken:
            if high <= start:
                continue
            if low >= end:
                break
            if start < low:
                left.append((start, low))
            start = max(start, high)
        if start < end:
            left.append((start, end))
    return left


def excused(outages: Iterable[Span]) -> list[Span]:
    """When no kiosk is blamed for its silence: outages, and until all can be back."""
    return merge((start, end + RETURN_MS) for start, end in outages)


def blamed(silences: Iterable[Span], outages: Sequence[Span], *, after_ms: int) -> list[Span]:
    """The silences that are the kiosk's own, less the time in which the server did not run.

    after_ms: of one that the server's outage had a part in, so much has to be left that it counts.
    """
    free = excused(outages)
    own = []
    for start, end in merge(silences):
        excused_ms = within_ms(free, start, end)
        if not excused_ms or end - start - excused_ms > after_ms:
            own.append((start, end))
    return without(own, merge(outages))


def uptime(
    heard: Heard,
    *,
    first: date,
    days: int,
    hours: Sequence[ConfigHours],
    zone: ZoneInfo,
    holidays: Collection[date] = (),
) -> dict[date, dict[int, Cell]]:
    """Cells by local date and hour, for every hour (0..23) that is open on any day of the week.

    hours: opening stretches; an empty list means that none were configured: ASSUMED. holidays:
    days that are closed whatever the hours say.
    """
    stretches = hours or ASSUMED
    columns = open_hours(stretches)
    return {
        day: {
            hour: _cell(heard, day, hour, () if day in holidays else stretches, zone)
            for hour in columns
        }
        for day in (first + timedelta(days=step) for step in range(days))
    }


def open_spans(
    *,
    first: date,
    days: int,
    hours: Sequence[ConfigHours],
    zone: ZoneInfo,
    holidays: Collection[date] = (),
) -> list[Span]:
    """When it was open on these days, merged."""
    return merge(
        (instant(day, minutes(stretch.start), zone), instant(day, minutes(stretch.end), zone))
        for day in (first + timedelta(days=step) for step in range(days))
        for stretch in hours or ASSUMED
        if day.isoweekday() in stretch.days and day not in holidays
    )


def open_hours(hours: Sequence[ConfigHours]) -> list[int]:
    """The hours of the day (0..23) in which some stretch lies."""
    found = set()
    for stretch in hours:
        start, end = minutes(stretch.start), minutes(stretch.end)
        found |= set(range(start // 60, (end + 59) // 60))
    return sorted(found)


def is_open(
    at_ms: int,
    *,
    hours: Sequence[ConfigHours],
    zone: ZoneInfo,
    holidays: Collection[date] = (),
) -> bool:
    """Whether an instant lies in the opening hours."""
    local = datetime.fromtimestamp(at_ms / 1000, zone)
    minute = local.hour * 60 + local.minute
    return local.date() not in holidays and any(
        local.isoweekday() in stretch.days
        and minutes(stretch.start) <= minute < minutes(stretch.end)
        for stretch in hours or ASSUMED
    )


def total(table: dict[date, dict[int, Cell]]) -> float | None:
    """The share of all known open time in which the kiosk was heard."""
    cells = [cell for row in table.values() for cell in row.values()]
    known = sum(cell.known_ms for cell in cells)
    return sum(cell.heard_ms for cell in cells) / known if known else None


def _cell(heard: Heard, day: date, hour: int, hours: Sequence[ConfigHours], zone: ZoneInfo) -> Cell:
    spans = []
    for stretch in hours:
        if day.isoweekday() in stretch.days:
            start = max(minutes(stretch.start), hour * 60)
            end = min(minutes(stretch.end), hour * 60 + 60)
            if start < end:
                spans.append((instant(day, start, zone), instant(day, end, zone)))
    spans = merge(spans)
    if not spans:  # closed, or an hour that the clock's change left out
        return Cell("closed")
    if spans[0][0] >= heard.now_ms:
        return Cell("future")
    if spans[-1][1] <= heard.since_ms:
        return Cell("before")
    known = [(max(start, heard.since_ms), min(end, heard.now_ms)) for start, end in spans]
    known = without((span for span in known if span[0] < span[1]), heard.outages)
    known_ms = sum(end - start for start, end in known)
    if not known_ms:
        return Cell("outage")
    heard_ms = known_ms - sum(within_ms(heard.quiet, start, end) for start, end in known)
    return Cell("known", heard_ms / known_ms, heard_ms, known_ms)


def instant(day: date, minute: int, zone: ZoneInfo) -> int:
    """Unix ms of a local minute of the day (0..1440); of two such minutes the first, and one that
    the clock's change leaves out is the instant of the change, so that hours never overlap."""
    local = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
    there = datetime.fromtimestamp(local.timestamp(), zone).replace(tzinfo=None)
    if there == local.replace(tzinfo=None):
        return round(local.timestamp() * 1000)
    return _change(local, zone)


def _change(local: datetime, zone: ZoneInfo) -> int:
    """The first instant after a local time that does not exist."""
    low = int(local.timestamp()) - 86_400
    high = low + 2 * 86_400
    wanted = local.replace(tzinfo=None)
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).replace(tzinfo=None) < wanted:
            low = middle
        else:
            high = middle
    return high * 1000


def minutes(clock: str) -> int:
    """`07:30` as minutes since midnight."""
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute)
