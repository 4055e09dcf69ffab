"""The tree as it stood: read from spells and their closure, a query or two at any size."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.db.models import Q

from server.organisation.models import Unit, UnitAncestor, UnitSpell
from server.organisation.periods import Days, joined


class Standing(NamedTuple):
    """A unit as it stood on a day. parent: its code; None: nothing above it."""

    code: str
    name: str
    parent: str | None
    level: str
    timezone: str


class Membership(NamedTuple):
    """When a unit stood beneath another: [started_date, ended_date), None: open."""

    unit: str
    started_date: date | None
    ended_date: date | None


class Spell(NamedTuple):
    """What a unit was called and whose it was for a while."""

    name: str
    parent: str | None
    started_date: date | None
    ended_date: date | None


def tree_on(day: date) -> list[Standing]:
    """Every unit that stood on the day, by code. One query."""
    rows = UnitSpell.objects.filter(_holding(day)).order_by("unit_id")
    fields = ("unit_id", "name", "parent_id", "unit__level", "unit__timezone")
    return [Standing(*row) for row in rows.values_list(*fields)]


def codes_on(day: date) -> set[str]:
    """The codes of every unit that stood on the day. One query."""
    return set(UnitSpell.objects.filter(_holding(day)).values_list("unit_id", flat=True))


def standing_on(unit: str, day: date) -> Standing | None:
    """The unit as it stood on the day, if it did."""
    rows = UnitSpell.objects.filter(_holding(day), unit=unit)
    fields = ("unit_id", "name", "parent_id", "unit__level", "unit__timezone")
    row = rows.values_list(*fields).first()
    return None if row is None else Standing(*row)


def spells_of(unit: str) -> list[Spell]:
    """The unit through time, oldest first."""
    rows = UnitSpell.objects.filter(unit=unit)
    found = [
        Spell(*row) for row in rows.values_list("name", "parent_id", "started_date", "ended_date")
    ]
    return sorted(found, key=lambda spell: Days(spell.started_date).low)


def ancestors_of(unit: str, day: date) -> list[str]:
    """The unit itself, what stood above it on the day, and so on to the top; empty if it did not
    stand. One query."""
    rows = UnitAncestor.objects.filter(_holding(day), unit=unit).order_by("depth")
    return list(rows.values_list("ancestor", flat=True))


def beneath(ancestor: str, first: date, last: date) -> list[Membership]:
    """As-was: the unit and all that stood beneath it on some day from first to last (inclusive),
    by code, and when: whole stretches, not cut to the period. One query."""
    rows = UnitAncestor.objects.filter(_overlapping(first, last), ancestor=ancestor)
    found: dict[str, list[Days]] = {}
    for row in rows:
        found.setdefault(row.unit, []).append(Days(row.started_date, row.ended_date))
    return [Membership(unit, *days) for unit in sorted(found) for days in joined(found[unit])]


def codes_beneath(ancestor: str, day: date) -> list[str]:
    """The unit and all that stood beneath it on the day, by code; empty if it did not stand."""
    rows = UnitAncestor.objects.filter(_holding(day), ancestor=ancestor).order_by("unit")
    return list(rows.values_list("unit", flat=True))


def units_of_codes(codes: Collection[str]) -> list[Unit]:
    """Those of some units that there are, by code."""
    return list(Unit.objects.filter(code__in=codes).order_by("code"))


def _holding(day: date) -> Q:
    return _overlapping(day, day)


def _overlapping(first: date, last: date) -> Q:
    begun = Q(started_date__isnull=True) | Q(started_date__lte=last)
    return begun & (Q(ended_date__isnull=True) | Q(ended_date__gt=first))
