"""Whose counter and whose official it was on a day: dated links, read."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from server.organisation.models import Counter, CounterSpell, Official, OfficialSpell, Seat
from server.organisation.periods import Days

T = TypeVar("T", CounterSpell, OfficialSpell, CounterSpell | OfficialSpell)


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
