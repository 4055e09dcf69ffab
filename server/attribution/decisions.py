"""Reading what people decided: rulings, and objections to them. Nothing here knows a rating."""

from collections.abc import Sequence
from datetime import date

from server.attribution.desk import desk_of
from server.attribution.facts import posted_stand
from server.attribution.models import CounterDuty, Objection, PostedDuty, Ruling
from server.attribution.rulings import FORCE, LIFTED, PROPOSED
from server.clock import FOREVER_MS

SHOWN = 200
DAY_MS = 86_400_000


def rulings(*, unit: str, counter: str = "", state: str = "") -> list[Ruling]:
    """The unit's rulings, newest first, at most SHOWN; of one counter or state if named."""
    rows = Ruling.objects.filter(unit=unit)
    rows = rows.filter(counter=counter) if counter else rows
    rows = rows.filter(state=state) if state else rows
    return list(rows.order_by("-number")[:SHOWN])


def waiting_rulings(*, units: list[str]) -> list[Ruling]:
    """What waits for a second person in some units, oldest first."""
    rows = Ruling.objects.filter(unit__in=units, state=PROPOSED)
    return list(rows.order_by("proposed_ms", "unit", "number"))


def ruling(*, unit: str, number: int) -> Ruling | None:
    """A ruling by its number."""
    return Ruling.objects.filter(unit=unit, number=number).first()


def rulings_concerning(*, official: str, units: Sequence[str]) -> list[Ruling]:
    """Rulings of some units, in force or lifted, that name the official, or take from them a
    time in which they were on duty; newest first. Proposals are nobody's business but who decides.
    """
    found: list[Ruling] = []
    for unit in units:
        rows = list(Ruling.objects.filter(unit=unit, state__in=(FORCE, LIFTED), lifts=None))
        served = _served(unit, official, rows)
        found += [
            row
            for row in rows
            if row.official == official
            or any(low < row.to_ms and row.from_ms < until for low, until in served[row.counter])
        ]
    found.sort(key=lambda row: (row.decided_ms or 0, row.number), reverse=True)
    return found[:SHOWN]


def _served(unit: str, official: str, rows: list[Ruling]) -> dict[str, list[tuple[int, int]]]:
    """When the official may have been on duty, by counter, as far as these rulings reach."""
    found: dict[str, list[tuple[int, int]]] = {row.counter: [] for row in rows}
    if not rows:
        return found
    desk = desk_of(unit)
    # A duty ends on its day.
    since = desk.day_begin(min(row.from_ms for row in rows)) - DAY_MS
    last = max(row.to_ms for row in rows)
    at = {"unit": unit, "counter__in": list(found), "official": official}
    of_kiosks = CounterDuty.objects.filter(**at, high_ms__gte=since, low_ms__lt=last)
    for counter, low, until in of_kiosks.values_list("counter", "low_ms", "until_ms"):
        found[counter].append((low, FOREVER_MS if until is None else until))
    for duty in PostedDuty.objects.filter(**at, started_ms__gte=since, started_ms__lt=last):
        until = posted_stand(desk, duty).until_ms
        found[duty.counter].append((duty.started_ms, FOREVER_MS if until is None else until))
    return found


def objections(*, unit: str, waiting: bool = False) -> list[Objection]:
    """The unit's objections, newest first, at most SHOWN; only those without an answer if asked."""
    rows = Objection.objects.filter(unit=unit)
    rows = rows.filter(answered_ms=None) if waiting else rows
    return list(rows.order_by("-number")[:SHOWN])


def objections_of(*, official: str, units: Sequence[str]) -> list[Objection]:
    """The official's own, in some units, newest first."""
    rows = Objection.objects.filter(unit__in=units, official=official)
    return list(rows.order_by("-at_ms", "-number")[:SHOWN])


def objections_to(
    *, unit: str, ruling: int | None = None, date: date | None = None
) -> list[Objection]:
    """What was objected to a ruling, or to a day, oldest first."""
    rows = Objection.objects.filter(unit=unit)
    rows = rows.filter(date=date) if ruling is None else rows.filter(ruling=ruling)
    return list(rows.order_by("number"))
