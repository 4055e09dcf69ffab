"""Corrections by people: who served at a counter for a while, whatever was signed.

A ruling names a counter and an interval, never votes; nobody who proposes or decides it is told a
rating here, or what it does to a score. Where the unit's rules ask for two, it is in force only
once a second person has confirmed it. In force it is a deed; the next run attributes anew.
"""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Max

from server.attribution.errors import AttributionError
from server.attribution.models import CounterDuty, PostedDuty, Ruling
from server.database import here
from server.ledger.services import record_deed
from server.organisation.selectors import (
    absent_on,
    counter_codes_of,
    known_officials,
    rules_of,
    timezone_of,
    unemployed_on,
)
from server.organisation.services import lock_unit, note_change

PROPOSED, FORCE, REFUSED = "proposed", "force", "refused"
WITHDRAWN, LIFTED = "withdrawn", "lifted"
MOST_WORDS: Final = 500
# A shorter one would point at single citizens.
SHORTEST_MIN: Final = 10
LONGEST_DAYS: Final = 366


def propose_ruling(
    *, unit: str, counter: str, from_ms: int, to_ms: int, official: str, reason: str, by: str,
    now_ms: int,
) -> int:  # fmt: skip
    """Say who served at a counter in [from_ms, to_ms), "" nobody of the organisation; the ruling's
    number. It is in force at once, or waits for a second person; proposing twice what waits is
    proposing it once. AttributionError."""
    long = SHORTEST_MIN * 60_000 <= to_ms - from_ms <= LONGEST_DAYS * 86_400_000
    if not long or from_ms < 0 or to_ms > now_ms:
        raise AttributionError("bad-interval", shortest=SHORTEST_MIN, longest=LONGEST_DAYS)
    with transaction.atomic():
        lock_unit(unit=unit)
        if counter not in counter_codes_of([unit])[unit]:
            raise AttributionError("no-counter", unit=unit, counter=counter)
        if official and not known_officials([official]):
            raise AttributionError("no-official", official=official)
        zone = timezone_of(unit)
        first, last = (
            datetime.fromtimestamp(ms // 1000, zone).date() for ms in (from_ms, to_ms - 1)
        )
        # Another unit's official would be nobody's to ask; one who moved on served here before.
        day = absent_on(official, unit=unit, counter=counter, first=first, last=last)
        if day is not None and _was_on_duty(unit, official):
            day = unemployed_on(official, first, last)
        if official and day is not None:
            raise AttributionError("not-there", official=official, unit=unit, date=day)
        wish = {"counter": counter, "from_ms": from_ms, "to_ms": to_ms, "official": official}
        ruling = Ruling(unit=unit, **wish)
        _check_free(ruling)
        waits = Ruling.objects.filter(
            unit=unit, proposed_by=by, state=PROPOSED, lifts=None, **wish
        ).first()
        return waits.number if waits is not None else _propose(ruling, reason, by, now_ms)


def _was_on_duty(unit: str, official: str) -> bool:
    """Whether the official ever served in the unit, by what kiosks or the board say."""
    return any(
        model._default_manager.filter(unit=unit, official=official).exists()
        for model in (CounterDuty, PostedDuty)
    )


def lift_ruling(*, unit: str, number: int, reason: str, by: str, now_ms: int) -> int:
    """Take a ruling in force back by another; that one's number. AttributionError."""
    with transaction.atomic():
        lock_unit(unit=unit)
        lifted = _find(unit, number)
        if lifted.state != FORCE or lifted.lifts is not None:
            raise AttributionError("not-in-force", number=number)
        waits = Ruling.objects.filter(unit=unit, lifts=number, state=PROPOSED).first()
        if waits is not None:
            raise AttributionError("lift-waits", number=number, lift=waits.number)
        ruling = Ruling(
            unit=unit, counter=lifted.counter, from_ms=lifted.from_ms, to_ms=lifted.to_ms,
            lifts=number,
        )  # fmt: skip
        return _propose(ruling, reason, by, now_ms)


def confirm_ruling(*, unit: str, number: int, by: str, now_ms: int) -> None:
    """The second person agrees, and it is in force. AttributionError."""
    with transaction.atomic():
        ruling = _waiting(unit, number)
        if ruling.proposed_by == by:
            raise AttributionError("own-proposal", number=number)
        _check_free(ruling)
        ruling.decided_by = by
        _bring_into_force(ruling, now_ms)


def refuse_ruling(*, unit: str, number: int, why: str, by: str, now_ms: int) -> None:
    """The second person does not agree. AttributionError."""
    with transaction.atomic():
        ruling = _waiting(unit, number)
        if ruling.proposed_by == by:
            raise AttributionError("own-proposal", number=number)
        _decide(ruling, REFUSED, by, words(why, MOST_WORDS), now_ms)


def withdraw_ruling(*, unit: str, number: int, by: str, now_ms: int) -> None:
    """The proposer takes the proposal back. AttributionError."""
    with transaction.atomic():
        ruling = _waiting(unit, number)
        if ruling.proposed_by != by:
            raise AttributionError("others-proposal", number=number)
        _decide(ruling, WITHDRAWN, by, "", now_ms)


def words(text: str, most: int) -> str:
    """What somebody wrote, without blanks around it; AttributionError unless it says something."""
    text = text.strip()
    if not text or len(text) > most or not text.replace("\n", " ").isprintable():
        raise AttributionError("bad-words", most=most)
    return text


def _propose(ruling: Ruling, reason: str, by: str, now_ms: int) -> int:
    newest = Ruling.objects.filter(unit=ruling.unit).aggregate(n=Max("number"))["n"]
    ruling.number = (newest or 0) + 1
    ruling.reason = " ".join(words(reason, MOST_WORDS).split())
    ruling.proposed_by, ruling.proposed_ms, ruling.state = by, now_ms, PROPOSED
    ruling.save(force_insert=True)
    if not rules_of(ruling.unit).two_for_rulings:
        _bring_into_force(ruling, now_ms)
    return ruling.number


def _bring_into_force(ruling: Ruling, now_ms: int) -> None:
    """The unit is held."""
    if ruling.lifts is not None:
        lifted = _find(ruling.unit, ruling.lifts)
        if lifted.state != FORCE:
            raise AttributionError("not-in-force", number=ruling.lifts)
        lifted.state = LIFTED
        lifted.save(force_update=True)
    ruling.state, ruling.decided_ms = FORCE, now_ms
    ruling.save(force_update=True)
    with here() as cursor:
        record_deed(
            cursor, unit=ruling.unit, journal=ruling.unit, type="ruling", seq=ruling.number,
            at_ms=now_ms, data=deed_of(ruling),
        )  # fmt: skip
    note_change(
        unit=ruling.unit, counter=ruling.counter, from_ms=ruling.from_ms, to_ms=ruling.to_ms
    )


def deed_of(ruling: Ruling) -> dict[str, object]:
    """What the ledger says of a ruling in force."""
    return {
        "unit": ruling.unit,
        "number": ruling.number,
        "counter": ruling.counter,
        "from_ms": ruling.from_ms,
        "to_ms": ruling.to_ms,
        "official": ruling.official or None,
        "lifts": ruling.lifts,
        "why": ruling.reason,
        "by": ruling.proposed_by,
        "confirmed_by": ruling.decided_by or None,
    }


def _decide(ruling: Ruling, state: str, by: str, why: str, now_ms: int) -> None:
    ruling.state, ruling.decided_by, ruling.decided_ms, ruling.decided_why = state, by, now_ms, why
    ruling.save(force_update=True)


def _waiting(unit: str, number: int) -> Ruling:
    """A proposal that nobody has decided; the unit is held from here on."""
    lock_unit(unit=unit)
    ruling = _find(unit, number)
    if ruling.state != PROPOSED:
        raise AttributionError("decided", number=number)
    return ruling


def _find(unit: str, number: int) -> Ruling:
    ruling = Ruling.objects.filter(unit=unit, number=number).first()
    if ruling is None:
        raise AttributionError("no-ruling", unit=unit, number=number)
    return ruling


def _check_free(ruling: Ruling) -> None:
    """No other ruling in force is about an instant of this one at its counter."""
    if ruling.lifts is not None:
        return
    other = Ruling.objects.filter(
        unit=ruling.unit, counter=ruling.counter, state=FORCE, lifts=None,
        from_ms__lt=ruling.to_ms, to_ms__gt=ruling.from_ms,
    ).first()  # fmt: skip
    if other is not None:
        zone = timezone_of(ruling.unit)
        started, ended = (
            datetime.fromtimestamp(ms // 1000, zone) for ms in (other.from_ms, other.to_ms)
        )
        raise AttributionError("overlap", number=other.number, started=started, ended=ended)
