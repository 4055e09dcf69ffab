"""Reading visits, their effect, and saved views. Integrity votes are read by a service: a look."""

from collections.abc import Collection

from server.inspection.effect import Effect, Side, effect_of, others_meanwhile
from server.inspection.models import Finding, Measure, SavedView, Visit
from server.organisation.models import StaffAccount

__all__ = [
    "Effect",
    "Side",
    "effect_of",
    "findings_of",
    "measures_of",
    "open_measures",
    "others_meanwhile",
    "views_of",
    "visit",
    "visits",
]


def visits(units: Collection[str], *, most: int = 200) -> list[Visit]:
    """Visits to some units, those of the latest days first."""
    rows = Visit.objects.filter(unit__in=units).order_by("-first_date", "unit", "-number")
    return list(rows[:most])


def visit(unit: str, number: int) -> Visit | None:
    """The unit's visit of this number, if there is one."""
    return Visit.objects.filter(unit=unit, number=number).first()


def findings_of(unit: str, visit: int) -> list[Finding]:
    """What a visit found, in the order of entering."""
    return list(Finding.objects.filter(unit=unit, visit=visit).order_by("number"))


def measures_of(unit: str, visit: int) -> list[Measure]:
    """What is to be done after a visit, in the order of entering."""
    return list(Measure.objects.filter(unit=unit, visit=visit).order_by("number"))


def open_measures(units: Collection[str], *, most: int = 200) -> list[Measure]:
    """What is not done yet in some units, the first due first."""
    rows = Measure.objects.filter(unit__in=units, done_date=None)
    return list(rows.order_by("due_date", "unit", "visit", "number")[:most])


def views_of(account: StaffAccount) -> list[SavedView]:
    """The account's saved views, by name."""
    return list(SavedView.objects.filter(account=account).order_by("name"))
