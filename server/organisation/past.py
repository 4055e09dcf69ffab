"""Reading what is over, and what was entered: units that ended, holidays, fields."""

from datetime import date
from typing import NamedTuple

from django.db.models import Q

from server.organisation.models import Field, Holiday, UnitSpell


class Ended(NamedTuple):
    """A unit that stood last under this name and parent, until ended_date (no longer on it)."""

    code: str
    name: str
    parent: str | None
    level: str
    ended_date: date


def ended_by(day: date) -> list[Ended]:
    """The units that had ended by a day, the last to end first. One query."""
    going_on = UnitSpell.objects.filter(Q(ended_date__isnull=True) | Q(ended_date__gt=day))
    rows = UnitSpell.objects.filter(ended_date__lte=day).exclude(unit__in=going_on.values("unit"))
    fields = ("unit_id", "name", "parent_id", "unit__level", "ended_date")
    # Of several stretches the last one stays.
    found = {row[0]: Ended(*row) for row in rows.order_by("ended_date").values_list(*fields)}
    return sorted(found.values(), key=lambda row: (-row.ended_date.toordinal(), row.code))


def holidays_entered(unit: str | None, first: date, last: date) -> list[Holiday]:
    """What was entered for the unit itself (None: for all) from first to last, by day."""
    return list(Holiday.objects.filter(unit=unit, date__gte=first, date__lte=last))


def fields() -> list[Field]:
    """Every field of administration, by code."""
    return list(Field.objects.order_by("code"))
