"""Counting: whole days anew wherever an attribution changed, then what may be shown of a month."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from django.db import connection, transaction

from server.analytics import pending
from server.analytics.cells import redraw_cells
from server.analytics.counting import count_days, sum_months
from server.analytics.models import (
    CountedDay,
    CountedUnit,
    HourTally,
    OfficialMonth,
    ProcedureTally,
    Rebuilding,
    Tally,
    UnitMonth,
)
from server.analytics.pending import ChangedSince, Day
from server.analytics.reasons import tell_reasons
from server.organisation.selectors import timezones_of
from server.organisation.services import lock_unit, lock_units
from server.stages import do_groups, in_groups

TALLIES = (Tally, HourTally, ProcedureTally, UnitMonth, OfficialMonth)
UNITS_AT_ONCE, MONTHS_AT_ONCE, DAYS_AT_ONCE = 100, 50, 1_000
# What stands for a day that no vote ever belonged to, or is the sum of none.
NO_SUCH_DAY = (
    "DELETE FROM analytics_tally AS t WHERE t.unit = %s AND NOT EXISTS "
    "(SELECT 1 FROM attribution_changedday c WHERE c.unit = t.unit AND c.counter = t.counter "
    "AND c.first_day = t.first_day AND c.last_day = t.last_day)"
)
# NOT IN: both databases would look each of a year's rows up anew, among all the unit's days.
NO_SUCH_HOURS = (
    "DELETE FROM analytics_hourtally AS h WHERE h.unit = %s "
    "AND (h.counter, h.day) NOT IN (SELECT DISTINCT t.counter, t.first_day "
    "FROM analytics_tally t WHERE t.unit = %s AND t.first_day = t.last_day)"
)
NO_SUCH_PROCEDURES = (
    "DELETE FROM analytics_proceduretally AS p WHERE p.unit = %s "
    "AND (p.first_day, p.last_day) NOT IN (SELECT DISTINCT t.first_day, t.last_day "
    "FROM analytics_tally t WHERE t.unit = %s)"
)
COUNT_AGAIN = "UPDATE analytics_countedday SET gen = -gen WHERE unit = %s AND gen > 0"
FORGET_UNIT = "DELETE FROM analytics_countedunit WHERE unit = %s"
Tell = Callable[[int], None]


def recount_changed(tell: Tell | None = None) -> bool:
    """Count every day that changed since it was counted; True if there was one.

    One transaction for the changed days of some units' months. Their units are held meanwhile.
    tell: hears how many days were counted, each time that some are.
    """
    return do_groups(_in_groups(pending.changed_units()), lambda since: _recount(since, tell))


def forget_counts() -> None:
    """Drop the tallies, so that every day is counted again.

    What is shown stays: blocks made anew could differ from the old ones by a single vote.
    """
    with transaction.atomic():
        for model in (*TALLIES, CountedDay, CountedUnit):
            model.objects.all().delete()


def count_again(*, unit: str) -> None:
    """Mark every day of a unit to be counted again; its tallies stand until that is done.

    Blocks are left alone: no vote has moved.
    """
    with transaction.atomic():
        lock_unit(unit=unit)
        with connection.cursor() as cursor:
            for sql in (
                NO_SUCH_DAY, NO_SUCH_HOURS, NO_SUCH_PROCEDURES, COUNT_AGAIN, FORGET_UNIT
            ):  # fmt: skip
                cursor.execute(sql, [unit] * sql.count("%s"))
        keys = ("unit", "first_month", "last_month")
        months = {*UnitMonth.objects.filter(unit=unit).values_list(*keys)}
        sum_months(months | {*OfficialMonth.objects.filter(unit=unit).values_list(*keys)})


def begin_rebuild(*, tallies_only: bool) -> None:
    """Note that a rebuild has begun: whoever rebuilds after a crash goes on with this one."""
    Rebuilding.objects.update_or_create(id=1, defaults={"tallies_only": tallies_only})


def end_rebuild() -> None:
    """Everything is made again."""
    Rebuilding.objects.all().delete()


def _in_groups(since: Sequence[ChangedSince]) -> Iterator[Sequence[ChangedSince]]:
    """Units that were never counted come alone: they may have years of days."""
    yield from in_groups([each for each in since if each.counted], UNITS_AT_ONCE)
    yield from in_groups([each for each in since if not each.counted], 1)


def _recount(since: Sequence[ChangedSince], tell: Tell | None) -> None:
    days = pending.changed_days([each.unit for each in since])
    months = [list(group) for _, group in groupby(days, key=lambda day: day.unit_month)]

    def recount(group: Sequence[list[Day]]) -> None:
        _recount_months(group)
        if tell is not None:
            tell(sum(map(len, group)))

    do_groups(_together(months), recount)
    # Only now, that all are counted: a crash before this means looking at them again.
    CountedUnit.objects.bulk_create(
        [CountedUnit(unit=each.unit, gen=each.changed) for each in since],
        update_conflicts=True,
        unique_fields=["unit"],
        update_fields=["gen"],
    )


def _together(months: Sequence[list[Day]]) -> Iterator[list[list[Day]]]:
    """Months in groups of not too many days."""
    group: list[list[Day]] = []
    for month in months:
        days = sum(map(len, group))
        if group and (days + len(month) > DAYS_AT_ONCE or len(group) == MONTHS_AT_ONCE):
            yield group
            group = []
        group.append(month)
    if group:
        yield group


@transaction.atomic
def _recount_months(months: Sequence[list[Day]]) -> None:
    days = [day for month in months for day in month]
    units = sorted({day.unit for day in days})
    lock_units(units=units)
    changed, zones = pending.gens_to_count(days), timezones_of(units)
    # None of those that another process was quicker with.
    count_days({day: each.gen for day, each in changed.items()}, zones)
    tell_reasons({day.unit_month for day in changed}, zones)
    redraw_cells([day for day in days if day not in changed or not changed[day].again])
