"""Who can have served where: what a ruling, a posted duty or an objection may name."""

from collections.abc import Collection
from datetime import date

from server.organisation.models import (
    CounterSpell,
    Official,
    OfficialSpell,
    Seat,
    UnitAncestor,
)
from server.organisation.periods import Days, joined


def is_employed(official: str, first: date, last: date) -> bool:
    """Whether the official was one on some day from first to last (both included): always, unless
    days were entered."""
    return _touched(_employed(official), first, last)


def unemployed_on(official: str, first: date, last: date) -> date | None:
    """The first day from first to last on which the official was none."""
    return _missing(_employed(official), first, last)


def may_serve(official: str, *, unit: str, counter: str, first: date, last: date) -> bool:
    """Whether the official can have served at the unit's counter on some day from first to last.

    Employed then, and of the unit, of one above or beneath it, of an agency that served at the
    counter, or seated at a counter of one of these.
    """
    return _touched(_serving(official, unit, counter), first, last)


def absent_on(official: str, *, unit: str, counter: str, first: date, last: date) -> date | None:
    """The first day from first to last on which the official cannot have served there."""
    return _missing(_serving(official, unit, counter), first, last)


def _employed(official: str) -> list[Days]:
    return [_days(row) for row in OfficialSpell.objects.filter(official=official)] or [Days()]


def _serving(official: str, unit: str, counter: str) -> list[Days]:
    """The days, as stretches in order, on which the official can have served at the counter."""
    home = Official.objects.filter(code=official).values_list("unit", flat=True).first()
    if home is None:
        return []
    belonged = [(home, Days())]
    for spell in OfficialSpell.objects.filter(official=official):
        belonged.append((spell.agency_id or home, _days(spell)))
    for seat in Seat.objects.filter(official=official).select_related("counter"):
        belonged.append((seat.counter.unit_id, _days(seat)))
    open_to = _open_to(unit, counter, {place for place, _ in belonged})
    there = [
        both
        for place, days in belonged
        for allowed in open_to.get(place, ())
        if (both := days.within(allowed)) is not None
    ]
    while_employed = [days.within(each) for days in there for each in _employed(official)]
    return joined([days for days in while_employed if days is not None])


def _open_to(unit: str, counter: str, places: Collection[str]) -> dict[str, list[Days]]:
    """When whoever belongs to one of some units can have served at the counter."""
    found: dict[str, list[Days]] = {unit: [Days()]}
    for at in CounterSpell.objects.filter(counter=counter, agency__in=places):
        found.setdefault(str(at.agency_id), []).append(_days(at))
    for above in UnitAncestor.objects.filter(unit=unit, ancestor__in=places):
        found.setdefault(above.ancestor, []).append(_days(above))
    for beneath in UnitAncestor.objects.filter(ancestor=unit, unit__in=places):
        found.setdefault(beneath.unit, []).append(_days(beneath))
    return found


def _days(row: OfficialSpell | CounterSpell | Seat | UnitAncestor) -> Days:
    return Days(row.started_date, row.ended_date)


def _touched(stretches: list[Days], first: date, last: date) -> bool:
    return any(days.low <= last and first < days.high for days in stretches)


def _missing(stretches: list[Days], first: date, last: date) -> date | None:
    day = first
    for days in joined(stretches):
        if days.holds(day):
            day = days.high
    return day if day <= last else None
