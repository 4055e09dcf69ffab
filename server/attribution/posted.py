"""Duties that no kiosk saw: an official's own at a work PC, and those on the supervisor's board.

In force from the moment they are entered; earlier times need a ruling. The next one at the counter,
the official's own next one, or midnight ends each.
"""

from django.db import transaction
from django.db.models import Max

from server.attribution.desk import Desk, desk_of
from server.attribution.errors import AttributionError
from server.attribution.models import PostedDuty
from server.database import here
from server.ledger.services import record_deed
from server.organisation.selectors import counter_codes_of, known_officials, may_serve
from server.organisation.services import lock_unit, note_change

DESK, BOARD = "desk", "board"


def start_duty(*, unit: str, counter: str, official: str, by: str, now_ms: int) -> int:
    """The official begins at a counter, as they say at a work PC; the duty's number.

    by: their account. What they or the counter had on the board or at a work PC ends.
    AttributionError.
    """
    with transaction.atomic():
        return _post(unit, counter, official, DESK, by, now_ms)


def set_duty(*, unit: str, counter: str, official: str, by: str, now_ms: int) -> int | None:
    """The supervisor puts an official on duty at a counter from now on; "" ends what was posted
    there. The duty's number. AttributionError."""
    with transaction.atomic():
        if official:
            return _post(unit, counter, official, BOARD, by, now_ms)
        lock_unit(unit=unit)
        _check_counter(unit, counter)
        desk = desk_of(unit)
        at_ms = _next_ms(desk, now_ms)
        for duty in open_duties(desk, at_ms):
            if duty.counter == counter:
                _end(desk, duty, by, at_ms)
    return None


def end_duty(*, unit: str, number: int, official: str, by: str, now_ms: int) -> bool:
    """An official ends a posted duty of their own now; False if it was over already.
    AttributionError."""
    with transaction.atomic():
        lock_unit(unit=unit)
        duty = PostedDuty.objects.filter(unit=unit, number=number).first()
        if duty is None:
            raise AttributionError("no-duty", unit=unit, number=number)
        if duty.official != official:
            raise AttributionError("not-own")
        desk = desk_of(unit)
        at_ms = _next_ms(desk, now_ms)
        if not is_open(desk, duty, at_ms):
            return False
        _end(desk, duty, by, at_ms)
    return True


def open_duties(desk: Desk, at_ms: int) -> list[PostedDuty]:
    """The posted duties of a unit that are not over, by number."""
    rows = PostedDuty.objects.filter(
        unit=desk.unit, ended_ms=None, started_ms__gte=desk.day_begin(at_ms)
    )
    return [duty for duty in rows.order_by("number") if is_open(desk, duty, at_ms)]


def is_open(desk: Desk, duty: PostedDuty, at_ms: int) -> bool:
    """Whether a duty goes on: it began, nobody ended it, and its day is not over."""
    goes_on = duty.started_ms <= at_ms < desk.day_end(duty.started_ms)
    return duty.ended_ms is None and goes_on


def _post(unit: str, counter: str, official: str, basis: str, by: str, now_ms: int) -> int:
    lock_unit(unit=unit)
    _check_counter(unit, counter)
    if not known_officials([official]):
        raise AttributionError("no-official", official=official)
    desk = desk_of(unit)
    at_ms = _next_ms(desk, now_ms)
    today = desk.day(at_ms)
    if not may_serve(official, unit=unit, counter=counter, first=today, last=today):
        raise AttributionError("not-there", official=official, unit=unit, date=today)
    for duty in open_duties(desk, at_ms):
        if (duty.counter, duty.official, duty.basis) == (counter, official, basis):
            return duty.number  # two clicks are one
        if counter == duty.counter or official == duty.official:
            _end(desk, duty, by, at_ms)
    number = (PostedDuty.objects.filter(unit=unit).aggregate(n=Max("number"))["n"] or 0) + 1
    duty = PostedDuty.objects.create(
        unit=unit,
        number=number,
        counter=counter,
        official=official,
        basis=basis,
        started_ms=at_ms,
        by=by,
    )
    with here() as cursor:
        record_deed(
            cursor, unit=unit, journal=unit, type="posted", seq=number, at_ms=at_ms,
            data=deed_of(duty),
        )  # fmt: skip
    note_change(unit=unit, counter=counter, from_ms=at_ms, to_ms=desk.day_end(at_ms))
    return number


def _end(desk: Desk, duty: PostedDuty, by: str, at_ms: int) -> None:
    duty.ended_ms, duty.ended_by = at_ms, by
    duty.save(force_update=True)
    with here() as cursor:
        record_deed(
            cursor, unit=duty.unit, journal=duty.unit, type="posted.over", seq=duty.number,
            at_ms=at_ms, data=end_deed_of(duty),
        )  # fmt: skip
    note_change(unit=duty.unit, counter=duty.counter, from_ms=at_ms, to_ms=desk.day_end(at_ms))


def deed_of(duty: PostedDuty) -> dict[str, object]:
    """What the ledger says of a posted duty."""
    return {
        "unit": duty.unit,
        "number": duty.number,
        "counter": duty.counter,
        "official": duty.official,
        "basis": duty.basis,
        "from_ms": duty.started_ms,
        "by": duty.by,
    }


def end_deed_of(duty: PostedDuty) -> dict[str, object]:
    """What the ledger says of its end."""
    return {
        "unit": duty.unit,
        "number": duty.number,
        "to_ms": duty.ended_ms,
        "by": duty.ended_by,
    }


def _next_ms(desk: Desk, now_ms: int) -> int:
    """Now, or as late as the newest entry of the unit's day: a clock that was set back reorders
    nothing. What a clock that ran ahead entered for a later day is of that day alone."""
    rows = PostedDuty.objects.filter(unit=desk.unit, started_ms__lt=desk.day_end(now_ms))
    newest = rows.aggregate(a=Max("started_ms"), b=Max("ended_ms"))
    return max(now_ms, newest["a"] or 0, newest["b"] or 0)


def _check_counter(unit: str, counter: str) -> None:
    if counter not in counter_codes_of([unit])[unit]:
        raise AttributionError("no-counter", unit=unit, counter=counter)
