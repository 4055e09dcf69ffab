"""Which reasons were named how often: of whole months that are over, in whole fives."""

from collections.abc import Collection, Container
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum

from protocol.rating import POSITIVE_REASONS, REASONS
from server.analytics.drawing import FIVE
from server.analytics.figure import Period
from server.analytics.models import COUNTED, OfficialMonth, UnitMonth
from server.analytics.pending import last_day_of

CODES = (*REASONS, *POSITIVE_REASONS)


def reason_counts(
    *,
    units: Collection[str],
    period: Period,
    today: date,
    official: str | None = None,
    but: Container[date] = (),
) -> dict[str, int]:
    """How often each reason was named in the period's months that end before `today`, rounded down
    to fives; those of fewer than five are left out. Of one official, or of all votes. but: months
    (their first days) that are left out.

    A month counts where it has five votes or more. Reasons are not drawn in blocks as ratings are
    (models.Shown): so they are shown once, when no vote is added any more but those sent late.
    """
    months: QuerySet[Any] = UnitMonth.objects.all()
    if official is not None:
        months = OfficialMonth.objects.filter(official=official)
    months = months.filter(
        unit__in=units, state=COUNTED, first_month__gte=period.first, last_month__lte=period.last
    )
    sums = dict.fromkeys(CODES, 0)
    columns = ("n1", "n2", "n3", "n4", "n5", *(code.lower() for code in CODES))
    for last, *counts in months.values_list("last_month").annotate(*(Sum(n) for n in columns)):
        if last not in but and last_day_of(last) < today and sum(counts[:FIVE]) >= FIVE:
            for code, n in zip(CODES, counts[FIVE:], strict=True):
                sums[code] += n
    return {code: n // FIVE * FIVE for code, n in sums.items() if n >= FIVE}
