"""An official does not agree: with a ruling, or with what is said of a counter on a day."""

import hashlib
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Max

from server.attribution.errors import AttributionError
from server.attribution.models import Objection, Ruling
from server.attribution.rulings import words
from server.database import here
from server.ledger.services import record_deed
from server.organisation.selectors import (
    counter_codes_of,
    is_employed,
    known_officials,
    timezone_of,
)
from server.organisation.services import lock_unit

MOST_WORDS: Final = 2_000
MOST_WAITING: Final = 20


def object_to(
    *, unit: str, official: str, text: str, by: str, now_ms: int, ruling: int | None = None,
    counter: str = "", date: date | None = None,
) -> int:  # fmt: skip
    """Object to a ruling of the unit, or to a counter's day; the objection's number. It changes no
    attribution: whoever may rule answers it. AttributionError."""
    with transaction.atomic():
        lock_unit(unit=unit)
        if not known_officials([official]):
            raise AttributionError("no-official", official=official)
        _check_target(unit, ruling, counter, date)
        if date is not None:
            _check_day(unit, official, date, now_ms)
        waiting = Objection.objects.filter(unit=unit, official=official, answered_ms=None)
        text = words(text, MOST_WORDS)
        same = waiting.filter(ruling=ruling, counter=counter, date=date, text=text).first()
        if same is not None:
            return same.number  # two clicks are one
        if waiting.count() >= MOST_WAITING:
            raise AttributionError("too-many", most=MOST_WAITING, official=official)
        newest = Objection.objects.filter(unit=unit).aggregate(n=Max("number"))["n"]
        objection = Objection.objects.create(
            unit=unit, number=(newest or 0) + 1, official=official, ruling=ruling, counter=counter,
            date=date, text=text, at_ms=now_ms,
        )  # fmt: skip
        _record(unit, "objection", objection.number, now_ms, {**deed_of(objection), "by": by})
    return objection.number


def answer_objection(*, unit: str, number: int, answer: str, by: str, now_ms: int) -> None:
    """Answer it, once. AttributionError."""
    with transaction.atomic():
        lock_unit(unit=unit)
        objection = Objection.objects.filter(unit=unit, number=number).first()
        if objection is None:
            raise AttributionError("no-objection", unit=unit, number=number)
        if objection.answered_ms is not None:
            raise AttributionError("answered", number=number)
        objection.answer = words(answer, MOST_WORDS)
        objection.answered_by, objection.answered_ms = by, now_ms
        objection.save(force_update=True)
        _record(unit, "objection.answered", number, now_ms, answer_deed_of(objection))


def deed_of(objection: Objection) -> dict[str, object]:
    """What the ledger says of an objection, but for whose account it was."""
    return {
        "unit": objection.unit,
        "number": objection.number,
        "official": objection.official,
        "ruling": objection.ruling,
        "counter": objection.counter or None,
        "date": objection.date.isoformat() if objection.date else None,
        "sha256": _hash(objection.text),
    }


def answer_deed_of(objection: Objection) -> dict[str, object]:
    """What the ledger says of its answer."""
    return {
        "unit": objection.unit,
        "number": objection.number,
        "sha256": _hash(objection.answer),
        "by": objection.answered_by,
    }


def _check_target(unit: str, ruling: int | None, counter: str, date: date | None) -> None:
    if (ruling is None) == (date is None) or bool(counter) != (date is not None):
        raise AttributionError("object-to-what")
    if ruling is not None and not Ruling.objects.filter(unit=unit, number=ruling).exists():
        raise AttributionError("no-ruling", unit=unit, number=ruling)
    if counter and counter not in counter_codes_of([unit])[unit]:
        raise AttributionError("no-counter", unit=unit, counter=counter)


def _check_day(unit: str, official: str, day: date, now_ms: int) -> None:
    """Nothing is said yet of a day to come, nor of whoever was not there."""
    today = datetime.fromtimestamp(now_ms // 1000, timezone_of(unit)).date()
    if day > today or not is_employed(official, day, day):
        raise AttributionError("bad-day", date=day, official=official)


def _record(unit: str, type: str, number: int, now_ms: int, data: dict[str, object]) -> None:
    with here() as cursor:
        record_deed(cursor, unit=unit, journal=unit, type=type, seq=number, at_ms=now_ms, data=data)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
