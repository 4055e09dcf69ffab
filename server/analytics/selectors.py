"""Figures for pages and downloads: from the roll-ups only, never from the votes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, QuerySet, Sum

from server import clock
from server.analytics.methods.wilson import wilson_interval
from server.analytics.models import Rebuilding, Shown, Tally
from server.analytics.pending import received_until

RATED = ("n1", "n2", "n3", "n4", "n5")
FIVE = 5


@dataclass(frozen=True)
class Period:
    """Whole months: the first day of the first to the last day of the last."""

    first: date
    last: date


@dataclass(frozen=True)
class Figure:
    """How many votes, and of the part of them that may be shown: ratings and share satisfied.

    n: every vote, live. base: whole fives, 0 if none or n < 5; counts: n1..n5 of the base.
    share = (n4 + n5) / base with its 95 % Wilson interval; all None while base is 0.
    base may exceed n by a few: of a block that a late attribution cut, fewer than half are gone.
    """

    n: int = 0
    base: int = 0
    counts: tuple[int, int, int, int, int] | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class UnitFigures:
    """What the page of a unit shows. unattributed: n by the reason why nobody is named.

    today: n by counter. as_of_ms: everything received before is counted.
    """

    total: Figure
    counters: dict[str, Figure] = field(default_factory=dict)
    officials: dict[str, Figure] = field(default_factory=dict)
    unattributed: dict[str, int] = field(default_factory=dict)
    today: dict[str, int] = field(default_factory=dict)
    as_of_ms: int = 0


def unit_figures(
    *, unit: str, period: Period, today: date, now_ms: int | None = None
) -> UnitFigures:
    """The figures of a unit in a period. Votes at no known counter stand under counter ''.

    Votes of uncertain time count if the period holds their whole interval (protocol.md 8).
    """
    now_ms = clock.now_ms() if now_ms is None else now_ms
    # Asked first: what is counted between this and the next lines only makes it modest.
    as_of_ms = received_until(unit=unit, now_ms=now_ms)
    tallies = list(_tallies(unit, period))
    cells = list(
        Shown.objects.filter(
            unit=unit, first_month__gte=period.first, last_month__lte=period.last
        ).values_list("counter", "official", *RATED)
    )
    named = [(official, n) for _, official, _, n in tallies if official]
    return UnitFigures(
        total=_figure(sum(n for *_, n in tallies), (cell[2:] for cell in cells)),
        counters=_figures(
            ((counter, n) for counter, _, _, n in tallies), ((c[0], c[2:]) for c in cells)
        ),
        officials=_figures(named, ((c[1], c[2:]) for c in cells if c[1])),
        unattributed=_sum_by((why, n) for _, official, why, n in tallies if not official),
        today=_sum_by((row[0], row[1]) for row in _today(unit, today)),
        as_of_ms=as_of_ms,
    )


def _tallies(unit: str, period: Period) -> Iterator[tuple[str, str, str, int]]:
    """Counter, official, why and number of votes, summed over the period."""
    rows: QuerySet[Tally, tuple[str, str, str, int]] = (
        Tally.objects.filter(unit=unit, first_day__gte=period.first, last_day__lte=period.last)
        .values_list("counter", "official", "why")
        .annotate(n=_all_ratings())
        .order_by("counter", "official", "why")
    )
    return iter(rows)


def _today(unit: str, today: date) -> Iterator[tuple[str, int]]:
    rows: QuerySet[Tally, tuple[str, int]] = (
        Tally.objects.filter(unit=unit, first_day=today, last_day=today)
        .values_list("counter")
        .annotate(n=_all_ratings())
        .order_by("counter")
    )
    return iter(rows)


def _all_ratings() -> Sum:
    return Sum(F("n1") + F("n2") + F("n3") + F("n4") + F("n5"))


def _sum_by(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for key, n in pairs:
        sums[key] = sums.get(key, 0) + n
    return sums


def _figures(
    ns: Iterable[tuple[str, int]], cells: Iterable[tuple[str, tuple[int, ...]]]
) -> dict[str, Figure]:
    """One figure for each key, from its numbers of votes and its cells."""
    by_key: dict[str, list[tuple[int, ...]]] = {}
    for key, cell in cells:
        by_key.setdefault(key, []).append(cell)
    return {key: _figure(n, by_key.get(key, ())) for key, n in _sum_by(ns).items()}


def _figure(n: int, cells: Iterable[tuple[int, ...]]) -> Figure:
    n1, n2, n3, n4, n5 = (sum(column) for column in zip((0,) * 5, *cells, strict=True))
    base = n1 + n2 + n3 + n4 + n5
    # Nobody left with a few votes is judged by what was shown when there were more.
    if base < FIVE or n < FIVE:
        return Figure(n=n)
    low, high = wilson_interval(n4 + n5, base)
    return Figure(n, base, (n1, n2, n3, n4, n5), (n4 + n5) / base, low, high)


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
