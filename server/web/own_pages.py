"""An official's own page: own duties, own sums of closed days, rulings that concern them.

Never a vote, nor a time of one.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from protocol.rating import POSITIVE_REASONS, REASONS
from server.analytics.selectors import Figure, limited, own_figures, own_units, shown_as
from server.attribution.selectors import (
    duties_of,
    objections_of,
    rulings_concerning,
)
from server.attribution.services import end_duty, object_to, start_duty
from server.attribution.watches import Served
from server.organisation.access import own_official
from server.organisation.selectors import counters_of, rules_of, units_of_codes
from server.organisation.selectors import official as find_official
from server.web import attribution_words, months
from server.web.asked import Action, Given, carry_out
from server.web.bars import FROM_THE_BEST
from server.web.ruling_pages import objection_rows, rows_of
from server.web.words import reason_words

NOT_COMPARED = 1.0  # reliability: here nobody is held against anybody


class Place(NamedTuple):
    """A counter where the official is or was. words: with its unit's name if that is another."""

    unit: str
    words: str
    zone: ZoneInfo


class Line(NamedTuple):
    """A duty in words. day: a date, written once for each day; over: empty while it goes on."""

    served: Served
    day: Any
    counter: str
    began: str
    over: str
    by: str
    ended: str


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """What concerns the official of this account, for a month; begin and end duty; object."""
    code = own_official(request.user)
    official = None if code is None else find_official(code)
    if official is None:
        raise PermissionDenied
    refused = None
    if request.method == "POST":
        refused = carry_out(request, _actions(request, official))
        if refused is None:
            return redirect(request.get_full_path())
    context = {"refused": refused, **_shown(request, official)}
    return render(request, "web/own.html", context, status=422 if refused else 200)


def _shown(request: HttpRequest, official: Any) -> dict[str, Any]:
    unit, now_ms = official.unit, months.utc_ms()
    zone = ZoneInfo(unit.timezone)
    today = attribution_words.local(now_ms, zone).date()
    period = months.read_period(request.GET, today)
    units = own_units(official.code)
    places = _places(official, units)
    mine: dict[str, Any] = {"official": official.code, "units": units}

    def lines(first: Any, last: Any) -> list[Line]:
        served = duties_of(**mine, first=first, last=last, now_ms=now_ms)
        return [_line(one, places[one.counter]) for one in served]

    figures = own_figures(**mine, period=period, today=today, now_ms=now_ms)
    as_of = figures.as_of_ms
    rules = rules_of(unit.code)
    total = figures.total or Figure()
    display = shown_as(total, person=True, rules=rules, reliability=NOT_COMPARED)
    return {
        "official": official,
        "unit": unit,
        "counters": [(code, each.words) for code, each in places.items() if each.unit == unit.code],
        "everywhere": [(code, each.words) for code, each in places.items()],
        "now": [line for line in lines(today, today) if line.served.ended == "goes-on"],
        "duties": lines(period.first, min(period.last, today)),
        "period": months.period_words(period),
        "month": months.month_value(period.last),
        "months": months.months(period, today),
        "figures": figures,
        "total": limited(total, display),
        "display": display,
        "rules": rules,
        "query": months.query_of(period),
        "of": "own",
        "ratings": FROM_THE_BEST,
        "reasons": _reasons(figures.reasons),
        "as_of": months.local_time(as_of, unit.timezone) if as_of else None,
        "rulings": [rows_of(each.unit, [each])[0] for each in rulings_concerning(**mine)],
        "objections": objection_rows(objections_of(**mine), zone),
        "yesterday": today - timedelta(days=1),
    }


def _places(official: Any, units: Sequence[str]) -> dict[str, Place]:
    """The counters of the official's unit, then those of the units where they were before."""
    return {
        row.code: Place(
            unit.code,
            f"{row.number} · {row.name}" + ("" if unit == official.unit else f" · {unit.name}"),
            ZoneInfo(unit.timezone),
        )
        for unit in dict.fromkeys([official.unit, *units_of_codes(units)])
        for row in counters_of(unit.code)
    }


def _line(one: Served, place: Place) -> Line:
    zone = place.zone
    return Line(
        served=one,
        day=attribution_words.local(one.low_ms, zone).date(),
        counter=place.words,
        began=attribution_words.began_words(one, zone),
        over=attribution_words.over_words(one, zone),
        by=attribution_words.by_words(one.by),
        ended=attribution_words.ended_words(one.ended),
    )


def _reasons(counts: dict[str, int]) -> Sequence[tuple[str, int]]:
    """The reasons that were told, most frequent first."""
    known = [*REASONS, *POSITIVE_REASONS]
    told = [(code, n) for code, n in counts.items() if n]
    told.sort(key=lambda row: (-row[1], known.index(row[0]) if row[0] in known else 99))
    return [(reason_words(code), n) for code, n in told]


def _actions(request: HttpRequest, official: Any) -> dict[str, Action]:
    """What the forms of the page do, each for this official alone."""
    unit, by, now_ms = official.unit_id, request.user.get_username(), months.utc_ms()
    units = own_units(official.code)
    places = _places(official, units)
    mine: dict[str, Any] = {"official": official.code, "units": units}

    def start(given: Given) -> str:
        here = {code: place.words for code, place in places.items() if place.unit == unit}
        counter = given.choice("counter", here)
        start_duty(unit=unit, counter=counter, official=official.code, by=by, now_ms=now_ms)
        return gettext("Ông/Bà bắt đầu trực quầy {0}.").format(here[counter])

    def end(given: Given) -> str:
        number, today = given.number("number"), _today(official, now_ms)
        for one in duties_of(**mine, first=today, last=today, now_ms=now_ms):
            if number and one.number == number:
                end_duty(
                    unit=places[one.counter].unit, number=number, official=official.code, by=by,
                    now_ms=now_ms,
                )  # fmt: skip
        return gettext("Đã kết thúc ca trực.")

    def object_ruling(given: Given) -> str:
        of, number = given.text("unit") or unit, given.number("ruling")
        if (of, number) not in {(row.unit, row.number) for row in rulings_concerning(**mine)}:
            raise PermissionDenied
        return _object(given, unit=of, ruling=number)

    def object_day(given: Given) -> str:
        counter = given.choice("counter", places)
        return _object(given, unit=places[counter].unit, counter=counter, date=given.day("day"))

    def _object(given: Given, **to: Any) -> str:
        text = given.text("text")
        object_to(official=official.code, text=text, by=by, now_ms=now_ms, **to)
        return gettext("Đã gửi ý kiến phản đối. Người phụ trách sẽ trả lời ở trang này.")

    return {"start": start, "end": end, "object": object_ruling, "object-day": object_day}


def _today(official: Any, now_ms: int) -> Any:
    return attribution_words.local(now_ms, ZoneInfo(official.unit.timezone)).date()
