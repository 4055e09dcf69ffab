"""Counting complaints that were received elsewhere."""

from collections.abc import Collection
from datetime import date

from django.db.models import Count

from server.complaints.models import Elsewhere
from server.stages import in_groups

AT_ONCE = 5_000


def elsewhere_by_month(*, units: Collection[str], first: date, last: date) -> dict[date, int]:
    """How many of these units, by month (its first day), from first to last; months without any
    left out. Beside the votes of the kiosks, never added to them."""
    found: dict[date, int] = {}
    for group in in_groups(sorted(units), AT_ONCE):
        rows = Elsewhere.objects.filter(unit__in=group, date__gte=first, date__lte=last)
        for day, n in rows.values_list("date").annotate(n=Count("ref")).order_by():
            month = day.replace(day=1)
            found[month] = found.get(month, 0) + n
    return found
