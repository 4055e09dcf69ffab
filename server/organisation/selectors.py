"""Reading the organisation: units, counters, officials, and how they stood on a day."""

from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from server.organisation.accounts import account_of
from server.organisation.agencies import (
    CounterOn,
    agency_of,
    counters_on,
    seats_on,
)
from server.organisation.as_is import AsIs, predecessors_of, today_of
from server.organisation.catalogue import procedure_names, procedures_on
from server.organisation.checks import is_code
from server.organisation.grants import accounts_to_grant, grants_in_force
from server.organisation.holidays import holidays_of, holidays_of_units
from server.organisation.models import (
    Counter,
    Official,
    Shift,
    Successor,
    Unit,
)
from server.organisation.past import Ended, ended_by, fields, holidays_entered
from server.organisation.rules import DISPLAY, Rules, rules_of, rules_of_units
from server.organisation.serving import absent_on, is_employed, may_serve, unemployed_on
from server.organisation.tree import (
    Membership,
    Spell,
    Standing,
    ancestors_of,
    beneath,
    codes_beneath,
    spells_of,
    standing_on,
    tree_on,
    units_of_codes,
)

__all__ = [
    "DISPLAY",
    "AsIs",
    "CounterOn",
    "Ended",
    "Membership",
    "Rules",
    "Spell",
    "Standing",
    "absent_on",
    "account_of",
    "accounts_to_grant",
    "agency_of",
    "ancestors_of",
    "beneath",
    "codes_beneath",
    "counter_codes_of",
    "counters",
    "counters_by_code",
    "counters_of",
    "counters_on",
    "ended_by",
    "every_unit",
    "fields",
    "grants_in_force",
    "holidays_entered",
    "holidays_of",
    "holidays_of_units",
    "is_code",
    "is_employed",
    "known_officials",
    "may_serve",
    "names_of",
    "official",
    "officials_of",
    "pins_due",
    "predecessors_of",
    "procedure_names",
    "procedures_on",
    "rules_of",
    "rules_of_units",
    "seats_on",
    "shifts_of",
    "spells_of",
    "standing_on",
    "successions",
    "timezone_of",
    "timezones_of",
    "today_of",
    "tree_on",
    "unemployed_on",
    "unit",
    "units",
    "units_of_codes",
]


def units() -> list[Unit]:
    """Every unit, by code."""
    return list(Unit.objects.order_by("code"))


def every_unit() -> QuerySet[Unit, str]:
    """The code of every unit, to stand in a statement: a list of ten thousand takes seconds."""
    return Unit.objects.values_list("code", flat=True)


def unit(code: str) -> Unit | None:
    """The unit of this code, if there is one."""
    return Unit.objects.filter(code=code).first() if is_code(code) else None


def counters_of(unit: str) -> list[Counter]:
    """The unit's counters, by number."""
    return list(Counter.objects.filter(unit=unit).order_by("number", "code"))


def counters() -> list[Counter]:
    """Every counter, by unit and number."""
    return list(Counter.objects.order_by("unit", "number", "code"))


def counters_by_code(codes: Collection[str]) -> dict[str, Counter]:
    """Those of some counters that there are (a page of them), by code."""
    return Counter.objects.in_bulk(list(codes))


def official(code: str) -> Official | None:
    """The official of this code, if there is one."""
    return Official.objects.filter(code=code).first() if is_code(code) else None


def officials_of(unit: str) -> dict[str, str]:
    """Names of the unit's officials by code."""
    return dict(Official.objects.filter(unit=unit).order_by("code").values_list("code", "name"))


def names_of(officials: Sequence[str]) -> dict[str, str]:
    """Names by code, of whichever unit: an official may help out in another one."""
    return dict(Official.objects.filter(code__in=officials).values_list("code", "name"))


def known_officials(codes: Sequence[str]) -> set[str]:
    """Those of `codes` that are officials."""
    return set(Official.objects.filter(code__in=codes).values_list("code", flat=True))


def timezone_of(unit: str) -> ZoneInfo:
    """The time zone in which the unit's days begin."""
    return timezones_of([unit])[unit]


def timezones_of(units: Sequence[str]) -> dict[str, ZoneInfo]:
    """The time zone in which each unit's days begin."""
    rows = Unit.objects.filter(code__in=units).values_list("code", "timezone")
    return {code: ZoneInfo(timezone) for code, timezone in rows}


def counter_codes_of(units: Sequence[str]) -> dict[str, set[str]]:
    """The codes of each unit's counters."""
    found: dict[str, set[str]] = {unit: set() for unit in units}
    for unit, code in Counter.objects.filter(unit__in=units).values_list("unit", "code"):
        found[unit].add(code)
    return found


def pins_due(unit: str) -> list[Official]:
    """The unit's officials whose PIN has to be changed."""
    return list(Official.objects.filter(unit=unit, pin_due=True).order_by("code"))


def shifts_of(unit: str, counter: str | None, from_ms: int, to_ms: int) -> list[Shift]:
    """The shifts at a counter of the unit, or at each (None), that touch [from_ms, to_ms), by
    counter and beginning."""
    rows = Shift.objects.filter(unit=unit, started_ms__lt=to_ms, ended_ms__gt=from_ms)
    rows = rows if counter is None else rows.filter(counter=counter)
    return list(rows.order_by("counter", "started_ms"))


def successions(units: Collection[str]) -> list[Successor]:
    """The links from and to some units, by day."""
    rows = Successor.objects.filter(predecessor__in=units)
    rows |= Successor.objects.filter(successor__in=units)
    fields = ("on_date", "predecessor_id", "successor_id")
    return list(rows.select_related("predecessor", "successor").order_by(*fields))
