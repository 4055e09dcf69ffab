"""Inspection visits: what was found, who does what about it until when, what followed."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from server.inspection.selectors import (
    effect_of,
    findings_of,
    measures_of,
    open_measures,
    others_meanwhile,
    visit,
    visits,
)
from server.inspection.services import (
    add_finding,
    add_measure,
    change_visit,
    enter_visit,
    set_done,
)
from server.organisation.access import may_inspect
from server.organisation.selectors import unit as find_unit
from server.web import months
from server.web.asked import Action, Given, carry_out
from server.web.territory import territory, today_of, unit_asked
from server.web.units_pages import ZONE
from server.web.visit_words import effect_words


@never_cache
@login_required
@require_http_methods(["GET", "HEAD"])
def visits_of(request: HttpRequest) -> HttpResponse:
    """Every visit in the inspector's territory, and what is still to be done after them."""
    units = territory(request)
    unit = unit_asked(request, units)
    codes = list(units) if unit is None else [unit.code]
    today = today_of(ZONE)
    context = {
        "units": list(units.values()),
        "unit_code": "" if unit is None else unit.code,
        "rows": [(row, units[row.unit]) for row in visits(codes)],
        "open": [(row, units[row.unit], row.due_date < today) for row in open_measures(codes)],
    }
    return render(request, "web/visits.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def visit_new(request: HttpRequest) -> HttpResponse:
    """Enter a visit that is planned, or was made."""
    units = territory(request)
    refused = None
    if request.method == "POST":
        done: list[tuple[str, int]] = []

        def keep(given: Given) -> str:
            unit = given.choice("unit", units, gettext("Đơn vị"))
            number = enter_visit(
                unit=unit, **_facts(given), by=request.user.get_username(), now_ms=months.utc_ms()
            )
            done.append((unit, number))
            return gettext("Đã ghi đợt kiểm tra.")

        refused = carry_out(request, {"enter": keep})
        if refused is None and done:
            return redirect("desk-visit", code=done[0][0], number=done[0][1])
    context = {
        "options": [
            ("", gettext("Chọn đơn vị")),
            *((code, f"{unit.name} · {code}") for code, unit in units.items()),
        ],
        "asked": request.GET.get("unit", ""),
        "today": today_of(ZONE),
        "refused": refused,
    }
    return render(request, "web/visit_new.html", context, status=422 if refused else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def visit_page(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """One visit with its findings, measures and effect."""
    if not may_inspect(request.user, code):
        raise PermissionDenied
    unit = find_unit(code)
    found = visit(code, int(number)) if _is_number(number) else None
    if unit is None or found is None:
        raise Http404
    today = today_of(unit.timezone)
    refused = None
    if request.method == "POST":
        refused = carry_out(request, _actions(request, code, found.number, today))
        if refused is None:
            return redirect("desk-visit", code=code, number=found.number)
    measures = measures_of(code, found.number)
    others = [each for each in territory(request) if each != code]
    meanwhile = others_meanwhile(others, found, measures, today=today) if others else None
    context = {
        "of": unit,
        "visit": found,
        "findings": findings_of(code, found.number),
        "measures": [
            (row, row.done_date is None and row.due_date < today) for row in measures
        ],
        "effect": effect_words(effect_of(found, measures, today=today), measures),
        "meanwhile": None if meanwhile is None else effect_words(meanwhile, measures),
        "today": today,
        "refused": refused,
    }  # fmt: skip
    return render(request, "web/visit.html", context, status=422 if refused else 200)


def _actions(request: HttpRequest, code: str, number: int, today: date) -> dict[str, Action]:
    by, now_ms = request.user.get_username(), months.utc_ms()

    def find(given: Given) -> str:
        add_finding(unit=code, visit=number, words=given.text("words"), by=by, now_ms=now_ms)
        return gettext("Đã ghi điều phát hiện.")

    def measure(given: Given) -> str:
        add_measure(
            unit=code, visit=number, words=given.text("words"), owner=given.text("owner"),
            due_date=given.day("due"), by=by, now_ms=now_ms,
        )  # fmt: skip
        return gettext("Đã ghi biện pháp.")

    def done(given: Given) -> str:
        done_date = given.day_or_none("done")
        set_done(
            unit=code, visit=number, number=given.number("measure"), done_date=done_date,
            today=today, by=by,
        )  # fmt: skip
        return gettext("Đã ghi ngày làm xong.") if done_date else gettext("Đã ghi: chưa làm xong.")

    def change(given: Given) -> str:
        change_visit(unit=code, number=number, **_facts(given))
        return gettext("Đã sửa đợt kiểm tra.")

    return {"find": find, "measure": measure, "done": done, "change": change}


def _facts(given: Given) -> dict[str, Any]:
    return {
        "first_date": given.day("first"),
        "last_date": given.day_or_none("last") or given.day("first"),
        "people": given.text("people"),
        "about": given.text("about"),
    }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16
