"""What waits to be flagged, and the votes of days: few statements for many units."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection

from server.database import as_day, as_rows
from server.flags.models import FlaggedDay
from server.flags.rules import RULES_VERSION, USUAL_DAYS
from server.stages import in_groups

AT_ONCE = 1_000  # rows in one statement
_FLAGGED = (
    "LEFT JOIN flags_flaggedday d ON d.unit = c.unit AND d.counter = c.counter "
    "AND d.first_day = c.first_day AND d.last_day = c.last_day "
)
SELECT_UNITS = (
    "SELECT c.unit, coalesce(f.version, 0), c.gen FROM attribution_changedunit c "
    "LEFT JOIN flags_flaggedunit f ON f.unit = c.unit "
    "WHERE f.gen IS NULL OR f.gen < c.gen OR f.version <> %s ORDER BY c.unit"
)
SELECT_WAITING = (
    "SELECT c.unit, c.counter, c.first_day, c.last_day "  # noqa: S608 - no input
    "FROM attribution_changedunit u "
    "LEFT JOIN flags_flaggedunit n ON n.unit = u.unit "
    "JOIN attribution_changedday c ON c.unit = u.unit AND c.gen > coalesce(n.gen, 0) "
    f"{_FLAGGED}WHERE u.unit IN ({{units}}) AND (d.gen IS NULL OR d.gen <> c.gen)"
)
SELECT_GENS = (
    "SELECT c.unit, c.counter, c.first_day, c.last_day, c.gen, d.gen "
    "FROM (VALUES {rows}) AS w "
    "JOIN attribution_changedday c ON c.unit = w.column1 AND c.counter = w.column2 "
    "AND c.first_day = w.column3 AND c.last_day = w.column4 " + _FLAGGED
)
# LEFT: SQLite then keeps to this order, in which each finds its few rows.
SELECT_VOTES = (
    "SELECT w.column5, a.journal, a.seq, v.kiosk, v.low_ms, v.high_ms, v.rating, v.counter, "
    "a.state FROM (VALUES {rows}) AS w LEFT JOIN attribution_attribution a ON a.unit = w.column1 "
    "AND a.counter = w.column2 AND a.first_day = w.column3 AND a.last_day = w.column4 "
    "LEFT JOIN votes_vote v ON v.unit = a.unit AND v.journal = a.journal AND v.seq = a.seq"
)
SELECT_BESIDE = (
    "SELECT c.unit, c.counter, c.first_day, c.last_day FROM (VALUES {rows}) AS w "
    "JOIN flags_flaggedday c ON c.unit = w.column1 AND c.first_day = w.column2 "
    "AND c.last_day = w.column2"
)
SELECT_SIGN_INS = (
    "SELECT w.column1, w.column2, d.journal, d.low_ms FROM (VALUES {rows}) AS w "
    "LEFT JOIN attribution_counterduty d ON d.unit = w.column1 AND d.counter = w.column2 "
    "AND d.high_ms >= w.column3 AND d.high_ms < w.column4 AND d.low_ms = d.high_ms"
)
SELECT_FLAGS = (
    "SELECT f.unit, f.journal, f.seq, f.flag, f.version, f.held, f.counter, f.day "
    "FROM (VALUES {rows}) AS w LEFT JOIN flags_flag f ON f.unit = w.column1 AND f.day = w.column2 "
    "AND f.counter = w.column3"
)
SELECT_USUAL = (
    "SELECT low_ms, rating FROM votes_vote "
    "WHERE unit = %s AND kiosk = %s AND low_ms >= %s AND low_ms < %s"
)


class Day(NamedTuple):
    """A day at a counter, or the several that an uncertain time spans."""

    unit: str
    counter: str
    first_day: date
    last_day: date


class Since(NamedTuple):
    """A unit with days that wait: those up to `changed`. version: of the rules it went through."""

    unit: str
    version: int
    changed: int


class Seen(NamedTuple):
    """A vote as the stage sees it. place: of its day among those that were asked for; named: the
    counter that it names itself."""

    place: int
    journal: str
    seq: int
    kiosk: str
    low_ms: int
    high_ms: int
    rating: int
    named: str
    state: str


class Gens(NamedTuple):
    """In which gen a day last changed, and at which it was flagged."""

    changed: int
    flagged: int | None


def changed_units() -> list[Since]:
    """The units of which something changed since they were flagged, or the rules did."""
    return [Since(*row) for row in _rows(SELECT_UNITS, [RULES_VERSION])]


def waiting_days(units: Sequence[str]) -> list[Day]:
    """The units' days that changed since they were flagged, in their order."""
    sql = SELECT_WAITING.format(units=", ".join(["%s"] * len(units)))
    return sorted(_day(row) for row in _rows(sql, units))


def gens_of(days: Sequence[Day]) -> dict[Day, Gens]:
    """How these days stand."""
    return {_day(row): Gens(*row[4:]) for row in _each(SELECT_GENS, days)}


def votes_of(days: Sequence[Day]) -> list[Seen]:
    """Every vote of these days."""
    rows = [(*day, place) for place, day in enumerate(days)]
    return [Seen._make(row) for row in _each(SELECT_VOTES, rows) if row[3] is not None]


def days_beside(days: Iterable[Day]) -> set[Day]:
    """The days of the same dates at every counter of these units, as far as they are flagged."""
    rows = sorted({(day.unit, day.first_day) for day in days if day.first_day == day.last_day})
    return {_day(row) for row in _each(SELECT_BESIDE, rows)}


def crowded_after(days: Collection[Day]) -> set[Day]:
    """The days that were compared with one of these."""
    firsts: dict[str, list[date]] = {}
    for day in days:
        firsts.setdefault(day.unit, []).append(day.first_day)
    after, until = min(day.first_day for day in days), max(day.first_day for day in days)
    rows = FlaggedDay.objects.filter(
        unit__in=list(firsts),
        crowded=True,
        first_day__gt=after,
        first_day__lte=until + timedelta(days=USUAL_DAYS + 1),
    )
    keys = rows.values_list("unit", "counter", "first_day", "last_day")
    found = set()
    for row in keys:
        if any(0 < (row[2] - first).days <= USUAL_DAYS + 1 for first in firsts[row[0]]):
            found.add(Day(*row))
    return found - set(days)


def flags_on(days: Iterable[Day]) -> Iterator[tuple[Any, ...]]:
    """unit, journal, seq, flag; version, held, counter, day of each flag that stands there."""
    rows = sorted({(day.unit, day.first_day, day.counter) for day in days})
    for *key, version, held, counter, day in _each(SELECT_FLAGS, rows):
        if key[0] is not None:
            yield *key, version, bool(held), counter, as_day(day)


def sign_ins(rows: Sequence[tuple[str, str, int, int]]) -> dict[tuple[str, str, str], list[int]]:
    """When officials signed in for certain, by unit, counter and journal, in order. rows: unit,
    counter and a stretch of unix ms."""
    found: dict[tuple[str, str, str], set[int]] = {}
    for unit, counter, journal, low_ms in _each(SELECT_SIGN_INS, rows):
        if journal is not None:
            found.setdefault((unit, counter, journal), set()).add(low_ms)
    return {key: sorted(times) for key, times in found.items()}


def ratings_between(unit: str, kiosk: str, from_ms: int, to_ms: int) -> list[list[int]]:
    """When a kiosk's votes of each rating 1..5 were cast, in order."""
    found: list[list[int]] = [[] for _ in range(5)]
    for ms, rating in _rows(SELECT_USUAL, [unit, kiosk, from_ms, to_ms]):
        found[rating - 1].append(ms)
    for times in found:
        times.sort()
    return found


def _day(row: Sequence[Any]) -> Day:
    return Day(row[0], row[1], as_day(row[2]), as_day(row[3]))


def _each(sql: str, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for some in in_groups(rows, AT_ONCE):
        yield from _rows(sql.format(rows=as_rows(some)), [value for row in some for value in row])


def _rows(sql: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        yield from cursor.fetchall()
