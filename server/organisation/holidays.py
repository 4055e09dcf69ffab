"""Days on which counters are closed: everywhere, or in a unit and all that stand beneath it."""

from collections.abc import Collection, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from server.clock import midnight_ms
from server.clock import now_ms as clock_ms
from server.organisation.checks import check_name
from server.organisation.models import Holiday, Unit, UnitAncestor
from server.organisation.periods import Days


@transaction.atomic
def add_holiday(
    *, day: date, name: str, unit: Unit | None = None, now_ms: int | None = None
) -> Holiday:
    """The day is a holiday there; unit None: everywhere. The same day again corrects the name."""
    named = {"name": check_name(name)}
    made = {**named, "made_ms": clock_ms() if now_ms is None else now_ms}
    found, _ = Holiday.objects.update_or_create(
        unit=unit, date=day, defaults=named, create_defaults=made
    )
    return found


def remove_holiday(*, day: date, unit: Unit | None = None) -> None:
    """It is a day like others there; twice changes nothing."""
    Holiday.objects.filter(unit=unit, date=day).delete()


def holidays_of(unit: str, first: date, last: date) -> dict[date, str]:
    """The unit's holidays from first to last (inclusive), by day: what is closed everywhere, its
    own, and those of whatever stood above it on the day."""
    return holidays_of_units([unit], first, last)[unit]


def holidays_of_units(
    units: Collection[str],
    first: date,
    last: date,
    *,
    before: Mapping[str, ZoneInfo] | None = None,
) -> dict[str, dict[date, str]]:
    """The same of several units: two queries. before: each unit's zone, if only those count that
    had been entered before their day began there."""
    found: dict[str, dict[date, str]] = {unit: {} for unit in units}
    rows = list(Holiday.objects.filter(date__gte=first, date__lte=last).order_by("date"))
    if not rows:
        return found
    above: dict[str, list[tuple[str, Days]]] = {unit: [(unit, Days())] for unit in units}
    owners = {row.unit_id for row in rows if row.unit_id is not None}
    if owners:
        kept = UnitAncestor.objects.filter(Q(unit__in=units), ancestor__in=owners)
        for row in kept:
            above[row.unit].append((row.ancestor, Days(row.started_date, row.ended_date)))
    for unit, known in above.items():
        for holiday in rows:
            late = before is not None and holiday.made_ms >= midnight_ms(holiday.date, before[unit])
            if not late and (
                holiday.unit_id is None
                or any(a == holiday.unit_id and days.holds(holiday.date) for a, days in known)
            ):
                found[unit].setdefault(holiday.date, holiday.name)
    return found
