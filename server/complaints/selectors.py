"""Reading complaints that were received elsewhere: counted, never added to votes."""

from datetime import date

from django.db.models import Count

from server.complaints.models import Elsewhere


def elsewhere_by_reason(*, unit: str, first: date, last: date) -> dict[str, int]:
    """How many on these days (both included), by reason; "" where none was told."""
    rows = Elsewhere.objects.filter(unit=unit, date__gte=first, date__lte=last)
    return dict(rows.values_list("reason").annotate(n=Count("ref")).order_by("reason"))


def elsewhere_by_field(*, unit: str, first: date, last: date) -> dict[str, int]:
    """How many on these days (both included), by field of administration; "" where unknown."""
    rows = Elsewhere.objects.filter(unit=unit, date__gte=first, date__lte=last)
    return dict(rows.values_list("field").annotate(n=Count("ref")).order_by("field"))
