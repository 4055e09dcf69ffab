"""Where votes named harassment (R6): by unit, counter and day, from the tallies; for inspectors."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.db.models import F, Sum

from server.analytics.models import Tally


class Day(NamedTuple):
    """A counter's day; last: another one only where no more than an interval is known."""

    unit: str
    counter: str
    first: date
    last: date


class Served(NamedTuple):
    """Who was rated at a counter on a day: n votes of every state, r6 of them named harassment."""

    official: str
    n: int
    r6: int


def integrity_days(units: Collection[str], first: date, last: date) -> dict[Day, dict[str, int]]:
    """Votes that named R6 by counter and day, newest first, and by state. Whole intervals only."""
    rows = (
        Tally.objects.filter(unit__in=units, r6__gt=0, first_day__gte=first, last_day__lte=last)
        .values_list("unit", "counter", "first_day", "last_day", "state")
        .annotate(n=Sum("r6"))
        .order_by("-first_day", "unit", "counter", "last_day", "state")
    )
    found: dict[Day, dict[str, int]] = {}
    for *day, state, n in rows:
        found.setdefault(Day(*day), {})[state] = n
    return found


def served_on(days: Collection[Day]) -> dict[Day, list[Served]]:
    """Who was rated at some counters on their days, by code. Votes about nobody are left out."""
    if not days:
        return {}
    rows = (
        Tally.objects.filter(
            unit__in={day.unit for day in days},
            counter__in={day.counter for day in days},
            first_day__in={day.first for day in days},
        )
        .exclude(official="")
        .values_list("unit", "counter", "first_day", "last_day", "official")
        .annotate(n=Sum(F("n1") + F("n2") + F("n3") + F("n4") + F("n5")), r6=Sum("r6"))
        .order_by("official")
    )
    found: dict[Day, list[Served]] = {day: [] for day in days}
    for unit, counter, first, last, official, n, r6 in rows:
        day = Day(unit, counter, first, last)
        if day in found:
            found[day].append(Served(official, n, r6))
    return found
