"""Signals for pages and commands, and the course of what one is about: tallies only, no vote."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, Min, QuerySet

from server.organisation.selectors import timezones_of
from server.signals.days import UnitDays
from server.signals.gathering import gather
from server.signals.kinds import COMPLAINTS, GONE, INVITED, MASKED, NEVER, SCORE, SILENCE, Key
from server.signals.models import Signal, WatchedUnit
from server.signals.waiting import limits_now
from server.stages import in_groups

__all__ = ["Course", "Line", "counts_by_state", "course_of", "limits_now", "open_signals",
           "signal", "signals", "watched_through"]  # fmt: skip
WEEKS_BEFORE: Final = 26
WEEKS_AFTER: Final = 13
AT_ONCE: Final = 10_000


@dataclass(frozen=True)
class Line:
    """x of n by period; n 0 where there was nothing. name: complaints, response, satisfied,
    invited, uninvited, share, votes, citizens, hours."""

    name: str
    x: tuple[int, ...]
    n: tuple[int, ...]


@dataclass(frozen=True)
class Course:
    """periods: first days. step: days of a period. Counts have n 0 throughout: their x is told."""

    periods: tuple[date, ...]
    step: int
    lines: tuple[Line, ...]


def signals(
    *, units: Collection[str] | None = None, state: str = "", kind: str = "", most: int = 0
) -> list[Signal]:
    """Signals, newest first; units None: of all. most: at most so many; 0: every one."""
    chosen = {name: value for name, value in (("state", state), ("kind", kind)) if value}
    rows = [row for some in _of(units) for row in some.filter(**chosen)]
    rows.sort(key=lambda row: (-row.found_date.toordinal(), row.unit, -row.number))
    return rows[:most] if most else rows


def signal(*, unit: str, number: int) -> Signal | None:
    return Signal.objects.filter(unit=unit, number=number).first()


def open_signals(*, units: Collection[str]) -> dict[str, int]:
    """How many signals of each unit wait for somebody or are looked into; units without any are
    left out."""
    found: dict[str, int] = {}
    for some in _of(units):
        rows = some.filter(stands=True).exclude(state="closed")
        found |= dict(rows.values_list("unit").annotate(n=Count("number")).order_by())
    return found


def counts_by_state(*, units: Collection[str]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for some in _of(units):
        found.update(dict(some.values_list("state").annotate(n=Count("number")).order_by()))
    return dict(found)


def watched_through(*, units: Collection[str]) -> date | None:
    """The last day through which each of the units is watched; None: none of them is yet."""
    ends = (
        WatchedUnit.objects.filter(unit__in=some).aggregate(first=Min("through"))["first"]
        for some in in_groups(sorted(units), AT_ONCE)
    )
    return min((end for end in ends if end is not None), default=None)


def _of(units: Collection[str] | None) -> Iterator[QuerySet[Signal]]:
    """The signals of so many units that a statement can name them."""
    if units is None:
        yield Signal.objects.all()
        return
    for some in in_groups(sorted(units), AT_ONCE):
        yield Signal.objects.filter(unit__in=some)


def course_of(found: Signal) -> Course:
    """What a signal is about, by weeks from half a year before it to a quarter after; of a kiosk
    that fell silent by days, of revisions and invitations by periods of four weeks."""
    step = {SILENCE: 1, "revised-up": 28, INVITED: 28}.get(found.kind, 7)
    first = found.found_date - timedelta(weeks=WEEKS_BEFORE if step > 1 else 3)
    first -= timedelta(days=first.weekday())
    last = found.found_date + timedelta(weeks=WEEKS_AFTER if step > 1 else 2)
    watched = watched_through(units=[found.unit])
    last = min(last, watched) if watched else last
    marks = WatchedUnit.objects.filter(unit=found.unit).values_list("served", flat=True).first()
    counting = {found.unit} if (marks or "").startswith("t") else set()
    zones = timezones_of([found.unit])
    ((_, days),) = gather(zones, counting, first - timedelta(days=1), last)
    periods = tuple(
        first + timedelta(days=at) for at in range(0, max(1, (last - first).days + 1), step)
    )
    places = [(day - first.toordinal()) // step for day in days.days]
    lines = [_line(name, places, len(periods), x, n) for name, x, n in _series(found, days)]
    begun = min((place for place in places if place >= 0), default=0)  # no votes before
    cut = (Line(line.name, line.x[begun:], line.n[begun:]) for line in lines)
    return Course(periods[begun:], step, tuple(cut))


def _series(found: Signal, days: UnitDays) -> list[tuple[str, Any, Any]]:
    """The one or two series that show it, by day."""
    key = Key(*(getattr(found, field) for field in Key._fields))
    by_key = {each: (x, n) for each, x, n in days.sums()}
    nothing = [0] * len(days.days)
    if found.kind in (SILENCE, GONE) and found.counter not in days.counters:
        return []
    at = days.counters.index(found.counter) if found.counter in days.counters else -1
    if found.kind == SILENCE:
        return [("votes", days.pressed[:, at].sum(axis=1), nothing),
                ("citizens", days.served[:, at], nothing)]  # fmt: skip
    if found.kind == GONE:
        return [("hours", [int(bits).bit_count() for bits in days.gone[:, at]], nothing)]
    if found.kind == NEVER:
        by_gap = {each: (x, n) for each, x, n in days.gaps()}
        return [("share", *by_gap[key])] if key in by_gap else []
    if found.kind == INVITED and found.side == SCORE:
        return _invited(found.official, days)
    if found.kind == MASKED:
        response = key._replace(kind="response", side="down")
        pairs = [("satisfied", key), ("response", response)]
        return [(name, *by_key[each]) for name, each in pairs if each in by_key]
    name = found.kind if found.kind in (COMPLAINTS, "response") else "share"
    return [(name, *by_key[key])] if key in by_key else []


def _invited(official: str, days: UnitDays) -> list[tuple[str, Any, Any]]:
    if official not in days.officials:
        return []
    n, good, invited, pleased = days.of_official[:, days.officials.index(official), :4].T
    return [("invited", pleased, invited), ("uninvited", good - pleased, n - invited)]


def _line(name: str, places: Sequence[int], periods: int, x: Any, n: Any) -> Line:
    sums = [[0, 0] for _ in range(periods)]
    for place, events, of in zip(places, x, n, strict=True):
        if 0 <= place < periods:
            sums[place][0] += int(events)
            sums[place][1] += int(of)
    return Line(name, tuple(each[0] for each in sums), tuple(each[1] for each in sums))
