"""Units through time: beginning, changing, ending. Every day of the past stays as it was."""

from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from server.clock import now_ms
from server.organisation.checks import check_code, check_name
from server.organisation.closure import hang_new, hold_tree, rebuild_tree, stands_throughout
from server.organisation.errors import OrganisationError
from server.organisation.models import Level, Successor, Unit, UnitSpell
from server.organisation.periods import Days, day_of
from server.organisation.rules import noting_rules

AS_BEFORE: Final[Any] = object()  # of a parent, where None means that nothing stands above


@transaction.atomic
def make_unit(
    *,
    code: str,
    name: str,
    parent: Unit | None = None,
    timezone: str = "Asia/Ho_Chi_Minh",
    level: Level = Level.OTHER,
    started_date: date | None = None,
) -> Unit:
    """The unit of this code with its first spell, from started_date on; one that stands is left as
    it is. OrganisationError for a bad code, name or timezone, for a parent that does not stand
    throughout, and for a code whose unit has ended, but for an exact repeat."""
    check_code(code, most=32)
    name = check_name(name)
    _check_zone(timezone)
    hold_tree()
    found = Unit.objects.filter(code=code).first()
    if found is not None:
        _check_same(found, name, started_date)
        return found
    _check_parent(parent, Days(started_date, None))
    unit = Unit.objects.create(code=code, name=name, parent=parent, timezone=timezone, level=level)
    UnitSpell.objects.create(unit=unit, name=name, parent=parent, started_date=started_date)
    hang_new(code, unit.parent_id, Days(started_date, None))
    return unit


@transaction.atomic
def change_unit(
    *,
    unit: Unit,
    on_date: date,
    name: str | None = None,
    parent: Unit | None = AS_BEFORE,
    today: date | None = None,
) -> Unit:
    """From on_date on the unit has another name or parent (None: nothing above it), until the next
    change that is entered already. On the first day of a spell this corrects the spell itself.

    today: for what `Unit` says now; the clock's day if not told. Raises OrganisationError.
    """
    hold_tree()
    spell = _spell_on(unit, on_date)
    name = spell.name if name is None else check_name(name)
    parent = spell.parent if parent is AS_BEFORE else parent
    moved = parent != spell.parent
    if name == spell.name and not moved:
        return unit
    days = Days(on_date, spell.ended_date)
    if moved:
        _check_parent(parent, days)
    if on_date == spell.started_date:
        spell.name, spell.parent = name, parent
        spell.save(update_fields=["name", "parent"])
    else:
        spell.ended_date = on_date
        spell.save(update_fields=["ended_date"])
        UnitSpell.objects.create(unit=unit, name=name, parent=parent, **days._asdict())
    if moved:
        rebuild_tree([unit.code])
    if _move_to(unit, _spells(unit), today or day_of(now_ms(), unit.timezone)):
        _keep([unit])
    return unit


@transaction.atomic
def end_unit(*, unit: Unit, on_date: date | None) -> Unit:
    """The unit stands no longer from on_date on; None takes an end back.

    OrganisationError if it does not stand before that day or changes after it, if a unit still
    stands beneath it, or a succession rests on its days.
    """
    hold_tree()
    last = _spells(unit)[-1]
    if last.ended_date == on_date:
        return unit
    _check_end(unit, last, on_date)
    if on_date is None or (last.ended_date is not None and on_date > last.ended_date):
        _check_parent(last.parent, Days(last.ended_date, on_date))
    last.ended_date = on_date
    last.save(update_fields=["ended_date"])
    rebuild_tree([unit.code])
    return unit


@transaction.atomic
def settle_units(*, today: date | None = None) -> list[str]:
    """Let `Unit` say what stands today, where a change that was entered before has come into
    force; the codes of those units. The kiosks beneath them want their settings published."""
    days: dict[str, date] = {}
    waiting = []
    spells: dict[str, list[UnitSpell]] = {}
    for spell in UnitSpell.objects.all():
        spells.setdefault(spell.unit_id, []).append(spell)
    for unit in Unit.objects.order_by("code"):
        day = today or days.setdefault(unit.timezone, day_of(now_ms(), unit.timezone))
        if unit.code in spells and _move_to(unit, spells[unit.code], day):
            waiting.append(unit)
    _keep(waiting)
    return [unit.code for unit in waiting]


def _move_to(unit: Unit, spells: list[UnitSpell], day: date) -> bool:
    """Unit.name and .parent as they stand on the day, or stood last, or will stand first; True if
    that is something else."""
    spells = sorted(spells, key=_start)
    begun = [spell for spell in spells if _start(spell) <= day]
    spell = begun[-1] if begun else spells[0]
    before = unit.name, unit.parent_id
    unit.name, unit.parent_id = spell.name, spell.parent_id
    return before != (unit.name, unit.parent_id)


def _keep(units: list[Unit]) -> None:
    if units:
        with noting_rules([unit.code for unit in units], now_ms()):
            Unit.objects.bulk_update(units, ["name", "parent"], batch_size=500)


def _spells(unit: Unit) -> list[UnitSpell]:
    rows = UnitSpell.objects.filter(unit=unit).select_related("parent")
    return sorted(rows, key=_start)


def _start(spell: UnitSpell) -> date:
    """Databases do not agree where an empty day comes in an order; here it comes first."""
    return Days(spell.started_date).low


def _spell_on(unit: Unit, day: date) -> UnitSpell:
    for spell in _spells(unit):
        if Days(spell.started_date, spell.ended_date).holds(day):
            return spell
    raise OrganisationError("not-there", unit=unit.code, date=day)


def _check_same(found: Unit, name: str, started_date: date | None) -> None:
    """A unit that ended keeps its code for ever; who enters it again, just as it was, may."""
    spells = _spells(found)
    ended = spells[-1].ended_date
    if ended is not None and (spells[0].name, spells[0].started_date) != (name, started_date):
        raise OrganisationError("code-used", code=found.code, name=spells[-1].name, ended=ended)


def _check_parent(parent: Unit | None, days: Days) -> None:
    if parent is None:
        return
    missing = stands_throughout(parent.code, days)
    if missing is not None:
        absent = days.started_date if missing == date.min else missing
        raise OrganisationError("not-there", unit=parent.code, date=absent)


def _check_end(unit: Unit, last: UnitSpell, on_date: date | None) -> None:
    end = Days(None, on_date).high
    if end <= Days(last.started_date).low:
        later = last.started_date
        raise OrganisationError("changes-after", unit=unit.code, date=on_date, later=later)
    for row in UnitSpell.objects.filter(parent=unit).order_by("unit_id"):
        if Days(row.started_date, row.ended_date).high > end:
            beneath = row.unit_id
            raise OrganisationError("units-beneath", unit=unit.code, date=on_date, beneath=beneath)
    links = [link for link in Successor.objects.filter(predecessor=unit) if link.on_date < end]
    links += [link for link in Successor.objects.filter(successor=unit) if link.on_date >= end]
    for link in links:
        raise OrganisationError(
            "succession-stands",
            unit=unit.code,
            date=on_date,
            predecessor=link.predecessor_id,
            successor=link.successor_id,
            on=link.on_date,
        )


def _check_zone(timezone: str) -> None:
    try:
        ZoneInfo(timezone)
    except (ValueError, OSError, LookupError):
        raise OrganisationError("bad-zone", zone=timezone) from None
