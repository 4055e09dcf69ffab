"""Dossiers of a unit and of those beneath it: received, resolved, on time, late, pending."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from server.analytics.selectors import Period
from server.dossiers.selectors import Counts, counts_by
from server.organisation.access import may_see_unit
from server.organisation.selectors import codes_beneath, procedure_names, units_of_codes
from server.organisation.selectors import unit as find_unit
from server.web import months


class Row(NamedTuple):
    """Counts with what they are of, and the share resolved on time in words."""

    words: str
    code: str
    counts: Counts
    rate: str


@never_cache
@login_required
@require_safe
def dossiers(request: HttpRequest, code: str) -> HttpResponse:
    """Dossiers of some months: together, by month, by procedure and by unit."""
    if not may_see_unit(request.user, code):
        raise PermissionDenied
    unit = find_unit(code)
    if unit is None:
        raise Http404
    today = months.local_time(months.utc_ms(), unit.timezone).date()
    period = months.read_period(request.GET, today)
    units = codes_beneath(code, today) or [code]
    first, last = period.first, period.last
    by_unit = counts_by("unit", units=units, first=first, last=last)
    by_procedure = counts_by("procedure", units=units, first=first, last=last)
    context = {
        "unit": unit,
        "total": _row("", "", sum(by_unit.values(), Counts())),
        "tables": [
            (gettext("Theo tháng"), gettext("Tháng"), list(_by_month(units, period))),
            (
                gettext("Theo thủ tục"),
                gettext("Thủ tục"),
                _procedures(by_procedure),
            ),
            (gettext("Theo đơn vị"), gettext("Đơn vị"), _units(by_unit)),
        ],
        "below": len(units) > 1,
        "period": months.period_words(period),
        "choices": months.choices(period, today),
        "months": months.months(period, today),
        "first": months.month_value(period.first),
        "last": months.month_value(period.last),
    }
    return render(request, "web/dossiers.html", context)


def _by_month(units: Iterable[str], period: Period) -> Iterator[Row]:
    """One row a month, the newest first."""
    month = period.last.replace(day=1)
    while month >= period.first:
        last = months.back(month, -1) - timedelta(days=1)
        found = counts_by("unit", units=list(units), first=month, last=last)
        yield _row(months.month_words(month), "", sum(found.values(), Counts()))
        month = months.back(month, 1)


def _procedures(found: dict[str, Counts]) -> list[Row]:
    names = procedure_names([code for code in found if code])
    rows = [
        _row(names.get(code, code) or gettext("Không rõ thủ tục"), code, counts)
        for code, counts in found.items()
    ]
    return sorted(rows, key=lambda row: (-row.counts.received, row.code))


def _units(found: dict[str, Counts]) -> list[Row]:
    names = {row.code: row.name for row in units_of_codes(list(found))}
    return [_row(names.get(code, code), code, counts) for code, counts in sorted(found.items())]


def _row(words: str, code: str, counts: Counts) -> Row:
    return Row(words, code, counts, _rate(counts.on_time_rate))


def _rate(rate: Fraction | None) -> str:
    """98,96 % (vi): the exact share to two places, halves up; empty where nothing was resolved."""
    if rate is None:
        return ""
    hundredths = int(rate * 10_000 + Fraction(1, 2))
    comma = "." if get_language() == "en" else ","
    return f"{hundredths // 100}{comma}{hundredths % 100:02d} %"
