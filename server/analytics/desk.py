"""What the inspector's desk reads: sums of tallies by unit, month, official, procedure and hour.

Inspectors read tallies themselves, not blocks of five; months where months do.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum

from server.analytics.counting import REASON_COLUMNS
from server.analytics.figure import Period
from server.analytics.models import COUNTED, HourTally, OfficialMonth, ProcedureTally, Tally
from server.analytics.models import UnitMonth as Month
from server.stages import in_groups

RATED = ("n1", "n2", "n3", "n4", "n5")
R9_ONLY = ("x1", "x2", "x3", "x4", "x5")
AT_ONCE = 5_000  # units of one statement
HELD, EXCLUDED = "held", "excluded"


@dataclass(frozen=True)
class Cast:
    """Votes of whatever was asked. counts: n1..n5 of those that count; held, excluded: how many of
    the others; reasons: by code, of those that count; apart: how many more would count, whose only
    reason is R9."""

    counts: tuple[int, ...] = (0, 0, 0, 0, 0)
    held: int = 0
    excluded: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    apart: int = 0

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def complaints(self) -> int:
        """The worst two levels."""
        return self.counts[0] + self.counts[1]

    @property
    def satisfied(self) -> int:
        return self.counts[3] + self.counts[4]

    def named(self, reason: str) -> int:
        """How many gave this reason."""
        return dict(self.reasons).get(reason, 0)

    def __add__(self, other: "Cast") -> "Cast":
        mine, theirs = dict(self.reasons), dict(other.reasons)
        return Cast(
            tuple(a + b for a, b in zip(self.counts, other.counts, strict=True)),
            self.held + other.held,
            self.excluded + other.excluded,
            tuple((c, mine.get(c, 0) + theirs.get(c, 0)) for c in sorted(mine | theirs)),
            self.apart + other.apart,
        )


NOTHING = Cast()


def cast_by_unit(*, units: Collection[str], period: Period) -> dict[str, Cast]:
    """Each unit that has votes in whole months of the period."""
    return _each(
        Month.objects.filter(unit__in=group, **_within(period)).values_list("unit", "state")
        for group in in_groups(sorted(units), AT_ONCE)
    )


def cast_by_month(*, units: Collection[str], period: Period) -> dict[date, Cast]:
    """These units together by month (its first day), with reasons; months without votes left out.

    Votes whose time may be of two months belong to neither.
    """
    found: dict[date, Cast] = {}
    for group in in_groups(sorted(units), AT_ONCE):
        rows = Month.objects.filter(unit__in=group, **_within(period))
        for first, last, cast in _reasoned(rows.values_list("first_month", "last_month", "state")):
            if first == last:
                found[first] = found.get(first, NOTHING) + cast
    return found


def cast_of(*, units: Collection[str], period: Period) -> Cast:
    """These units together over the period, with reasons."""
    found = NOTHING
    for group in in_groups(sorted(units), AT_ONCE):
        rows = Month.objects.filter(unit__in=group, **_within(period))
        for _, cast in _reasoned(rows.values_list("unit", "state")):
            found += cast
    return found


def cast_by_official(*, unit: str, period: Period) -> dict[str, Cast]:
    """Each official of the unit's votes: without those whose only reason is R9, which is about a
    decision and not about who told it."""
    rows = OfficialMonth.objects.filter(unit=unit, **_within(period))
    return _each([rows.values_list("official", "state")], without=R9_ONLY)


def cast_by_procedure(*, unit: str, period: Period) -> dict[str, Cast]:
    """Each procedure of the votes whose dossier is known."""
    rows = ProcedureTally.objects.filter(
        unit=unit, first_day__gte=period.first, last_day__lte=period.last
    )
    return _each([rows.values_list("procedure", "state")])


def cast_by_hour(*, unit: str, period: Period) -> dict[tuple[int, int], Cast]:
    """By weekday (0: Monday) and local hour, of the votes of whose hour there is no doubt."""
    rows = (
        HourTally.objects.filter(
            unit=unit, day__gte=period.first, day__lte=period.last, state=COUNTED
        )
        .values_list("day", "hour")
        .annotate(*(Sum(name) for name in RATED))
        .order_by()
    )
    found: dict[tuple[int, int], list[int]] = {}
    for day, hour, *counts in rows:
        sums = found.setdefault((day.weekday(), hour), [0] * len(RATED))
        for place, count in enumerate(counts):
            sums[place] += count
    return {key: Cast(tuple(sums)) for key, sums in found.items()}


def cast_by_day(*, units: Collection[str], period: Period) -> dict[date, Cast]:
    """By local day: for the few units whose complaints are too rare for months."""
    rows = Tally.objects.filter(
        unit__in=units, first_day__gte=period.first, last_day__lte=period.last
    )
    found: dict[date, Cast] = {}
    for first, last, _, cast in _summed(rows.values_list("first_day", "last_day", "state"), ()):
        if first == last:
            found[first] = found.get(first, NOTHING) + cast
    return found


def cast_of_procedures_by_month(
    *, unit: str, procedures: Collection[str], period: Period
) -> dict[date, Cast]:
    """Some procedures of a unit together, by month (its first day)."""
    rows = ProcedureTally.objects.filter(
        unit=unit, first_day__gte=period.first, last_day__lte=period.last, procedure__in=procedures
    )
    found: dict[date, Cast] = {}
    for first, last, _, cast in _summed(rows.values_list("first_day", "last_day", "state"), ()):
        if first.replace(day=1) == last.replace(day=1):
            month = first.replace(day=1)
            found[month] = found.get(month, NOTHING) + cast
    return found


def _within(period: Period) -> dict[str, date]:
    return {"first_month__gte": period.first, "last_month__lte": period.last}


def _each(
    queries: "Iterable[QuerySet[Any, Any]]", without: tuple[str, ...] = ()
) -> dict[Any, Cast]:
    """By the first column of queries that give it and the state."""
    found: dict[Any, Cast] = {}
    for rows in queries:
        for key, _, cast in _summed(rows, without):
            found[key] = found.get(key, NOTHING) + cast
    return found


def _summed(rows: "QuerySet[Any, Any]", without: tuple[str, ...]) -> Iterable[tuple[Any, ...]]:
    """Each row's columns, the state the last of them, and then what was cast."""
    names = (*RATED, *without)
    for row in rows.annotate(*(Sum(name) for name in names)).order_by():
        key, counts = row[: -len(names)], row[-len(names) :]
        rated, less = counts[:5], counts[5:] or (0,) * 5
        yield *key, _cast(key[-1], rated, less=less)


def _reasoned(rows: "QuerySet[Any, Any]") -> Iterable[tuple[Any, ...]]:
    """As _summed, without the state and with reasons."""
    names = (*RATED, *REASON_COLUMNS.values())
    for row in rows.annotate(*(Sum(name) for name in names)).order_by():
        key, counts = row[: -len(names)], row[-len(names) :]
        reasons = tuple(zip(REASON_COLUMNS, counts[5:], strict=True))
        yield *key[:-1], _cast(key[-1], counts[:5], reasons)


def _cast(
    state: str, counts: tuple[int, ...], reasons: tuple[tuple[str, int], ...] = (),
    less: tuple[int, ...] = (0,) * 5,
) -> Cast:  # fmt: skip
    if state == COUNTED:
        rest = tuple(a - b for a, b in zip(counts, less, strict=True))
        return Cast(rest, reasons=reasons, apart=sum(less))
    n = sum(counts)
    return Cast(held=n) if state == HELD else Cast(excluded=n)
