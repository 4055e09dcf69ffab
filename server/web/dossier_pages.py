"""Dossiers of a unit and of those beneath it: received, resolved, on time, late, pending."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from server.analytics.selectors import Period
from server.dossiers.selectors import Counts, counts_by_month, counts_each
from server.organisation.access import may_import, may_see_unit
from server.organisation.selectors import codes_beneath, procedure_names, units_of_codes
from server.organisation.selectors import unit as find_unit
from server.web import months, words

Each = Mapping[tuple[str, str], Counts]  # by unit and procedure


class Row(NamedTuple):
    """Counts with the name of what they are of, and the share resolved on time in words."""

    name: str
    code: str
    counts: Counts
    rate: str


@never_cache
@login_required
@require_safe
def dossiers(request: HttpRequest, code: str) -> HttpResponse:
    """Dossiers of some months, two years at most: together, by month, procedure and unit."""
    if not may_see_unit(request.user, code):
        raise PermissionDenied
    unit = find_unit(code)
    if unit is None:
        raise Http404
    today = months.local_time(months.utc_ms(), unit.timezone).date()
    period = months.read_period(request.GET, today)
    earliest = months.back(period.last.replace(day=1), months.OFFERED_MONTHS - 1)
    period = Period(max(period.first, earliest), period.last)
    units = codes_beneath(code, today) or [code]
    found = counts_each(units=units, first=period.first, last=period.last)
    total = sum(found.values(), Counts())
    context = {
        "unit": unit,
        "total": _row("", "", total),
        "tables": [
            (gettext("Theo tháng"), gettext("Tháng"), _months(units, period, total.carried)),
            (gettext("Theo thủ tục"), gettext("Thủ tục"), _procedures(found)),
            (gettext("Theo đơn vị"), gettext("Đơn vị"), _units(found)),
        ],
        "below": len(units) > 1,
        "may_import": may_import(request.user, "dossiers", code),
        "period": months.period_words(period),
        "choices": months.choices(period, today),
        "months": months.months(period, today),
        "first": months.month_value(period.first),
        "last": months.month_value(period.last),
    }
    return render(request, "web/dossiers.html", context)


def _months(units: list[str], period: Period, carried: int) -> list[Row]:
    """One row a month, the newest first; none where there is but one. carried: by the period."""
    each, month = [], period.first.replace(day=1)
    while month <= period.last:
        following = months.back(month, -1)
        each.append((month, following - timedelta(days=1)))
        month = following
    if len(each) < 2:
        return []
    found = counts_by_month(units=units, months=each, carried=carried)
    rows = [
        _row(months.month_words(first), "", counts)
        for (first, _), counts in zip(each, found, strict=True)
    ]
    return rows[::-1]


def _procedures(found: Each) -> list[Row]:
    sums = _sums((procedure, each) for (_, procedure), each in found.items())
    names = procedure_names(list(sums))
    rows = [
        _row(names.get(code, code) or gettext("Không rõ thủ tục"), code, each)
        for code, each in sums.items()
    ]
    return sorted(rows, key=lambda row: (-row.counts.received, row.code))


def _units(found: Each) -> list[Row]:
    sums = _sums((unit, each) for (unit, _), each in found.items())
    names = {row.code: row.name for row in units_of_codes(list(sums))}
    return [_row(names.get(code, code), code, each) for code, each in sorted(sums.items())]


def _sums(each: Iterable[tuple[str, Counts]]) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for key, more in each:
        found[key] = found.get(key, Counts()) + more
    return found


def _row(name: str, code: str, counts: Counts) -> Row:
    share = counts.on_time_rate
    return Row(name, code, counts, "" if share is None else words.percent_of_two(share))
