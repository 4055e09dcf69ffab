"""Reading what is over, and what was entered: units that ended, holidays, fields."""

from datetime import date
from typing import NamedTuple

from server.organisation.models import Field, Holiday, UnitSpell
from server.organisation.periods import Days


class Ended(NamedTuple):
    """A unit that stood last under this name and parent, until ended_date (no longer on it)."""

    code: str
    name: str
    parent: str | None
    level: str
    ended_date: date


def ended_by(day: date) -> list[Ended]:
    """The units that had ended by a day, the last to end first. One query."""
    rows = UnitSpell.objects.select_related("unit").order_by("unit_id")
    last: dict[str, UnitSpell] = {}
    for row in rows:
        known = last.get(row.unit_id)
        if known is None or Days(row.started_date).low > Days(known.started_date).low:
            last[row.unit_id] = row
    found = [
        Ended(row.unit_id, row.name, row.parent_id, row.unit.level, row.ended_date)
        for row in last.values()
        if row.ended_date is not None and row.ended_date <= day
    ]
    return sorted(found, key=lambda row: (-row.ended_date.toordinal(), row.code))


def holidays_entered(unit: str | None, first: date, last: date) -> list[Holiday]:
    """What was entered for the unit itself (None: for all) from first to last, by day."""
    return list(Holiday.objects.filter(unit=unit, date__gte=first, date__lte=last))


def fields() -> list[Field]:
    """Every field of administration, by code."""
    return list(Field.objects.order_by("code"))
