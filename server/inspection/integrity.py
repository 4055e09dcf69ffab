"""Votes that named harassment (R6): where and how many, who looked into them, what came of it.

Never at which hour; never who, where anybody served there that day with fewer than five votes.
Reading the list is a look, and a deed before anything is given.
"""

from collections.abc import Collection
from datetime import date
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Max

from server.analytics.integrity import Day, Served, integrity_days, served_on
from server.inspection.errors import InspectionError, checked_words
from server.inspection.models import IntegrityStep
from server.ledger.looks import record_view
from server.organisation.services import lock_unit

NEW, LOOKING, ANSWERED = "new", "looking", "answered"
STATES: Final = (NEW, LOOKING, ANSWERED)
NAMED_FROM: Final = 5
MOST_WORDS: Final = 1_000


class Found(NamedTuple):
    """The integrity votes of a counter's day. officials: who they were about, as far as they name
    anybody; None where somebody served there with fewer than five votes. steps: oldest first."""

    day: Day
    counted: int
    held: int
    excluded: int
    state: str
    steps: list[IntegrityStep]
    officials: list[Served] | None

    @property
    def votes(self) -> int:
        return self.counted + self.held + self.excluded

    @property
    def more(self) -> int:
        """How many came after the last step."""
        return max(0, self.votes - self.steps[-1].votes) if self.steps else 0


class Page(NamedTuple):
    """Some of what a look found. states: how many days there are of each, on all pages."""

    rows: list[Found]
    of: int
    states: dict[str, int]
    counted: int
    held: int
    excluded: int


def look_at_integrity(
    *, units: Collection[str], what: str, first: date, last: date, state: str, start: int,
    most: int, by: str, now_ms: int,
) -> Page:  # fmt: skip
    """The integrity votes of some units, newest first: `most` of those in this state ("": any),
    from place `start` on. what: which units, in the words of the deed that this look is."""
    record_view(by=by, what=f"integrity votes of {what} {first}/{last}", now_ms=now_ms)
    steps = _steps(units, first, last)
    every = [_found(day, n, steps.get(day, [])) for day, n in _days(units, first, last).items()]
    wanted = [row for row in every if state in ("", row.state)]
    rows = wanted[start : start + most]
    named = served_on([row.day for row in rows])
    return Page(
        rows=[row._replace(officials=_nameable(named[row.day])) for row in rows],
        of=len(wanted),
        states={each: sum(row.state == each for row in every) for each in STATES},
        counted=sum(row.counted for row in wanted),
        held=sum(row.held for row in wanted),
        excluded=sum(row.excluded for row in wanted),
    )


def begin_looking(*, day: Day, by: str, now_ms: int) -> None:
    """Somebody looks into a counter's day; twice is once. InspectionError."""
    with transaction.atomic():
        lock_unit(unit=day.unit)
        votes = _votes(day)
        newest = _steps([day.unit], day.first, day.last).get(day, [None])[-1]
        same = newest is not None and (newest.what, newest.by, newest.votes) == (LOOKING, by, votes)
        if not same:
            _step(day, LOOKING, votes, "", by, now_ms)


def answer_integrity(*, day: Day, words: str, by: str, now_ms: int) -> None:
    """Say what came of looking into a counter's day. InspectionError."""
    words = checked_words(words, most=MOST_WORDS)
    with transaction.atomic():
        lock_unit(unit=day.unit)
        _step(day, ANSWERED, _votes(day), words, by, now_ms)


def _votes(day: Day) -> int:
    found = sum(_days([day.unit], day.first, day.last).get(day, {}).values())
    if not found:
        raise InspectionError("no-votes")
    return found


def _days(units: Collection[str], first: date, last: date) -> dict[Day, dict[str, int]]:
    return integrity_days(units, first, last)


def _steps(units: Collection[str], first: date, last: date) -> dict[Day, list[IntegrityStep]]:
    rows = IntegrityStep.objects.filter(
        unit__in=units, first_day__gte=first, last_day__lte=last
    ).order_by("unit", "number")
    found: dict[Day, list[IntegrityStep]] = {}
    for row in rows:
        day = Day(row.unit, row.counter, row.first_day, row.last_day)
        found.setdefault(day, []).append(row)
    return found


def _found(day: Day, n: dict[str, int], steps: list[IntegrityStep]) -> Found:
    state = NEW
    if steps and steps[-1].votes >= sum(n.values()):
        state = steps[-1].what
    numbers = n.get("counted", 0), n.get("held", 0), n.get("excluded", 0)
    return Found(day, *numbers, state, steps, None)


def _nameable(served: list[Served]) -> list[Served] | None:
    """One left out would be known by subtraction, so all are."""
    if any(each.n < NAMED_FROM for each in served):
        return None
    return [each for each in served if each.r6]


def _step(day: Day, what: str, votes: int, words: str, by: str, now_ms: int) -> None:
    newest = IntegrityStep.objects.filter(unit=day.unit).aggregate(n=Max("number"))["n"]
    IntegrityStep.objects.create(
        unit=day.unit, number=(newest or 0) + 1, counter=day.counter, first_day=day.first,
        last_day=day.last, what=what, votes=votes, words=words, by=by, at_ms=now_ms,
    )  # fmt: skip
