"""Days that wait to be counted, and how complete a unit's figures are: "data as of"."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max

from server.analytics.models import CountedDay
from server.database import as_day, as_rows
from server.ingest.models import Journal
from server.ledger.selectors import received_at
from server.stages import in_groups

AT_ONCE = 1_000  # rows in one statement: SQLite takes 32,766 values

OF_CHANGED = (
    "FROM attribution_changedday c LEFT JOIN analytics_countedday d ON d.unit = c.unit "
    "AND d.counter = c.counter AND d.first_day = c.first_day AND d.last_day = c.last_day "
    "WHERE c.unit = %s AND c.gen > %s AND (d.gen IS NULL OR d.gen <> c.gen)"
)
SELECT_CHANGED = (
    "SELECT c.unit, c.counter, c.first_day, c.last_day FROM attribution_changedunit u "
    "LEFT JOIN analytics_countedunit n ON n.unit = u.unit "
    "JOIN attribution_changedday c ON c.unit = u.unit AND c.gen > coalesce(n.gen, 0) "
    "LEFT JOIN analytics_countedday d ON d.unit = c.unit AND d.counter = c.counter "
    "AND d.first_day = c.first_day AND d.last_day = c.last_day "
    "WHERE u.unit IN ({units}) AND (d.gen IS NULL OR d.gen <> c.gen)"
)
ANY_CHANGED = f"SELECT 1 {OF_CHANGED} LIMIT 1"
SELECT_UNITS = (
    "SELECT c.unit, coalesce(d.gen, 0), c.gen FROM attribution_changedunit c "
    "LEFT JOIN analytics_countedunit d ON d.unit = c.unit WHERE d.gen IS NULL OR d.gen < c.gen "
    "ORDER BY c.unit"
)
SELECT_BEHIND = SELECT_UNITS.replace(
    "WHERE d.gen IS NULL OR d.gen < c.gen",
    "WHERE c.unit IN ({units}) AND (d.gen IS NULL OR d.gen < c.gen)",
)
SELECT_DAYS = (
    "SELECT c.counter, c.first_day, c.last_day, c.gen, d.gen "
    "FROM attribution_changedday c LEFT JOIN analytics_countedday d ON d.unit = c.unit "
    "AND d.counter = c.counter AND d.first_day = c.first_day AND d.last_day = c.last_day "
    "WHERE c.unit = %s"
)
COUNT_WAITING = (
    "SELECT count(*) FROM attribution_changedday c LEFT JOIN analytics_countedday d "
    "ON d.unit = c.unit AND d.counter = c.counter AND d.first_day = c.first_day "
    "AND d.last_day = c.last_day WHERE d.gen IS NULL OR d.gen <> c.gen"
)
SELECT_UNATTRIBUTED = (
    "SELECT j.unit, j.journal, coalesce(a.seq, 0) FROM ingest_journal j "
    "LEFT JOIN attribution_attributedjournal a ON a.unit = j.unit AND a.journal = j.journal "
    "WHERE j.unit IN ({units}) AND j.acked > coalesce(a.seq, 0)"
)


# Of these days (rows) those that changed since they were counted, and in which gen; and whether
# their votes are those of the last count.
SELECT_GENS = (
    "SELECT c.unit, c.counter, c.first_day, c.last_day, c.gen, d.gen = -c.gen "
    "FROM (VALUES {rows}) AS w "
    "JOIN attribution_changedday c ON c.unit = w.column1 AND c.counter = w.column2 "
    "AND c.first_day = w.column3 AND c.last_day = w.column4 "
    "LEFT JOIN analytics_countedday d ON d.unit = c.unit AND d.counter = c.counter "
    "AND d.first_day = c.first_day AND d.last_day = c.last_day "
    "WHERE d.gen IS NULL OR d.gen <> c.gen"
)


class Month(NamedTuple):
    """The months of a cell: of the first and of the last day, each by its first day."""

    first: date
    last: date


class Day(NamedTuple):
    """A day at a counter, or the several that an uncertain time spans."""

    unit: str
    counter: str
    first_day: date
    last_day: date

    @property
    def cell(self) -> tuple[str, str, Month]:
        """The counter's month(s) that this day belongs to."""
        return (
            self.unit,
            self.counter,
            Month(self.first_day.replace(day=1), self.last_day.replace(day=1)),
        )

    @property
    def unit_month(self) -> tuple[str, date, date]:
        """The unit's month(s) that this day belongs to."""
        return (self.unit, self.first_day.replace(day=1), self.last_day.replace(day=1))


def last_day_of(month: date) -> date:
    """The last day of the month that begins with `month`."""
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


class ChangedSince(NamedTuple):
    """A unit with changes that wait: those after `counted`, up to `changed`."""

    unit: str
    counted: int
    changed: int


def changed_units() -> list[ChangedSince]:
    """The units whose attributions changed since they were counted."""
    return [ChangedSince(*row) for row in _rows(SELECT_UNITS, [])]


def changed_days(units: Sequence[str]) -> list[Day]:
    """The units' days whose attributions changed since they were counted, a month's together."""
    rows = _rows(SELECT_CHANGED.format(units=marks(units)), units)
    return sorted(
        (Day(unit, counter, as_day(first), as_day(last)) for unit, counter, first, last in rows),
        key=lambda day: (day.unit_month, day),
    )


class Changed(NamedTuple):
    """In which gen a day last changed. again: it did not since it was counted, but a rebuild wants
    it counted once more."""

    gen: int
    again: bool


def gens_to_count(days: Sequence[Day]) -> dict[Day, Changed]:
    """Those of the days that changed since they were counted."""
    return {
        Day(unit, counter, as_day(first), as_day(last)): Changed(gen, bool(again))
        for group in in_groups(days, AT_ONCE)
        for unit, counter, first, last, gen, again in _rows(
            SELECT_GENS.format(rows=as_rows(group)), [value for day in group for value in day]
        )
    }


class Gens(NamedTuple):
    """In which gen a day last changed, and at which it was counted."""

    changed: int
    counted: int | None


def days_of(unit: str) -> dict[tuple[str, ...], Gens]:
    """Every day of a unit that ever had a vote, by counter, first and last day."""
    return {(c, str(f), str(t)): Gens(*gens) for c, f, t, *gens in _rows(SELECT_DAYS, [unit])}


def waiting_days() -> int:
    """How many days wait to be counted: looks at every day there is."""
    return int(next(_rows(COUNT_WAITING, []))[0])


def received_until(*, units: Collection[str], now_ms: int) -> int:
    """Unix ms: every line of these units that was received before it is counted."""
    if not units:
        return now_ms
    waiting = _rows(SELECT_UNATTRIBUTED.format(units=marks(units)), [*units])
    receipts = [received_at(unit=u, journal=journal, seq=seq + 1) for u, journal, seq in waiting]
    until = min([now_ms, *(at_ms for at_ms in receipts if at_ms is not None)])
    for unit, counted, _ in _rows(SELECT_BEHIND.format(units=marks(units)), [*units]):
        if any(True for _ in _rows(ANY_CHANGED, [unit, counted])):
            newest = CountedDay.objects.filter(unit=unit).aggregate(newest=Max("received_ms"))
            until = min(until, newest["newest"] or _first_receipt(unit, now_ms))
    return until


def marks(values: Collection[object]) -> str:
    """As many placeholders."""
    return ", ".join(["%s"] * len(values))


def _first_receipt(unit: str, now_ms: int) -> int:
    journals = Journal.objects.filter(unit=unit).values_list("journal", flat=True)
    receipts = (received_at(unit=unit, journal=journal, seq=1) for journal in journals)
    return min((at_ms for at_ms in receipts if at_ms is not None), default=now_ms)


def _rows(sql: str, values: Sequence[str | int | date]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        yield from cursor.fetchall()
