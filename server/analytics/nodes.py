"""The figures of a unit with all beneath it: as they stood (as-was), or as units are today (as-is).

Old figures are never rewritten. As-was adds up who stood beneath the unit, while they did; as-is
follows what units became, and says which votes nobody can map.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from django.db import connection
from django.db.models import QuerySet, Sum

from server import clock
from server.analytics.figure import (
    Counts,
    Figure,
    Period,
    States,
    figure_of,
    figures_of,
    states_of,
)
from server.analytics.models import COUNTED, Shown, UnitMonth
from server.analytics.pending import AT_ONCE, last_day_of, received_until
from server.database import as_rows
from server.organisation.selectors import (
    Membership,
    beneath,
    codes_beneath,
    predecessors_of,
    today_of,
)
from server.stages import in_groups

RATED = ("n1", "n2", "n3", "n4", "n5")
# Of a month in which a unit came or went: its days from column4 to column5.
SELECT_DAYS = (
    "SELECT t.unit, sum(t.n1 + t.n2 + t.n3 + t.n4 + t.n5) FROM (VALUES {rows}) AS w "
    "JOIN analytics_tally t ON t.unit = w.column1 AND t.state = 'counted' "
    "AND t.first_day BETWEEN w.column2 AND w.column4 "
    "AND t.last_day BETWEEN w.column3 AND w.column5 GROUP BY t.unit"
)


class Unmapped(NamedTuple):
    """Votes of an old unit that belong to no one unit of today; why: organisation.as_is."""

    n: int
    why: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class NodeFigures:
    """A unit with all beneath it. units: by code, itself included; as-is: of today.

    unmapped: by old unit (as-is only); unmapped_share: of all votes of the view, None without any.
    The shares are of whole months: in one in which a unit came or went its votes count in n alone.
    as_of_ms: everything received before is counted. states: of all votes of these units' months;
    states_by: of each unit, as-is of those that became it.
    """

    total: Figure
    units: dict[str, Figure] = field(default_factory=dict)
    unmapped: dict[str, Unmapped] = field(default_factory=dict)
    unmapped_share: float | None = None
    as_of_ms: int = 0
    states: States = field(default_factory=States)
    states_by: dict[str, States] = field(default_factory=dict)


class _Month(NamedTuple):
    """n1..n5 of a unit's month, or of the months that an uncertain time spans."""

    unit: str
    first: date
    last: date
    counts: Counts

    @property
    def days(self) -> tuple[date, date]:
        return self.first, last_day_of(self.last)


def node_figures(
    *,
    unit: str,
    period: Period,
    today: date,
    view: Literal["as-was", "as-is"] = "as-was",
    now_ms: int | None = None,
) -> NodeFigures:
    """The figures of a unit and all beneath it in a period; today: the day whose units as-is means.

    Votes of uncertain time count if the period and the unit's time beneath hold the whole interval.
    """
    now_ms = clock.now_ms() if now_ms is None else now_ms
    return (_as_is if view == "as-is" else _as_was)(unit, period, today, now_ms)


def _as_was(unit: str, period: Period, today: date, now_ms: int) -> NodeFigures:
    members = beneath(unit, period.first, period.last)
    codes = {member.unit for member in members}
    as_of_ms = received_until(units=codes, now_ms=now_ms)
    spells: dict[str, list[Membership]] = {}
    for member in members:
        spells.setdefault(member.unit, []).append(member)
    # Most units stand beneath it all the time: only the others are looked at month by month.
    held = {code for code in codes if _hold(spells[code], period.first, period.last)}
    votes, cells = _by_unit(_votes(held, period)), _by_unit(_cells(held, period))
    cut: list[_Month] = []
    for month in _by_month(_votes(codes - held, period)):
        if _hold(spells[month.unit], *month.days):
            votes.append((month.unit, month.counts))
        else:
            cut.append(month)
    days = _of_days([days for month in cut for days in _days(month, spells[month.unit])])
    cells += [
        (month.unit, month.counts)
        for month in _by_month(_cells(codes - held, period))
        if _hold(spells[month.unit], *month.days)
    ]
    return _figures([*_totals(votes), *days], cells, {}, as_of_ms, _left_out(codes, period), {})


def _as_is(unit: str, period: Period, today: date, now_ms: int) -> NodeFigures:
    below = {*codes_beneath(unit, today)}
    before = predecessors_of([unit])
    # Also who ended beneath what this unit was once: nobody may have entered a successor.
    old = {each.unit for code in before for each in beneath(code, period.first, period.last)}
    codes = below | predecessors_of(below) | old
    as_of_ms = received_until(units=codes, now_ms=now_ms)
    votes = dict(_totals(_by_unit(_votes(codes, period))))
    becomes = today_of(sorted(codes), today, ancestor=unit)
    now = {code: each.unit for code, each in becomes.items() if each.unit in below}
    lost = {
        code: Unmapped(votes[code], each.why, each.parts)
        for code, each in becomes.items()
        if each.unit is None and votes.get(code) and (below & {*each.parts} or not each.parts)
    }
    return _figures(
        [(now[code] or "", n) for code, n in votes.items() if code in now],
        [
            (now[code] or "", counts)
            for code, counts in _by_unit(_cells(codes, period))
            if code in now
        ],
        lost,
        as_of_ms,
        _left_out(codes, period),
        now,
    )


def _left_out(units: Collection[str], period: Period) -> list[tuple[str, str, int]]:
    """How many votes of these units' months do not count: unit, state, n."""
    rows = UnitMonth.objects.filter(unit__in=units, **_within(period)).exclude(state=COUNTED)
    sums = rows.values_list("unit", "state").annotate(*(Sum(n) for n in RATED))
    return [(unit, state, sum(counts)) for unit, state, *counts in sums]


def _figures(
    ns: list[tuple[str, int]],
    cells: list[tuple[str, Counts]],
    unmapped: dict[str, Unmapped],
    as_of_ms: int,
    left_out: list[tuple[str, str, int]],
    now: dict[str, str],
) -> NodeFigures:
    """now: what old units are today, those that are themselves left out."""
    counted = [(unit, COUNTED, n) for unit, n in ns]
    by_unit: dict[str, list[tuple[str, int]]] = {}
    for unit, state, each in [*counted, *((now.get(u, u), s, k) for u, s, k in left_out)]:
        by_unit.setdefault(unit, []).append((state, each))
    n, lost = sum(n for _, n in ns), sum(each.n for each in unmapped.values())
    return NodeFigures(
        total=figure_of(n, (counts for _, counts in cells)),
        units=figures_of(ns, cells),
        unmapped=unmapped,
        unmapped_share=lost / (n + lost) if n + lost else None,
        as_of_ms=as_of_ms,
        states=states_of(row for rows in by_unit.values() for row in rows),
        states_by={unit: states_of(rows) for unit, rows in by_unit.items()},
    )


def _votes(units: Collection[str], period: Period) -> QuerySet[UnitMonth]:
    """The months of these units: how many votes."""
    return UnitMonth.objects.filter(unit__in=units, state=COUNTED, **_within(period))


def _cells(units: Collection[str], period: Period) -> QuerySet[Shown]:
    """The cells of these units: what may be shown."""
    return Shown.objects.filter(unit__in=units, counted=True, **_within(period))


def _within(period: Period) -> dict[str, date]:
    return {"first_month__gte": period.first, "last_month__lte": period.last}


def _by_unit(rows: QuerySet[Any]) -> list[tuple[str, Counts]]:
    """n1..n5 of each unit that has any."""
    sums = rows.values_list("unit").annotate(*(Sum(n) for n in RATED))
    return [(unit, tuple(counts)) for unit, *counts in sums]


def _by_month(rows: QuerySet[Any]) -> list[_Month]:
    """n1..n5 of each unit and month that has any."""
    sums = rows.values_list("unit", "first_month", "last_month").annotate(*(Sum(n) for n in RATED))
    return [_Month(unit, first, last, tuple(counts)) for unit, first, last, *counts in sums]


def _totals(rows: Iterable[tuple[str, Counts]]) -> list[tuple[str, int]]:
    return [(unit, sum(counts)) for unit, counts in rows]


def _hold(spells: Iterable[Membership], first: date, last: date) -> bool:
    """Whether one of a unit's times beneath another holds all these days."""
    return any(
        (spell.started_date is None or spell.started_date <= first)
        and (spell.ended_date is None or last < spell.ended_date)
        for spell in spells
    )


def _days(month: _Month, spells: list[Membership]) -> Iterator[tuple[Any, ...]]:
    """Between which first and which last days its votes lie within one of the spells."""
    for spell in spells:
        first = max(month.first, spell.started_date or month.first)
        last = last_day_of(month.last)
        if spell.ended_date is not None:
            last = min(last, spell.ended_date - timedelta(days=1))
        if first <= last_day_of(month.first) and month.last <= last:
            yield month.unit, first, max(month.last, first), last_day_of(month.first), last


def _of_days(days: list[tuple[Any, ...]]) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    with connection.cursor() as cursor:
        for group in in_groups(days, AT_ONCE):
            values = [value for row in group for value in row]
            cursor.execute(SELECT_DAYS.format(rows=as_rows(group)), values)
            found += cursor.fetchall()
    return found
