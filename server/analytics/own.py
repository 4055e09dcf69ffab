"""What an official may see of their own: sums of closed days, never a vote nor a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Sum

from server import clock
from server.analytics.drawing import FIVE
from server.analytics.figure import Figure, Period, States, figure_of, states_of
from server.analytics.models import COUNTED, OfficialMonth, Tally
from server.analytics.pending import received_until
from server.analytics.reasons import reason_counts
from server.attribution.selectors import units_naming
from server.database import as_day
from server.organisation.selectors import every_unit, timezones_of
from server.organisation.selectors import official as official_of

# Blocks whose votes had all been received before the day began.
SELECT_CELLS = (
    "SELECT c.last_month, sum(b.n1), sum(b.n2), sum(b.n3), sum(b.n4), sum(b.n5), "
    "sum(b.x1), sum(b.x2), sum(b.x3), sum(b.x4), sum(b.x5) "
    "FROM analytics_shown c JOIN analytics_block b ON b.unit = c.unit AND b.cell = c.number "
    "WHERE c.unit = %s AND c.official = %s AND c.first_month >= %s AND c.last_month <= %s "
    "AND c.counted AND b.shown AND b.until_ms < %s GROUP BY c.last_month"
)
RATED = ("n1", "n2", "n3", "n4", "n5")


@dataclass(frozen=True)
class OwnFigures:
    """An official's own: in all, by month (its first day), and the reasons of months that are over.

    What has fewer than five votes is not there; nor is any vote of `today`. reasons_base: of how
    many votes the reasons are, as told (reasons.py). as_of_ms: everything received before is
    counted. states: of all votes that name the official, of closed days.
    """

    total: Figure | None = None
    months: dict[date, Figure] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    reasons_base: int = 0
    as_of_ms: int = 0
    states: States = field(default_factory=States)


def own_units(official: str) -> list[str]:
    """Where the official works, and wherever a vote, a duty, a ruling or an objection names them:
    all their past, of which no unit may be left out."""
    counted = OfficialMonth.objects.filter(unit__in=every_unit(), official=official)
    found = {*counted.values_list("unit", flat=True).distinct(), *units_naming(official)}
    if (account := official_of(official)) is not None:
        found.add(account.unit_id)
    return sorted(found)


def own_figures(
    *,
    official: str,
    units: Sequence[str],
    period: Period,
    today: date,
    now_ms: int | None = None,
) -> OwnFigures:
    """The figures of one official in a period, from the units where they served (own_units).

    Only of days before `today` (local to each unit), and only where there are five votes or more.
    """
    now_ms = clock.now_ms() if now_ms is None else now_ms
    as_of_ms = received_until(units=units, now_ms=now_ms)
    ns: dict[date, int] = {}
    cells: dict[date, list[tuple[int, ...]]] = {}
    states: list[tuple[str, int]] = []
    for unit, zone in timezones_of(units).items():
        for month, state, votes in _votes(unit, official, period, today):
            states.append((state, votes))
            if state == COUNTED:
                ns[month] = ns.get(month, 0) + votes
        for month, counts in _cells(unit, official, period, clock.midnight_ms(today, zone)):
            cells.setdefault(month, []).append(counts)
    months = {month: figure_of(n, cells.get(month, ())) for month, n in sorted(ns.items())}
    shown = {month: figure for month, figure in months.items() if figure.n >= FIVE}
    n = sum(ns.values())
    base, reasons = reason_counts(units=units, official=official, period=period, today=today)
    return OwnFigures(
        total=figure_of(n, (c for month in ns for c in cells.get(month, ())))
        if n >= FIVE
        else None,
        months=shown,
        reasons=reasons,
        reasons_base=base,
        as_of_ms=as_of_ms,
        states=states_of(states),
    )


def _votes(unit: str, official: str, period: Period, today: date) -> list[tuple[date, str, int]]:
    """How many votes of closed days each month has, by its (last) first day, and their state."""
    rows = Tally.objects.filter(
        unit=unit, official=official,
        first_day__gte=period.first, last_day__lte=period.last, last_day__lt=today,
    )  # fmt: skip
    sums = rows.values_list("last_day", "state").annotate(*(Sum(n) for n in RATED))
    return [(day.replace(day=1), state, sum(counts)) for day, state, *counts in sums]


def _cells(
    unit: str, official: str, period: Period, before_ms: int
) -> list[tuple[date, tuple[int, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(SELECT_CELLS, [unit, official, period.first, period.last, before_ms])
        return [(as_day(month), tuple(counts)) for month, *counts in cursor.fetchall()]
