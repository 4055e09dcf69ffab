"""Inspections on the spot: where, who, what was found, who does what about it until when."""

from datetime import date
from typing import Final

from django.db import transaction
from django.db.models import Max

from server.inspection.errors import InspectionError, checked_words
from server.inspection.models import Finding, Measure, Visit
from server.organisation.services import lock_unit

MOST_DAYS: Final = 92
MOST_WORDS: Final = 1_000
MOST_PEOPLE: Final = 500
MOST_OWNER: Final = 200


@transaction.atomic
def enter_visit(
    *, unit: str, first_date: date, last_date: date, people: str, about: str, by: str, now_ms: int
) -> int:
    """A visit that is planned or was made; its number in the unit. InspectionError."""
    wanted = _checked(first_date, last_date, people, about)
    lock_unit(unit=unit)
    newest = Visit.objects.filter(unit=unit).aggregate(n=Max("number"))["n"]
    number = (newest or 0) + 1
    Visit.objects.create(unit=unit, number=number, made_by=by, made_ms=now_ms, **wanted)
    return number


@transaction.atomic
def change_visit(
    *, unit: str, number: int, first_date: date, last_date: date, people: str, about: str
) -> None:
    """Correct what was entered of a visit. InspectionError."""
    wanted = _checked(first_date, last_date, people, about)
    _hold(unit, number)
    Visit.objects.filter(unit=unit, number=number).update(**wanted)


@transaction.atomic
def add_finding(*, unit: str, visit: int, words: str, by: str, now_ms: int) -> None:
    """What the visit found, in words. InspectionError."""
    _hold(unit, visit)
    newest = Finding.objects.filter(unit=unit, visit=visit).aggregate(n=Max("number"))["n"]
    Finding.objects.create(
        unit=unit, visit=visit, number=(newest or 0) + 1,
        words=checked_words(words, most=MOST_WORDS), made_by=by, made_ms=now_ms,
    )  # fmt: skip


@transaction.atomic
def add_measure(
    *, unit: str, visit: int, words: str, owner: str, due_date: date, by: str, now_ms: int
) -> None:
    """What `owner` is to do about it until due_date. InspectionError."""
    found = _hold(unit, visit)
    if due_date < found.first_date:
        raise InspectionError("bad-due", first=found.first_date)
    newest = Measure.objects.filter(unit=unit, visit=visit).aggregate(n=Max("number"))["n"]
    Measure.objects.create(
        unit=unit, visit=visit, number=(newest or 0) + 1,
        words=checked_words(words, most=MOST_WORDS), owner=checked_words(owner, most=MOST_OWNER),
        due_date=due_date, made_by=by, made_ms=now_ms,
    )  # fmt: skip


@transaction.atomic
def set_done(
    *, unit: str, visit: int, number: int, done_date: date | None, today: date, by: str
) -> None:
    """The measure was done on this day; None: it was not. InspectionError."""
    found = _hold(unit, visit)
    if done_date is not None and not found.first_date <= done_date <= today:
        raise InspectionError("bad-done", first=found.first_date)
    rows = Measure.objects.filter(unit=unit, visit=visit, number=number)
    if not rows.update(done_date=done_date, done_by="" if done_date is None else by):
        raise InspectionError("no-measure", visit=visit, number=number)


def _checked(first_date: date, last_date: date, people: str, about: str) -> dict[str, object]:
    if not 0 <= (last_date - first_date).days < MOST_DAYS:
        raise InspectionError("bad-dates", most=MOST_DAYS)
    return {
        "first_date": first_date,
        "last_date": last_date,
        "people": checked_words(people, most=MOST_PEOPLE),
        "about": checked_words(about, most=MOST_PEOPLE),
    }


def _hold(unit: str, number: int) -> Visit:
    """The visit; its unit is held until the caller's transaction ends."""
    lock_unit(unit=unit)
    found = Visit.objects.filter(unit=unit, number=number).first()
    if found is None:
        raise InspectionError("no-visit", unit=unit, number=number)
    return found
