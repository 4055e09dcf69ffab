"""Counting: whole days anew wherever an attribution changed, then what may be shown of a month."""

from itertools import groupby
from typing import Any

from django.db import connection, transaction

from server.analytics import pending
from server.analytics.cells import redraw_cells
from server.analytics.models import CountedDay, CountedUnit, Tally
from server.analytics.pending import ChangedSince, Day
from server.attribution.models import ChangedDay
from server.organisation.services import lock_unit
from server.stages import do_each

OF_DAY = (
    "FROM attribution_attribution a JOIN votes_vote v "
    "ON v.unit = a.unit AND v.journal = a.journal AND v.seq = a.seq "
    "WHERE a.unit = %s AND a.counter = %s AND a.first_day = %s AND a.last_day = %s "
)
COUNT_DAY = (
    "INSERT INTO analytics_tally "
    "(unit, counter, first_day, last_day, official, why, n1, n2, n3, n4, n5) "
    "SELECT a.unit, a.counter, a.first_day, a.last_day, a.official, a.why, "
    + ", ".join(f"sum(CASE WHEN v.rating = {rating} THEN 1 ELSE 0 END)" for rating in range(1, 6))
    + f" {OF_DAY} GROUP BY a.unit, a.counter, a.first_day, a.last_day, a.official, a.why"
)
NEWEST_RECEIPT = f"SELECT max(v.received_ms) {OF_DAY}"


def recount_changed() -> bool:
    """Count every day that changed since it was counted; True if there was one.

    One transaction for the changed days of a counter's month. The unit is held meanwhile.
    """
    return do_each(pending.changed_units(), _recount_unit)


def forget_counts() -> None:
    """Drop the tallies, so that every day is counted again.

    What is shown stays: blocks made anew could differ from the old ones by a single vote.
    """
    with transaction.atomic():
        Tally.objects.all().delete()
        CountedDay.objects.all().delete()
        CountedUnit.objects.all().delete()


def _recount_unit(since: ChangedSince) -> None:
    days = pending.changed_days(since)
    do_each([list(group) for _, group in groupby(days, key=lambda day: day.cell)], _recount_month)
    # Only now, that all are counted: a crash before this means looking at them again.
    CountedUnit.objects.update_or_create(unit=since.unit, defaults={"gen": since.changed})


@transaction.atomic
def _recount_month(days: list[Day]) -> None:
    unit, counter, month = days[0].cell
    lock_unit(unit=unit)
    for day in days:
        _recount(day)
    redraw_cells(unit=unit, counter=counter, month=month, days=days)


def _recount(day: Day) -> None:
    """Count one day whole, unless another process was quicker."""
    key: dict[str, Any] = day._asdict()
    gen = ChangedDay.objects.filter(**key).values_list("gen", flat=True).first()
    if gen is None or CountedDay.objects.filter(**key, gen=gen).exists():
        return
    Tally.objects.filter(**key).delete()
    values = [day.unit, day.counter, str(day.first_day), str(day.last_day)]
    with connection.cursor() as cursor:
        cursor.execute(COUNT_DAY, values)
        cursor.execute(NEWEST_RECEIPT, values)
        newest = cursor.fetchone()[0] or 0
    CountedDay.objects.update_or_create(**key, defaults={"gen": gen, "received_ms": newest})
