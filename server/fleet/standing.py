"""The kiosks that stand somewhere beneath a unit, at a counter, or one alone."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import QuerySet

from server.fleet.levels import COUNTER, UNIT, Holder, units_beneath
from server.fleet.models import Kiosk, Placement
from server.organisation.models import Counter

FEW = 500  # units that a query can name one by one


class Stand(NamedTuple):
    """A kiosk and the counter where it stands."""

    kiosk: Kiosk
    counter: Counter


def stands_beneath(holder: Holder) -> Iterator[Stand]:
    """Every kiosk that settings of `holder` concern now, by id."""
    rows, counters = _open(holder).select_related("kiosk"), Counter.objects.select_related("unit")
    if holder.level != UNIT:
        counters = counters.filter(code=holder.counter)
    units = set(units_beneath(holder.unit)) if holder.level == UNIT else {holder.unit}
    if len(units) <= FEW:
        rows, counters = rows.filter(unit__in=units), counters.filter(unit__in=units)
    found = {counter.code: counter for counter in counters if counter.unit_id in units}
    for placement in rows.order_by("kiosk"):
        if placement.counter in found:
            yield Stand(placement.kiosk, found[placement.counter])


def ids_beneath(holder: Holder, *, after: str = "", most: int | None = None) -> list[str]:
    """The ids of those kiosks, by id, from the first above `after`; at most `most`."""
    rows = _open(holder).filter(kiosk__gt=after).order_by("kiosk")
    if holder.level != UNIT:
        return list(rows.values_list("kiosk_id", flat=True)[:most])
    units = units_beneath(holder.unit)
    if len(units) <= FEW:
        return list(rows.filter(unit__in=units).values_list("kiosk_id", flat=True)[:most])
    beneath, found = set(units), []
    for kiosk, unit in rows.values_list("kiosk_id", "unit").iterator():
        if unit in beneath:
            found.append(kiosk)
        if len(found) == most:
            break
    return found


def _open(holder: Holder) -> QuerySet[Placement]:
    rows = Placement.objects.filter(ended_ms__isnull=True)
    if holder.level == UNIT:
        return rows
    if holder.level == COUNTER:
        return rows.filter(counter=holder.code)
    return rows.filter(kiosk=holder.code)
