"""What the organisation says of rules and shifts."""

from typing import NamedTuple

from server.organisation.models import RosterChange, Shift, Unit, UnitRules


class Rules(NamedTuple):
    """What a unit chose, or a unit above it."""

    shifts_count: bool
    two_for_rulings: bool


def rules_of(unit: str) -> Rules:
    """Inherited from above where the unit chose nothing."""
    shifts: bool | None = None
    two: bool | None = None
    code: str | None = unit
    while code is not None and (shifts is None or two is None):
        row = UnitRules.objects.filter(unit=code).first()
        if row is not None:
            shifts = row.shifts_count if shifts is None else shifts
            two = row.two_for_rulings if two is None else two
        code = Unit.objects.values_list("parent", flat=True).filter(code=code).first()
    return Rules(bool(shifts), bool(two))


def shifts_of(unit: str, counter: str, from_ms: int, to_ms: int) -> list[Shift]:
    """Who was planned at a counter in [from_ms, to_ms), by time."""
    rows = Shift.objects.filter(
        unit=unit, counter=counter, started_ms__lt=to_ms, ended_ms__gt=from_ms
    )
    return list(rows.order_by("started_ms"))


def note_change(*, unit: str, counter: str, from_ms: int, to_ms: int) -> None:
    """Attribution shall look again at the votes of a counter in [from_ms, to_ms)."""
    RosterChange.objects.create(unit=unit, counter=counter, from_ms=from_ms, to_ms=to_ms)
