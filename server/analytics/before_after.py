"""Complaints of a stretch of time, for a comparison of before and after."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, Sum

from server.analytics.models import COUNTED, Tally, UnitMonth


class Complaints(NamedTuple):
    """Of n counted votes, hits were rated 1 or 2. Those held and excluded stand apart."""

    hits: int
    n: int
    held: int = 0
    excluded: int = 0


def complaints_on(unit: str, first: date, last: date) -> Complaints:
    """Of one unit, from day to day (inclusive). Votes whose day is not sure count if every day on
    which they may have been cast lies within."""
    days = Tally.objects.filter(unit=unit, first_day__gte=first, last_day__lte=last)
    return _sum(days)


def complaints_in_months(units: Collection[str], first: date, last: date) -> Complaints:
    """Of some units together, in the whole months from that of `first` to that of `last`."""
    months = UnitMonth.objects.filter(
        unit__in=units,
        first_month__gte=first.replace(day=1),
        last_month__lte=last.replace(day=1),
    )
    return _sum(months)


def _sum(rows: "QuerySet[Any]") -> Complaints:
    sums = rows.values_list("state").annotate(
        hits=Sum(F("n1") + F("n2")), n=Sum(F("n1") + F("n2") + F("n3") + F("n4") + F("n5"))
    )
    found = {state: (hits, n) for state, hits, n in sums.order_by("state")}
    nothing = 0, 0
    hits, n = found.get(COUNTED, nothing)
    return Complaints(hits, n, found.get("held", nothing)[1], found.get("excluded", nothing)[1])
