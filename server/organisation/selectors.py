"""Reading the organisation: units, counters, officials, and how they stood on a day."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from server.organisation.accounts import account_of
from server.organisation.as_is import AsIs, predecessors_of, today_of
from server.organisation.catalogue import procedure_names, procedures_on
from server.organisation.checks import is_code
from server.organisation.holidays import holidays_of, holidays_of_units
from server.organisation.models import (
    Counter,
    CounterSpell,
    Official,
    OfficialSpell,
    Seat,
    Shift,
    Successor,
    Unit,
)
from server.organisation.periods import Days
from server.organisation.rules import Rules, rules_of, rules_of_units
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
)

__all__ = [
    "AsIs",
    "CounterOn",
    "Membership",
    "Rules",
    "Spell",
    "Standing",
    "account_of",
    "agencies_of_counters",
    "agencies_of_officials",
    "agency_of",
    "agency_of_official",
    "ancestors_of",
    "beneath",
    "codes_beneath",
    "counter_codes_of",
    "counters",
    "counters_by_code",
    "counters_of",
    "counters_on",
    "holidays_of",
    "holidays_of_units",
    "is_code",
    "known_officials",
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
    "unit",
    "units",
]

T = TypeVar("T", CounterSpell, OfficialSpell, CounterSpell | OfficialSpell)


def units() -> list[Unit]:
    """Every unit, by code."""
    return list(Unit.objects.order_by("code"))


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


class CounterOn(NamedTuple):
    """A counter as it was on a day. agency: whose officials served there; operator: of another
    body, or empty."""

    code: str
    unit: str
    number: int
    name: str
    agency: str
    operator: str
    mobile: bool


def counters_on(units: Collection[str], day: date) -> list[CounterOn]:
    """The units' counters as they were on a day, by unit and number; one with dated stretches, none
    of which holds the day, is left out. Two queries."""
    rows = list(Counter.objects.filter(unit__in=units).order_by("unit_id", "number", "code"))
    kept: dict[str, list[CounterSpell]] = {}
    for spell in CounterSpell.objects.filter(counter__unit__in=units):
        kept.setdefault(spell.counter_id, []).append(spell)
    found = []
    for row in rows:
        spell_on = _holding(kept.get(row.code, []), day)
        if row.code in kept and spell_on is None:
            continue
        spell = spell_on or CounterSpell()
        agency = spell.agency_id or row.unit_id
        found.append(
            CounterOn(
                row.code, row.unit_id, row.number, row.name, agency, spell.operator, spell.mobile
            )
        )
    return found


def agency_of(counter: str, day: date) -> str | None:
    """The agency that served at the counter on the day: the counter's own unit unless entered
    otherwise; None if there is no such counter, or it was none on that day."""
    return agencies_of_counters([counter], day).get(counter)


def agencies_of_counters(counters: Collection[str], day: date) -> dict[str, str]:
    """agency_of several counters, those with none left out. Two queries."""
    homes = dict(Counter.objects.filter(code__in=counters).values_list("code", "unit_id"))
    return _agencies(homes, list(CounterSpell.objects.filter(counter__in=counters)), day)


def agency_of_official(official: str, day: date) -> str | None:
    """The agency that the official belonged to on the day, like `agency_of`."""
    return agencies_of_officials([official], day).get(official)


def agencies_of_officials(officials: Collection[str], day: date) -> dict[str, str]:
    """agency_of_official of several, those with none left out. Two queries."""
    homes = dict(Official.objects.filter(code__in=officials).values_list("code", "unit_id"))
    return _agencies(homes, list(OfficialSpell.objects.filter(official__in=officials)), day)


def seats_on(unit: str, day: date) -> dict[str, list[str]]:
    """Which officials usually sat at each of the unit's counters on a day."""
    found: dict[str, list[str]] = {}
    for seat in Seat.objects.filter(counter__unit=unit).order_by("counter_id", "official_id"):
        if Days(seat.started_date, seat.ended_date).holds(day):
            found.setdefault(seat.counter_id, []).append(seat.official_id)
    return found


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


def _agencies(
    homes: dict[str, str], spells: Sequence[CounterSpell | OfficialSpell], day: date
) -> dict[str, str]:
    kept: dict[str, list[CounterSpell | OfficialSpell]] = {}
    for spell in spells:
        whose = spell.counter_id if isinstance(spell, CounterSpell) else spell.official_id
        kept.setdefault(whose, []).append(spell)
    found = {}
    for code, home in homes.items():
        spell_on = _holding(kept.get(code, []), day)
        if spell_on is not None or code not in kept:
            found[code] = (spell_on and spell_on.agency_id) or home
    return found


def _holding(spells: Sequence[T], day: date) -> T | None:
    for spell in spells:
        if Days(spell.started_date, spell.ended_date).holds(day):
            return spell
    return None
