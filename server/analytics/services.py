"""Counting: whole days anew wherever an attribution changed, then what may be shown of a month."""

from collections.abc import Sequence
from itertools import groupby

from django.db import connection, transaction

from server.analytics import pending
from server.analytics.cells import redraw_cells
from server.analytics.models import CountedDay, CountedUnit, Tally
from server.analytics.pending import ChangedSince, Day
from server.organisation.services import lock_units
from server.stages import do_groups, in_groups

OF_DAY = (
    "FROM attribution_attribution a JOIN votes_vote v "
    "ON v.unit = a.unit AND v.journal = a.journal AND v.seq = a.seq "
    "WHERE a.unit = %s AND a.counter = %s AND a.first_day = %s AND a.last_day = %s "
)
COUNT_DAY = (
    "INSERT INTO analytics_tally "
    "(unit, counter, first_day, last_day, official, why, basis, state, n1, n2, n3, n4, n5, "
    "r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, p1, p2, p3, p4, p5, p6) "
    "SELECT a.unit, a.counter, a.first_day, a.last_day, a.official, a.why, a.basis, a.state, "
    + ", ".join(f"sum(CASE WHEN v.rating = {rating} THEN 1 ELSE 0 END)" for rating in range(1, 6))
    + ", 0" * 16
    + f" {OF_DAY} GROUP BY a.unit, a.counter, a.first_day, a.last_day, a.official, a.why, "
    "a.basis, a.state"
)
FORGET_DAY = (
    "DELETE FROM analytics_tally "
    "WHERE unit = %s AND counter = %s AND first_day = %s AND last_day = %s"
)
NOTE_DAY = (
    "INSERT INTO analytics_countedday (unit, counter, first_day, last_day, gen, received_ms) "
    f"SELECT %s, %s, %s, %s, %s, coalesce(max(v.received_ms), 0) {OF_DAY}"
    "ON CONFLICT (unit, counter, first_day, last_day) "
    "DO UPDATE SET gen = excluded.gen, received_ms = excluded.received_ms"
)
UNITS_AT_ONCE, MONTHS_AT_ONCE = 100, 50


def recount_changed() -> bool:
    """Count every day that changed since it was counted; True if there was one.

    One transaction for the changed days of some counters' months. Their units are held meanwhile.
    """
    return do_groups(in_groups(pending.changed_units(), UNITS_AT_ONCE), _recount_units)


def forget_counts() -> None:
    """Drop the tallies, so that every day is counted again.

    What is shown stays: blocks made anew could differ from the old ones by a single vote.
    """
    with transaction.atomic():
        Tally.objects.all().delete()
        CountedDay.objects.all().delete()
        CountedUnit.objects.all().delete()


def _recount_units(since: Sequence[ChangedSince]) -> None:
    days = pending.changed_days([each.unit for each in since])
    months = [list(group) for _, group in groupby(days, key=lambda day: day.cell)]
    do_groups(in_groups(months, MONTHS_AT_ONCE), _recount_months)
    # Only now, that all are counted: a crash before this means looking at them again.
    CountedUnit.objects.bulk_create(
        [CountedUnit(unit=each.unit, gen=each.changed) for each in since],
        update_conflicts=True,
        unique_fields=["unit"],
        update_fields=["gen"],
    )


@transaction.atomic
def _recount_months(months: Sequence[list[Day]]) -> None:
    days = [day for month in months for day in month]
    lock_units(units=sorted({day.unit for day in days}))
    _recount(pending.gens_to_count(days))
    redraw_cells(days)


def _recount(gens: dict[Day, int]) -> None:
    """Count these days whole: those that no other process was quicker with."""
    if not gens:
        return
    keys = [(day.unit, day.counter, str(day.first_day), str(day.last_day)) for day in gens]
    with connection.cursor() as cursor:
        cursor.executemany(FORGET_DAY, keys)
        cursor.executemany(COUNT_DAY, keys)
        cursor.executemany(
            NOTE_DAY, [(*key, gen, *key) for key, gen in zip(keys, gens.values(), strict=True)]
        )
