"""Procedures with their fields, and holidays: of everybody and of one unit."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from server.organisation.access import may_manage_any
from server.organisation.selectors import (
    fields,
    holidays_entered,
    holidays_of,
    procedures_on,
)
from server.organisation.services import (
    add_holiday,
    make_field,
    make_procedure,
    remove_holiday,
)
from server.web import months
from server.web.asked import Action, Given, carry_out
from server.web.organisation_pages import check_change, unit_of
from server.web.units_pages import ZONE

YEARS = range(2000, 2100)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def procedures(request: HttpRequest) -> HttpResponse:
    """Every procedure by field; forms for a procedure and a field."""
    check_change(request)
    refused = None
    if request.method == "POST":
        refused = carry_out(request, {"procedure": _make_procedure, "field": _make_field})
        if refused is None:
            return redirect("procedures")
    context = {
        "procedures": procedures_on(),
        "options": [("", gettext("Chưa xếp lĩnh vực")), *((f.code, f.name) for f in fields())],
        "refused": refused,
    }
    return render(request, "web/procedures.html", context, status=422 if refused else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def holidays(request: HttpRequest) -> HttpResponse:
    """The days on which counters are closed everywhere, year by year."""
    check_change(request)
    return _holidays(request, None, ZONE)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def unit_holidays(request: HttpRequest, code: str) -> HttpResponse:
    """Those of one unit: its own, and what it has from everybody and from above."""
    unit = unit_of(request, code)
    if request.method == "POST":
        check_change(request)
    return _holidays(request, unit, unit.timezone)


def _holidays(request: HttpRequest, unit: Any, zone: str) -> HttpResponse:
    refused = None
    if request.method == "POST":
        actions = {"add": _adding(unit), "remove": _removing(unit)}
        refused = carry_out(request, actions)
        if refused is None:
            return redirect(request.get_full_path())
    today = months.local_time(months.utc_ms(), zone).date()
    year = _year(request.GET.get("year", ""), today)
    first, last = date(year, 1, 1), date(year, 12, 31)
    own = holidays_entered(None if unit is None else unit.code, first, last)
    others = {} if unit is None else holidays_of(unit.code, first, last)
    mine = {row.date for row in own}
    context = {
        "unit": unit,
        "year": year,
        "years": [year - 1, year + 1],
        "own": own,
        "others": [(day, name) for day, name in others.items() if day not in mine],
        "manages": may_manage_any(request.user),
        "refused": refused,
    }
    return render(request, "web/holidays.html", context, status=422 if refused else 200)


def _adding(unit: Any) -> Action:
    def add(given: Given) -> str:
        add_holiday(day=given.day("day"), name=given.text("name"), unit=unit)
        return gettext("Đã ghi ngày nghỉ.")

    return add


def _removing(unit: Any) -> Action:
    def remove(given: Given) -> str:
        remove_holiday(day=given.day("day"), unit=unit)
        return gettext("Đã bỏ ngày nghỉ.")

    return remove


def _make_procedure(given: Given) -> str:
    known = {field.code: field for field in fields()}
    code = given.choice("field", {"", *known})
    procedure = make_procedure(
        code=given.text("code"),
        name=given.text("name", 500),
        field=known.get(code),
        started_date=given.day_or_none("started"),
        ended_date=given.after("last"),
    )
    return gettext("Đã ghi thủ tục {0}.").format(procedure.code)


def _make_field(given: Given) -> str:
    return gettext("Đã ghi lĩnh vực {0}.").format(
        make_field(code=given.text("code"), name=given.text("name")).name
    )


def _year(text: str, today: date) -> int:
    return int(text) if text.isdecimal() and len(text) == 4 and int(text) in YEARS else today.year
