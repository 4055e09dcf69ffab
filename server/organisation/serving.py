"""Who can have served where: what a ruling, a posted duty or an objection may name."""

from datetime import date

from server.organisation.models import (
    CounterSpell,
    Official,
    OfficialSpell,
    Seat,
    UnitAncestor,
)
from server.organisation.periods import Days


def is_employed(official: str, first: date, last: date) -> bool:
    """Whether the official was one on some day from first to last (both included): always, unless
    days were entered."""
    spells = list(OfficialSpell.objects.filter(official=official))
    return not spells or any(_touches(spell, first, last) for spell in spells)


def may_serve(official: str, *, unit: str, counter: str, first: date, last: date) -> bool:
    """Whether the official can have served at the unit's counter on some day from first to last.

    Employed then, and of the unit, of one above or beneath it, of an agency that served at the
    counter, or seated at a counter of one of these.
    """
    home = Official.objects.filter(code=official).values_list("unit", flat=True).first()
    if home is None or not is_employed(official, first, last):
        return False
    spells = OfficialSpell.objects.filter(official=official)
    seats = Seat.objects.filter(official=official).select_related("counter")
    places = {home}
    places |= {spell.agency_id or home for spell in spells if _touches(spell, first, last)}
    places |= {seat.counter.unit_id for seat in seats if _touches(seat, first, last)}
    if unit in places:
        return True
    agencies = CounterSpell.objects.filter(counter=counter, agency__in=places)
    lineage = UnitAncestor.objects.filter(unit=unit, ancestor__in=places)
    lineage |= UnitAncestor.objects.filter(ancestor=unit, unit__in=places)
    return any(_touches(row, first, last) for row in agencies) or any(
        _touches(row, first, last) for row in lineage
    )


def _touches(
    row: OfficialSpell | CounterSpell | Seat | UnitAncestor, first: date, last: date
) -> bool:
    days = Days(row.started_date, row.ended_date)
    return days.low <= last and first < days.high
