"""What a page of the desk is asked for: a territory, a period and the one before it, a view."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from server.analytics.selectors import Period
from server.organisation.access import inspected_units, may_open_desk
from server.web import months
from server.web.desk_course import SHOWN, last_day

ZONE = "Asia/Ho_Chi_Minh"
USUAL = 3  # months, if none are asked for: one alone is thin on its first days


@dataclass(frozen=True)
class Asked:
    """units: of the reader's territory, by code -> name. before: as many months just before."""

    period: Period
    before: Period
    today: date
    units: Mapping[str, str]

    @property
    def query(self) -> str:
        return months.query_of(self.period)

    @property
    def course(self) -> Period:
        """The months that a course up to the period's end looks at."""
        return Period(months.back(self.period.last.replace(day=1), SHOWN - 1), self.period.last)


def read_asked(request: HttpRequest) -> Asked:
    """For inspectors only; a territory without units is an empty desk."""
    if not may_open_desk(request.user):
        raise PermissionDenied
    today = months.local_time(months.utc_ms(), ZONE).date()
    period = months.read_period(request.GET, today)
    if not (request.GET.get("from") or request.GET.get("to")):
        period = Period(months.back(today.replace(day=1), USUAL - 1), period.last)
    units = {unit.code: unit.name for unit in inspected_units(request.user)}
    return Asked(period, before(period), today, units)


def before(period: Period) -> Period:
    """As many whole months just before these."""
    first, last = period.first, period.last.replace(day=1)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return Period(months.back(first, count), last_day(months.back(first, 1)))


def period_context(asked: Asked) -> dict[str, Any]:
    """What the period's form and the page's heading show."""
    this = asked.today.replace(day=1)
    here = months.query_of(Period(this, last_day(this)))
    return {
        "asked": asked,
        "period": months.period_words(asked.period),
        "period_before": months.period_words(asked.before),
        "query": asked.query,
        "choices": [
            replace(choice, query=choice.query or here)
            for choice in months.choices(asked.period, asked.today)
        ],
        "months": months.months(asked.period, asked.today),
        "first": months.month_value(asked.period.first),
        "last": months.month_value(asked.period.last),
    }


def votes_url(unit: str, period: Period, **more: str) -> str:
    """Where the votes behind a number are; more: what narrows them (desk_votes)."""
    first, last = months.month_value(period.first), months.month_value(period.last)
    query = {"unit": unit, "from": first, "to": last, **more}
    return f"{reverse('desk-votes')}?{urlencode(query)}"


def why_url(period: Period, **of: str) -> str:
    """Why a figure is what it is; of: unit, and official (desk_why)."""
    first, last = months.month_value(period.first), months.month_value(period.last)
    return f"{reverse('desk-why')}?{urlencode({'from': first, 'to': last, **of})}"


def unit_url(unit: str, asked: Asked) -> str:
    return f"{reverse('desk-unit', args=[unit])}?{asked.query}"


def read_skip(request: HttpRequest) -> int:
    """Where the page asked for begins; what cannot be read is the beginning."""
    text = request.GET.get("skip", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
