"""Which units are to be watched: a day of theirs is over, or their past changed."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, Sum

from server.analytics.models import COUNTED, UnitMonth
from server.database import as_rows
from server.organisation.periods import day_of
from server.organisation.selectors import timezones_of
from server.signals.limits import DEFAULT, Limits, volume_of
from server.signals.models import Budget, WatchedUnit
from server.stages import in_groups

SETTLED_MS = 2 * 3_600_000  # kiosks have told of a day two hours after it
AGAIN_MS = 600_000  # a kiosk that sends a year's votes changes the past every second
LONGEST_WAIT = timedelta(days=1)
AT_ONCE = 1_000
SELECT_CANDIDATES = (
    "SELECT c.unit, c.gen, w.gen, w.through, w.watched_ms FROM analytics_countedunit c "
    "LEFT JOIN signals_watchedunit w ON w.unit = c.unit "
    "WHERE w.unit IS NULL OR w.through < %s OR w.gen < c.gen"
)
SELECT_PAST = (
    "SELECT DISTINCT c.unit FROM (VALUES {rows}) AS w "
    "JOIN attribution_changedday c ON c.unit = w.column1 AND c.gen > w.column2 "
    "WHERE c.first_day <= w.column3"
)
# Half of the votes of a day would say that the other half stayed away.
SELECT_BEHIND = (
    "SELECT DISTINCT j.unit FROM ingest_journal j LEFT JOIN attribution_attributedjournal a "
    "ON a.unit = j.unit AND a.journal = j.journal "
    "WHERE j.unit IN ({units}) AND j.acked > coalesce(a.seq, 0)"
)
SELECT_UNCOUNTED = (
    "SELECT c.unit FROM attribution_changedunit c JOIN analytics_countedunit n ON n.unit = c.unit "
    "WHERE c.unit IN ({units}) AND c.gen > n.gen"
)
SELECT_SERVED = (
    "SELECT t.unit, count(*), sum(CAST(t.n AS BIGINT)), sum(t.n %% 9973 * (t.n %% 9973)) "
    "FROM (VALUES {rows}) AS w JOIN dossiers_transactions t ON t.unit = w.column1 "
    "WHERE t.date <= w.column2 GROUP BY t.unit"
)
SELECT_DOSSIERS = (
    "SELECT d.unit, count(*) FROM (VALUES {rows}) AS w "
    "JOIN dossiers_dossier d ON d.unit = w.column1 "
    "WHERE d.received_ms < w.column2 AND d.counter <> '' GROUP BY d.unit"
)


class Waiting(NamedTuple):
    """A unit to be watched through a day. gen: of the counts as they stand. anew: its past is not
    what it was, so nothing that is known of it holds."""

    unit: str
    gen: int
    through: date
    anew: bool


def waiting_units(now_ms: int, among: Collection[str] | None = None) -> list[Waiting]:
    """The units to be watched now; of some units: whatever stands of them at this moment.

    One whose lines still wait to be understood or counted waits too, for a day at most.
    """
    newest = day_of(now_ms - SETTLED_MS + 14 * 3_600_000, "UTC")  # nowhere is it later
    rows = [row for row in _rows(SELECT_CANDIDATES, [newest]) if among is None or row[0] in among]
    if not rows:
        return []
    names = [row[0] for row in rows]
    zones = {
        unit: zone
        for group in in_groups(names, AT_ONCE)
        for unit, zone in timezones_of(group).items()
    }
    closed = {
        zone: day_of(now_ms - SETTLED_MS, zone.key) - timedelta(days=1)
        for zone in set(zones.values())
    }
    ends = {row[0]: closed[zones[row[0]]] for row in rows}
    known = {row[0]: (row[2], _day(row[3]), row[4]) for row in rows if row[2] is not None}
    changed = _changed_past({unit: (gen, day) for unit, (gen, day, _) in known.items()})
    found = []
    behind = _behind(names)
    for unit, gen, *_ in rows:
        before = known.get(unit)
        if unit in behind and (before is None or ends[unit] - before[1] <= LONGEST_WAIT):
            continue
        if before is None:
            found.append(Waiting(unit, gen, ends[unit], True))
        elif unit in changed and (now_ms - before[2] >= AGAIN_MS or ends[unit] > before[1]):
            found.append(Waiting(unit, gen, max(ends[unit], before[1]), True))
        elif unit not in changed and ends[unit] > before[1]:
            found.append(Waiting(unit, gen, ends[unit], False))
    return found


def limits_now() -> Limits:
    """From the busiest month there was, and the budget that the province has set."""
    rated = F("n1") + F("n2") + F("n3") + F("n4") + F("n5")
    months = (
        UnitMonth.objects.filter(state=COUNTED, first_month=F("last_month"))
        .values_list("first_month")
        .annotate(n=Sum(rated))
    )
    busiest = max((n for _, n in months), default=0)
    budget = Budget.objects.values_list("alarms", flat=True).first()
    return Limits(volume_of(busiest), budget or DEFAULT)


def with_other_limits(limits: Limits) -> set[str]:
    """The units whose thresholds were made from others."""
    return set(
        WatchedUnit.objects.exclude(volume=limits.volume, budget=limits.budget).values_list(
            "unit", flat=True
        )
    )


def served_marks(through: Mapping[str, date], until_ms: Mapping[str, int]) -> dict[str, str]:
    """What there is of citizens served up to a day of each unit, in a few numbers: other numbers
    mean that a file was imported or undone. Transactions, and only without any the dossiers."""
    found = {
        unit: f"t{n} {total} {squares}"
        for group in in_groups(sorted(through.items()), AT_ONCE)
        for unit, n, total, squares in _rows(
            SELECT_SERVED.format(rows=as_rows(group)), [v for row in group for v in row]
        )
    }
    rest = sorted((unit, until_ms[unit]) for unit in through if unit not in found)
    for group in in_groups(rest, AT_ONCE):
        sql = SELECT_DOSSIERS.format(rows=as_rows(group))
        found |= {unit: f"d{n}" for unit, n in _rows(sql, [v for row in group for v in row])}
    return {unit: found.get(unit, "") for unit in through}


def _changed_past(known: Mapping[str, tuple[int, date]]) -> set[str]:
    """Of units watched at a gen through a day, those of which an earlier day changed since."""
    rows = [(unit, *at) for unit, at in sorted(known.items())]
    return {
        unit
        for group in in_groups(rows, AT_ONCE)
        for (unit,) in _rows(
            SELECT_PAST.format(rows=as_rows(group)), [v for row in group for v in row]
        )
    }


def _behind(units: list[str]) -> set[str]:
    """Those of the units of which something accepted is not counted yet."""
    return {
        unit
        for group in in_groups(units, AT_ONCE)
        for sql in (SELECT_BEHIND, SELECT_UNCOUNTED)
        for (unit,) in _rows(sql.format(units=", ".join(["%s"] * len(group))), list(group))
    }


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
