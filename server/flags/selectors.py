"""Reading doubts and decisions. Nothing here tells when single votes were cast, nor a rating."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from server.flags.models import Decision, Doubt, Flag
from server.organisation.selectors import every_unit

SHOWN = 50


class Listed(NamedTuple):
    """A page of doubts, and how many there are in all."""

    doubts: list[Doubt]
    n: int


def doubts(*, units: Collection[str], states: Collection[str], start: int = 0) -> Listed:
    """The units' doubts in some states, the newest days first; those that no rule doubts any more
    only where people decided."""
    rows = _doubts(units).filter(state__in=states)
    found = rows.order_by("-day", "unit", "-first_ms", "-number")[start : start + SHOWN]
    return Listed(list(found), rows.count())


def how_many(*, units: Collection[str]) -> dict[str, int]:
    """How many doubts there are in each state."""
    rows = _doubts(units).values_list("state").annotate(n=Count("number")).order_by("state")
    return dict(rows)


def doubt(*, unit: str, number: int) -> Doubt | None:
    """A doubt by its number."""
    return Doubt.objects.filter(unit=unit, number=number).first()


def decisions_on(*, unit: str, doubt: int) -> list[Decision]:
    """What was proposed and decided on a doubt, newest first."""
    return list(Decision.objects.filter(unit=unit, doubt=doubt).order_by("-number"))


def decision(*, unit: str, number: int) -> Decision | None:
    """A decision by its number."""
    return Decision.objects.filter(unit=unit, number=number).first()


def waiting_decisions(*, units: Collection[str]) -> list[Decision]:
    """What waits for a second person in some units, oldest first."""
    rows = Decision.objects.filter(unit__in=list(units), state="proposed")
    return list(rows.order_by("proposed_ms", "unit", "number"))


def flagged(*, unit: str) -> Iterator[Flag]:
    """Every flag of a unit, by journal and line."""
    yield from Flag.objects.filter(unit=unit).order_by("journal", "seq", "flag").iterator()


def flagged_units() -> list[str]:
    """The units that have a flag, by code."""
    rows = Flag.objects.filter(unit__in=every_unit())
    return sorted(rows.order_by("unit").values_list("unit", flat=True).distinct())


def _doubts(units: Collection[str]) -> QuerySet[Doubt]:
    rows = Doubt.objects.filter(unit__in=list(units))
    return rows.filter(Q(n__gt=0) | Q(state__in=("excluded", "included")))
