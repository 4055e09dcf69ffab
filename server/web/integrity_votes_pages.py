"""Votes that named harassment (R6), by day and counter: who looks into them, what came of it."""

from datetime import date
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from server.analytics.selectors import Period
from server.inspection.services import Day, answer_integrity, begin_looking, look_at_integrity
from server.organisation.access import may_see_integrity
from server.organisation.selectors import counters_by_code, names_of
from server.web import months, organisation_words
from server.web.asked import Action, Given, carry_out, read_day
from server.web.territory import page_asked, territory, today_of, unit_asked, with_query
from server.web.units_pages import ZONE

ROWS = 50
STATES = {"new": N_("Chưa ai xem"), "looking": N_("Đang xác minh"), "answered": N_("Đã trả lời")}
OFFERED = 2  # months before this one, where no period is asked for


class Row(NamedTuple):
    """A counter's day as the page shows it; key: what its forms send."""

    found: Any
    unit: Any
    counter: str
    day: str
    state: str
    more: str
    officials: list[tuple[str, str, int]] | None
    steps: list[tuple[str, str, str]]
    key: dict[str, str]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def integrity_votes(request: HttpRequest) -> HttpResponse:
    """The list for a period, of one unit or all: opening it is a look, and a deed."""
    units = territory(request)
    unit = unit_asked(request, units)
    refused = None
    if request.method == "POST":
        refused = carry_out(request, {"look": _looking(request), "answer": _answering(request)})
        if refused is None:
            return redirect(request.get_full_path())
    period = _period(request)
    state = request.GET.get("state", "")
    page = page_asked(request.GET)
    found = look_at_integrity(
        units=list(units) if unit is None else [unit.code],
        what="the territory" if unit is None else unit.code,
        first=period.first, last=period.last, state=state if state in STATES else "",
        start=(page - 1) * ROWS, most=ROWS, by=request.user.get_username(),
        now_ms=months.utc_ms(),
    )  # fmt: skip
    today = today_of(ZONE)
    context = {
        "units": list(units.values()),
        "unit_code": "" if unit is None else unit.code,
        "rows": _rows(found.rows, units),
        "found": found,
        "states": _state_links(request, found.states, state),
        "choices": _choices(period, today),
        "unit_query": with_query(request.GET, unit=None, page=None),
        "period": months.period_words(period),
        "months": months.months(period, today),
        "first": months.month_value(period.first),
        "last": months.month_value(period.last),
        "earlier": _turn(request, page - 1) if page > 1 else "",
        "later": _turn(request, page + 1) if page * ROWS < found.of else "",
        "refused": refused,
        "refused_key": _key_given(request) if refused else None,
    }
    return render(request, "web/integrity_votes.html", context, status=422 if refused else 200)


def _period(request: HttpRequest) -> Period:
    """As asked; else this month and the two before: what was not looked at yet is seldom older."""
    today = today_of(ZONE)
    if request.GET.get("from") or request.GET.get("to"):
        return months.read_period(request.GET, today)
    this = months.read_period(request.GET, today)
    return Period(months.back(this.first, OFFERED), this.last)


def _choices(period: Period, today: date) -> list[months.Choice]:
    """With a query for each: an empty one is three months here."""
    month = months.month_value(today)
    return [
        months.Choice(each.words, each.query or f"from={month}&to={month}", each.chosen)
        for each in months.choices(period, today)
    ]


def _state_links(
    request: HttpRequest, n: dict[str, int], chosen: str
) -> list[tuple[str, str, int, bool]]:
    """Query, words, number of days and whether it is chosen: every state and all of them."""
    every = ("", gettext("Tất cả"), sum(n.values()))
    listed = [every, *((state, gettext(STATES[state]), n[state]) for state in STATES)]
    return [
        (with_query(request.GET, state=state or None, page=None), words, days, state == chosen)
        for state, words, days in listed
    ]


def _rows(found: list[Any], units: dict[str, Any]) -> list[Row]:
    counters = counters_by_code({row.day.counter for row in found})
    officials = names_of([who.official for row in found for who in row.officials or ()])
    return [_row(row, units[row.day.unit], counters, officials) for row in found]


def _row(found: Any, unit: Any, counters: dict[str, Any], names: dict[str, str]) -> Row:
    day = found.day
    counter = counters.get(day.counter)
    where = gettext("không rõ quầy") if not day.counter else day.counter
    return Row(
        found=found,
        unit=unit,
        counter=where if counter is None else f"{counter.number} · {counter.name}",
        day=_day_words(day),
        state=gettext(STATES[found.state]),
        more=_more_words(found.more),
        officials=None if found.officials is None else [
            (names.get(each.official, each.official), each.official, each.r6)
            for each in found.officials
        ],
        steps=[
            (gettext(STATES[step.what]), _by(step, unit.timezone), step.words)
            for step in reversed(found.steps)
        ],
        key={
            "unit": day.unit, "counter": day.counter,
            "first": day.first.isoformat(), "last": day.last.isoformat(),
        },
    )  # fmt: skip


def _day_words(day: Day) -> str:
    first = organisation_words.day_words(day.first)
    return first if day.first == day.last else f"{first} – {organisation_words.day_words(day.last)}"


def _more_words(more: int) -> str:
    return gettext("thêm %(n)s lượt từ lần ghi trước") % {"n": more} if more else ""


def _by(step: Any, timezone: str) -> str:
    at = months.local_time(step.at_ms, timezone).date()
    return f"{step.by}, {organisation_words.day_words(at)}"


def _turn(request: HttpRequest, page: int) -> str:
    return with_query(request.GET, page=page if page > 1 else None)


def _key_given(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("unit", "counter", "first", "last")}


def _looking(request: HttpRequest) -> Action:
    def look(given: Given) -> str:
        begin_looking(
            day=_day(request, given), by=request.user.get_username(), now_ms=months.utc_ms()
        )
        return gettext("Đã ghi: đang xác minh.")

    return look


def _answering(request: HttpRequest) -> Action:
    def answer(given: Given) -> str:
        answer_integrity(
            day=_day(request, given), words=given.text("words"),
            by=request.user.get_username(), now_ms=months.utc_ms(),
        )  # fmt: skip
        return gettext("Đã ghi câu trả lời.")

    return answer


def _day(request: HttpRequest, given: Given) -> Day:
    """The counter's day that a row's form names; PermissionDenied unless it may be asked about."""
    unit = given.text("unit")
    first, last = read_day(given.text("first")), read_day(given.text("last"))
    if first is None or last is None or not may_see_integrity(request.user, unit):
        raise PermissionDenied
    return Day(unit, given.text("counter", 40), first, last)
