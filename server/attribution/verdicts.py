"""Deciding whom each vote is about, on what basis, or why nobody.

Bases, in order: a `ruling` in force on the vote's counter for the whole of its time; the official
of the `dossier` that it names; the duty that it names itself, else the one in force at its counter
(`duty` from a kiosk, `desk` from a work PC, `board` from the supervisor); a `shift`, where the unit
lets shifts count and nobody was on duty; else `none`:

| why               | nobody is named because |
| ----------------- | ----------------------- |
| ruled-nobody      | a ruling says that nobody of the organisation served |
| not-official      | the citizen said that another official served: the vote is the counter's |
| counter-forgotten | the kiosk serves several counters and the vote names none: it is the unit's |
| no-placement      | the kiosk stood at no counter then, or the vote names none of this unit |
| clock-uncertain   | it is not certain when the vote was cast, or who had signed in by then |
| duty-unknown      | the vote names a duty that is not in force, and nobody else was on duty |
| nobody-signed-in  | nobody was on duty at the counter |
| unknown-official  | the official's code is not in the organisation |
| quarantined       | its line is held out until two people rule on it |
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from server.attribution.desk import FORGOTTEN, Cast, Desk, Placed
from server.attribution.effective import FREE
from server.attribution.facts import Facts, Filed, Moment, planned_at, read_facts

VACANT: Final = ("nobody-signed-in", "duty-unknown")  # a shift may fill these
UNFILED: Final = Filed("", "")


class Verdict(NamedTuple):
    """Where a vote belongs, whom it is about and why. Days are local to the unit; procedure: of
    the dossier that it names."""

    counter: str
    official: str
    basis: str
    why: str
    procedure: str
    first_day: date
    last_day: date


class _Who(NamedTuple):
    official: str
    basis: str
    why: str = ""


def _nobody(why: str) -> _Who:
    return _Who("", "none", why)


Judged = list[tuple[Cast, Verdict]]


def decide(work: Sequence[tuple[Desk, Sequence[Cast]]]) -> list[Judged]:
    """A verdict for each vote, unit by unit, in their order."""
    placed = [(desk, [desk.place(cast) for cast in casts]) for desk, casts in work]
    facts = read_facts(placed)
    found = [[(one, _who(desk, one, facts)) for one in each] for desk, each in placed]
    planned = planned_at(
        {
            desk.unit: [(one.counter, one.cast.low_ms) for one, who in each if who.why in VACANT]
            for (desk, _), each in zip(placed, found, strict=True)
        }
    )
    return [
        list(_of_unit(desk, each, facts, planned))
        for (desk, _), each in zip(placed, found, strict=True)
    ]


def _of_unit(
    desk: Desk,
    found: Sequence[tuple[Placed, _Who]],
    facts: Facts,
    planned: Mapping[Moment, str],
) -> Iterator[tuple[Cast, Verdict]]:
    for one, who in found:
        cast, filed = one.cast, facts.dossiers.get((desk.unit, one.cast.dossier), UNFILED)
        if who.why in VACANT and (official := planned.get((one.counter, cast.low_ms))):
            who = _Who(official, "shift")
        days = desk.day(cast.low_ms), desk.day(cast.high_ms)
        yield cast, Verdict(one.counter, *who, filed.procedure, *days)


def _who(desk: Desk, one: Placed, facts: Facts) -> _Who:
    cast = one.cast
    ruled = facts.ruling_on(desk.unit, one)
    if ruled is not None and not ruled.official:
        return _Who("", "ruling", "ruled-nobody")
    if ruled is not None and _may_be(one, ruled.official):
        return _Who(ruled.official, "ruling")
    filed = facts.dossiers.get((desk.unit, cast.dossier), UNFILED)
    if filed.official in facts.officials and _may_be(one, filed.official):
        return _Who(filed.official, "dossier")
    if cast.not_official:
        return _nobody("not-official")
    on_duty = _on_duty(desk, one, facts)
    if on_duty.official and on_duty.official not in facts.officials:
        return _nobody("unknown-official")
    return on_duty


def _may_be(one: Placed, official: str) -> bool:
    """A citizen who said that it was another is never counted for whom the kiosk showed."""
    return not (one.cast.not_official and official == one.shown)


def _on_duty(desk: Desk, one: Placed, facts: Facts) -> _Who:
    cast = one.cast
    if cast.official is not None and one.why != FORGOTTEN:
        return _Who(cast.official, "duty")
    if one.why:
        return _nobody(one.why)
    if cast.quality == "interval":
        return _nobody("clock-uncertain")
    hold = facts.hold_at(desk, one.counter, cast.low_ms)
    if hold is None:
        return _nobody("clock-uncertain")
    if hold == FREE:
        return _nobody("duty-unknown" if cast.duty_named else "nobody-signed-in")
    return _Who(hold.official, hold.basis)
