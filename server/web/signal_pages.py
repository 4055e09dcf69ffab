"""Signals: the list of what the watch found in an inspector's territory, and one of them.

From tallies alone. A page that names a person is a look that the log records.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from server.analytics.drill import SECRET_REASON
from server.analytics.selectors import Period
from server.organisation.access import inspected_units, may_handle_signals, may_open_desk
from server.organisation.selectors import counters_of, names_of, procedure_names
from server.organisation.selectors import unit as find_unit
from server.signals import selectors
from server.signals.services import close, look_at, record_look, record_looks
from server.web import attribution_words, months, signal_words, words
from server.web.asked import Action, Given, carry_out
from server.web.desk_asked import votes_url
from server.web.desk_course import last_day
from server.web.signal_charts import evidence_chart

A_PAGE = 50
OF_VOTES = ("complaints", "up-while-down", "revised-up", "invited")  # has votes to look at


class Row(NamedTuple):
    """A signal as pages show it; unit: its name."""

    signal: Any
    unit: str
    about: signal_words.About
    sentence: str
    since: str
    found: str


@never_cache
@login_required
@require_safe
def signals_page(request: HttpRequest) -> HttpResponse:
    """?state= and ?kind= choose; those that nobody has looked at come unless asked otherwise."""
    if not may_open_desk(request.user):
        raise PermissionDenied
    units = {unit.code: unit.name for unit in inspected_units(request.user)}
    counts = selectors.counts_by_state(units=units)
    state = request.GET.get("state", "")
    if state not in signal_words.STATES:
        state = next((each for each in signal_words.STATES if counts.get(each)), "new")
    kind = request.GET.get("kind", "")
    kind = kind if kind in signal_words.KINDS else ""
    found = selectors.signals(units=units, state=state, kind=kind)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    record_looks(signals=page, by=request.user.get_username(), now_ms=months.utc_ms())
    context = {
        "rows": rows_of(list(page), units),
        "page": page,
        "state": state,
        "kind": kind,
        "states": [(each, signal_words.state_words(each), counts.get(each, 0))
                   for each in signal_words.STATES],
        "kinds": [(each, signal_words.kind_words(each)) for each in signal_words.KINDS],
        "through": selectors.watched_through(units=units),
        "false": signal_words.false_words(selectors.limits_now().budget),
    }  # fmt: skip
    return render(request, "web/desk/signals.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def signal_page(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """What changed and since when, its course, how often such an alarm is false; who looks into
    it, and what came of it."""
    if not may_handle_signals(request.user, code):
        raise PermissionDenied
    unit = find_unit(code)
    found = selectors.signal(unit=code, number=int(number)) if _is_number(number) else None
    if unit is None or found is None:
        raise Http404
    refused = None
    if request.method == "POST":
        refused = carry_out(request, _doing(request, code, found.number))
        if refused is None:
            return redirect("desk-signal", code=code, number=found.number)
    now_ms = months.utc_ms()
    if found.official:
        record_look(unit=code, number=found.number, official=found.official,
                    by=request.user.get_username(), now_ms=now_ms)  # fmt: skip
    (row,) = rows_of([found], {code: unit.name})
    zone = ZoneInfo(unit.timezone)
    context = {
        "unit": unit,
        "row": row,
        "chart": evidence_chart(found, selectors.course_of(found), row.sentence),
        "unit_url": f"{reverse('desk-unit', args=[code])}?{months.query_of(_months(found))}",
        "votes_url": _votes(found),
        "looked": _moment(found.looked_ms, zone),
        "closed": _moment(found.closed_ms, zone),
        "false": signal_words.false_words(selectors.limits_now().budget),
        "else": signal_words.else_words(found.kind),
        "arl": words.whole(found.arl),
        "statistic": found.statistic_m / 1000,
        "threshold": found.threshold_m / 1000,
        "refused": refused,
    }
    return render(request, "web/desk/signal.html", context, status=422 if refused else 200)


def rows_of(found: Sequence[Any], units: dict[str, str]) -> list[Row]:
    """Signals with names and days in words."""
    officials = names_of([row.official for row in found if row.official])
    procedures = procedure_names([row.procedure for row in found if row.procedure])
    counters = {
        counter.code: counter.name or counter.code
        for code in {row.unit for row in found if row.counter}
        for counter in counters_of(code)
    }
    rows = []
    for row in found:
        about = signal_words.about(row, counters, officials, procedures)
        rows.append(
            Row(
                row, units.get(row.unit, row.unit), about, signal_words.sentence(row, about),
                signal_words.day_words(row.since_date), signal_words.day_words(row.found_date),
            )
        )  # fmt: skip
    return rows


def _doing(request: HttpRequest, unit: str, number: int) -> dict[str, Action]:
    by = request.user.get_username()
    where: dict[str, Any] = {"unit": unit, "number": number, "by": by}

    def look(given: Given) -> str:
        look_at(**where, now_ms=months.utc_ms())
        return gettext("Đã ghi: bạn xem xét tín hiệu này.")

    def end(given: Given) -> str:
        close(**where, outcome=given.text("outcome"), now_ms=months.utc_ms())
        return gettext("Đã ghi kết quả xem xét.")

    return {"look": look, "close": end}


def _months(found: Any) -> Period:
    """The whole months from the change until it was found."""
    return Period(found.since_date.replace(day=1), last_day(found.found_date.replace(day=1)))


def _votes(found: Any) -> str:
    """The votes that a signal is about; empty where there is no list of them."""
    if found.kind not in OF_VOTES or found.reason == SECRET_REASON:
        return ""
    narrowed = {"counter": found.counter, "official": found.official, "reason": found.reason,
                "procedure": found.procedure}  # fmt: skip
    if found.kind == "complaints" and not found.reason:
        narrowed["rating"] = "1,2"
    given = {name: value for name, value in narrowed.items() if value}
    return votes_url(found.unit, _months(found), **given)


def _moment(at_ms: int | None, zone: ZoneInfo) -> str:
    return "" if at_ms is None else attribution_words.day_and_clock(at_ms, zone)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16
