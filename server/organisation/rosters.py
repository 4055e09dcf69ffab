"""Who is planned where; and the corrections that attribution has to look at."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.db import transaction

from server.clock import FOREVER_MS
from server.ledger.services import record_next_deed
from server.organisation.errors import OrganisationError
from server.organisation.locks import hold_rules, lock_unit, lock_units
from server.organisation.models import Counter, Official, RosterChange, Shift, Unit
from server.organisation.periods import day_of, local
from server.organisation.rules import rules_of
from server.organisation.serving import may_serve

SHIFT_HOURS: Final = 24  # a longer one is a slip: a day left out, or a month taken for a day


def add_shift(
    *,
    unit: Unit,
    counter: Counter,
    official: Official,
    started_ms: int,
    ended_ms: int,
    anybody: bool = True,
) -> Shift:
    """The official is planned at the unit's counter in [started_ms, ended_ms); twice changes
    nothing. They may be of another unit. OrganisationError if either is taken then.

    anybody: else only one who serves there, as a ruling may name: whoever plans somebody else's
    official would have bad votes counted as theirs, or keep their own unit from planning them.
    """
    wanted = Shift(
        unit=unit,
        counter=counter.code,
        official=official.code,
        started_ms=started_ms,
        ended_ms=ended_ms,
    )
    return _plan(wanted, counter, anybody) or wanted


def _plan(wanted: Shift, counter: Counter, anybody: bool) -> Shift | None:
    """Enter it, or the same shift that is there already: None if it is new."""
    unit, started_ms, ended_ms = wanted.unit, wanted.started_ms, wanted.ended_ms
    if counter.unit_id != unit.code:
        raise OrganisationError("counter-elsewhere", counter=counter.code, unit=counter.unit_id)
    if not 0 <= started_ms < ended_ms <= started_ms + SHIFT_HOURS * 3_600_000:
        raise OrganisationError("bad-shift", hours=SHIFT_HOURS)
    with transaction.atomic():
        hold_for_shifts(units=[unit.code], officials=[wanted.official])
        found = _in_the_way(wanted)
        if found is not None and _same(found, wanted):
            return found
        if not anybody:
            _check_serves(wanted, unit.timezone)
        if found is not None:
            raise _taken(found, wanted, unit.timezone)
        wanted.save()
        _note_shift(wanted)
    return None


def hold_for_shifts(*, units: Collection[str], officials: Collection[str]) -> None:
    """Hold all that some shifts are about before the first is added: rules, units, then officials,
    whom another unit may be planning, each in the order of their codes. Whoever takes them shift by
    shift may wait for somebody who waits for them."""
    hold_rules()
    lock_units(units=sorted(units))
    held = Official.objects.select_for_update(no_key=True).filter(code__in=officials)
    list(held.order_by("code").values_list("code"))


@transaction.atomic
def add_shifts(
    *,
    unit: Unit,
    counter: str,
    official: str,
    spans: Iterable[tuple[int, int]],
    by: str,
    now_ms: int,
    anybody: bool = True,
) -> None:
    """The same official at the same counter in several stretches: all of them or none. Each that is
    new is a deed. anybody: as in add_shift."""
    where = Counter.objects.get(code=counter)
    for started_ms, ended_ms in spans:
        shift = Shift(
            unit=unit, counter=counter, official=official, started_ms=started_ms, ended_ms=ended_ms
        )
        if _plan(shift, where, anybody) is None:
            _tell(shift, True, by, now_ms)


@transaction.atomic
def take_shift_back(*, shift: Shift, by: str, now_ms: int) -> None:
    """As remove_shift, and a deed; nothing if somebody did already."""
    hold_rules()  # before any unit
    lock_unit(unit=shift.unit_id)
    if Shift.objects.filter(pk=shift.pk).exists():
        _tell(shift, False, by, now_ms)
        remove_shift(shift=shift)


def remove_shift(*, shift: Shift) -> None:
    """The official is not planned there then, and never was."""
    with transaction.atomic():
        hold_rules()
        lock_unit(unit=shift.unit_id)
        if Shift.objects.filter(pk=shift.pk).delete()[0]:
            _note_shift(shift)


def note_change(
    *,
    unit: str,
    counter: str | None = None,
    from_ms: int = 0,
    to_ms: int = FOREVER_MS,
) -> None:
    """Have the votes of [from_ms, to_ms) at the unit's counter attributed anew by the next run.

    counter None: at each of its counters; "": those that stand at none. Call it in the transaction
    that changes the roster.
    """
    counters = (
        [counter]
        if counter is not None
        else list(Counter.objects.filter(unit=unit).values_list("code", flat=True).order_by("code"))
    )
    RosterChange.objects.bulk_create(
        RosterChange(unit=unit, counter=code, from_ms=from_ms, to_ms=to_ms) for code in counters
    )


def note_official(*, unit: str, official: str) -> None:
    """Have the votes that name this official of `unit` attributed anew by the next run, in whatever
    unit they were cast: nobody knew the official before, or nobody does from now on.

    An agency whose officials sit in another unit's hall has no counter of its own.
    """
    RosterChange.objects.create(
        unit=unit, counter="", from_ms=0, to_ms=FOREVER_MS, official=official
    )


def _in_the_way(wanted: Shift) -> Shift | None:
    """A shift of the counter or of the official that overlaps; the very same one first."""
    overlap = Shift.objects.filter(
        started_ms__lt=wanted.ended_ms,
        # No shift is longer: the index is read from here on, not from the first shift ever.
        started_ms__gt=wanted.started_ms - SHIFT_HOURS * 3_600_000,
        ended_ms__gt=wanted.started_ms,
    )
    rows = [
        *overlap.filter(unit=wanted.unit_id, counter=wanted.counter),
        *overlap.filter(official=wanted.official),
    ]
    rows.sort(key=lambda row: (not _same(row, wanted), row.started_ms, row.pk))
    return rows[0] if rows else None


def _check_serves(wanted: Shift, zone: str) -> None:
    first, last = (day_of(ms, zone) for ms in (wanted.started_ms, wanted.ended_ms - 1))
    unit, counter, official = wanted.unit_id, wanted.counter, wanted.official
    if not may_serve(official, unit=unit, counter=counter, first=first, last=last):
        raise OrganisationError("serves-elsewhere", official=official, counter=counter, date=first)


def _same(found: Shift, wanted: Shift) -> bool:
    fields = ("unit_id", "counter", "official", "started_ms", "ended_ms")
    return all(getattr(found, name) == getattr(wanted, name) for name in fields)


def _taken(found: Shift, wanted: Shift, zone: str) -> OrganisationError:
    if found.unit_id != wanted.unit_id:  # where and when is that unit's to know
        return OrganisationError("planned-elsewhere", official=found.official)
    kind = "official-planned" if found.official == wanted.official else "counter-planned"
    facts: dict[str, str | datetime] = {
        "started": local(found.started_ms, zone),
        "ended": local(found.ended_ms, zone),
        "counter": found.counter,
        "official": found.official,
    }
    return OrganisationError(kind, **facts)


def _note_shift(shift: Shift) -> None:
    """Only where shifts count does a shift say whom a vote is about."""
    if rules_of(shift.unit_id).counts(shift.started_ms):
        note_change(
            unit=shift.unit_id,
            counter=shift.counter,
            from_ms=shift.started_ms,
            to_ms=shift.ended_ms,
        )


def _tell(shift: Shift, planned: bool, by: str, now_ms: int) -> None:
    unit = shift.unit_id
    data = {
        "unit": unit, "counter": shift.counter, "official": shift.official,
        "from_ms": shift.started_ms, "to_ms": shift.ended_ms, "planned": planned, "by": by,
    }  # fmt: skip
    record_next_deed(unit=unit, journal=unit, type="shift", now_ms=now_ms, data=data)
