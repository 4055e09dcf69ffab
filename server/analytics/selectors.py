"""Figures for pages and downloads: from the roll-ups only, never from the votes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, QuerySet, Sum

from server import clock
from server.analytics.display import Compared, Display, compare, limited, shown_as
from server.analytics.figure import (
    Figure,
    Period,
    States,
    figure_of,
    figures_of,
    states_of,
    sum_by,
)
from server.analytics.models import COUNTED, Rebuilding, Shown, Tally
from server.analytics.nodes import NodeFigures, Unmapped, node_figures
from server.analytics.own import OwnFigures, own_figures, own_units
from server.analytics.pending import received_until
from server.analytics.response import Response, Responses, responses, responses_each

__all__ = [
    "Compared",
    "DailyTally",
    "Display",
    "Figure",
    "NodeFigures",
    "OwnFigures",
    "Period",
    "Response",
    "Responses",
    "States",
    "UnitFigures",
    "Unmapped",
    "compare",
    "daily_tallies",
    "limited",
    "node_figures",
    "own_figures",
    "own_units",
    "rebuilding",
    "responses_each",
    "shown_as",
    "unit_figures",
]
RATED = ("n1", "n2", "n3", "n4", "n5")
APART = ("x1", "x2", "x3", "x4", "x5")


@dataclass(frozen=True)
class UnitFigures:
    """What the page of a unit shows. unattributed: n by the reason why nobody is named; bases: n of
    those that name somebody, by attribution's basis.

    today: n by counter. as_of_ms: everything received before is counted. states: of all votes of
    the period; named: of those that name somebody; counter_states, official_states: of each one's.
    responses: how many of those served voted.
    """

    total: Figure
    counters: dict[str, Figure] = field(default_factory=dict)
    officials: dict[str, Figure] = field(default_factory=dict)
    unattributed: dict[str, int] = field(default_factory=dict)
    bases: dict[str, int] = field(default_factory=dict)
    today: dict[str, int] = field(default_factory=dict)
    as_of_ms: int = 0
    states: States = field(default_factory=States)
    named: States = field(default_factory=States)
    counter_states: dict[str, States] = field(default_factory=dict)
    official_states: dict[str, States] = field(default_factory=dict)
    responses: Responses = field(default_factory=Responses)


def unit_figures(
    *, unit: str, period: Period, today: date, now_ms: int | None = None
) -> UnitFigures:
    """The figures of a unit in a period. Votes at no known counter stand under counter ''.

    Votes of uncertain time count if the period holds their whole interval (protocol.md 8).
    """
    now_ms = clock.now_ms() if now_ms is None else now_ms
    # Asked first: what is counted between this and the next lines only makes it modest.
    as_of_ms = received_until(units=[unit], now_ms=now_ms)
    every = list(_tallies(unit, period))
    tallies = [(*row[:4], row[5]) for row in every if row[4] == COUNTED]
    cells = list(
        Shown.objects.filter(
            unit=unit,
            counted=True,
            first_month__gte=period.first,
            last_month__lte=period.last,
        ).values_list("counter", "official", *RATED, *APART)
    )
    named = [(official, n) for _, official, *_, n in tallies if official]
    return UnitFigures(
        total=figure_of(sum(n for *_, n in tallies), (cell[2:7] for cell in cells)),
        counters=figures_of(
            ((counter, n) for counter, *_, n in tallies), ((c[0], c[2:7]) for c in cells)
        ),
        officials=figures_of(named, ((c[1], c[2:]) for c in cells if c[1])),
        unattributed=sum_by((why, n) for _, official, why, _, n in tallies if not official),
        bases=sum_by((basis, n) for _, official, _, basis, n in tallies if official),
        today=sum_by((row[0], row[1]) for row in _today(unit, today)),
        as_of_ms=as_of_ms,
        states=states_of(row[4:] for row in every),
        named=states_of(row[4:] for row in every if row[1]),
        counter_states=_states_by(0, every),
        official_states=_states_by(1, every),
        responses=responses(unit=unit, period=period),
    )


def _tallies(unit: str, period: Period) -> Iterator[tuple[str, str, str, str, str, int]]:
    """Counter, official, why, basis, state and number of votes, summed over the period."""
    by = ("counter", "official", "why", "basis", "state")
    rows: QuerySet[Tally, tuple[str, str, str, str, str, int]] = (
        Tally.objects.filter(unit=unit, first_day__gte=period.first, last_day__lte=period.last)
        .values_list(*by)
        .annotate(n=_all_ratings())
        .order_by(*by)
    )
    return iter(rows)


def _states_by(key: int, rows: list[tuple[str, str, str, str, str, int]]) -> dict[str, States]:
    found: dict[str, list[tuple[str, int]]] = {}
    for row in rows:
        found.setdefault(str(row[key]), []).append(row[4:])
    return {code: states_of(counted) for code, counted in found.items()}


def _today(unit: str, today: date) -> Iterator[tuple[str, int]]:
    rows: QuerySet[Tally, tuple[str, int]] = (
        Tally.objects.filter(unit=unit, state=COUNTED, first_day=today, last_day=today)
        .values_list("counter")
        .annotate(n=_all_ratings())
        .order_by("counter")
    )
    return iter(rows)


def _all_ratings() -> Sum:
    return Sum(F("n1") + F("n2") + F("n3") + F("n4") + F("n5"))


def rebuilding() -> bool | None:
    """Whether a rebuild that has begun and not ended is of tallies only; None: there is none."""
    return Rebuilding.objects.values_list("tallies_only", flat=True).first()


@dataclass(frozen=True)
class DailyTally:
    """Votes n1..n5 of a counter, day and official ("" for nobody), for the operator's commands.

    day: ISO date, or first/last where only an interval is known.
    """

    unit: str
    counter: str
    day: str
    official: str
    counts: tuple[int, ...]


def daily_tallies() -> list[DailyTally]:
    """Every tally, one row for each (unit, counter, day, official)."""
    by = ("unit", "counter", "first_day", "last_day", "official")
    rows = Tally.objects.values_list(*by).annotate(*(Sum(n) for n in RATED)).order_by(*by)
    return [
        DailyTally(unit, counter, _day_or_days(first, last), official, tuple(counts))
        for unit, counter, first, last, official, *counts in rows
    ]


def _day_or_days(first: date, last: date) -> str:
    return str(first) if first == last else f"{first}/{last}"
