"""Whose counter it was on a day, and who usually sat there: dated links, read."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from server.organisation.models import Counter, CounterSpell, Seat
from server.organisation.periods import Days


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
    row = Counter.objects.filter(code=counter).first()
    found = [] if row is None else counters_on([row.unit_id], day)
    return next((each.agency for each in found if each.code == counter), None)


def seats_on(unit: str, day: date) -> dict[str, list[str]]:
    """Which officials usually sat at each of the unit's counters on a day."""
    found: dict[str, list[str]] = {}
    for seat in Seat.objects.filter(counter__unit=unit).order_by("counter_id", "official_id"):
        if Days(seat.started_date, seat.ended_date).holds(day):
            found.setdefault(seat.counter_id, []).append(seat.official_id)
    return found


def _holding(spells: Sequence[CounterSpell], day: date) -> CounterSpell | None:
    for spell in spells:
        if Days(spell.started_date, spell.ended_date).holds(day):
            return spell
    return None
