"""What a visit was followed by: the share of complaints before and after it."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, NamedTuple

from server.analytics.before_after import Complaints, complaints_in_months, complaints_on
from server.analytics.methods.change import Change, change
from server.inspection.models import Measure, Visit

DAYS: Final = 90
VERDICT_FROM: Final = 30  # votes on each side: fewer say nothing
ONE_DAY: Final = timedelta(days=1)


class Side(NamedTuple):
    """The complaints from `first` to `last` (inclusive)."""

    first: date
    last: date
    votes: Complaints


class Effect(NamedTuple):
    """Before and after. after: None while there is nothing after it yet."""

    before: Side
    after: Side | None
    change: Change | None

    @property
    def enough(self) -> bool:
        """Whether both sides have so many votes that their difference says something."""
        return self.least >= VERDICT_FROM

    @property
    def least(self) -> int:
        """The number of votes on the side that has fewer."""
        return 0 if self.after is None else min(self.before.votes.n, self.after.votes.n)


def effect_of(visit: Visit, measures: Collection[Measure], *, today: date) -> Effect:
    """The visited unit's own: DAYS days before the visit, and as many after it ended or, where one
    was done later, after its last measure was done. Neither holds the visit itself."""
    before, after = _windows(visit, measures, today)
    told = _side(visit, *before)
    return _effect(told, None if after is None else _side(visit, *after))


def others_meanwhile(
    units: Collection[str], visit: Visit, measures: Collection[Measure], *, today: date
) -> Effect:
    """What changed in other units without this visit: in the whole months that those windows hold,
    since nobody sums the days of a province for one page."""
    before, after = _windows(visit, measures, today)
    others = [unit for unit in units if unit != visit.unit]
    whole = None if after is None else _whole_months(*after)
    told = _months(others, _whole_months(*before) or before)
    return _effect(told, None if whole is None else _months(others, whole))


def _windows(
    visit: Visit, measures: Collection[Measure], today: date
) -> tuple[tuple[date, date], tuple[date, date] | None]:
    done = [row.done_date for row in measures if row.done_date is not None]
    since = max([visit.last_date, *done])
    before = visit.first_date - DAYS * ONE_DAY, visit.first_date - ONE_DAY
    last = min(since + DAYS * ONE_DAY, today)
    return before, (since + ONE_DAY, last) if since < last else None


def _whole_months(first: date, last: date) -> tuple[date, date] | None:
    """The first and the last day of the whole months within; None if there is none."""
    begins = first if first.day == 1 else _next_month(first)
    after = last + ONE_DAY
    ends = after.replace(day=1) - ONE_DAY
    return (begins, ends) if begins <= ends else None


def _next_month(day: date) -> date:
    return (day.replace(day=28) + 4 * ONE_DAY).replace(day=1)


def _side(visit: Visit, first: date, last: date) -> Side:
    return Side(first, last, complaints_on(visit.unit, first, last))


def _months(units: Collection[str], days: tuple[date, date]) -> Side:
    return Side(*days, complaints_in_months(units, *days))


def _effect(before: Side, after: Side | None) -> Effect:
    return Effect(
        before, after, None if after is None else change(before.votes[:2], after.votes[:2])
    )
