"""Who is on duty: today's board of a unit, and a counter's day from midnight to midnight."""

from datetime import date, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from server.attribution.selectors import board, rulings, watch_of_day
from server.attribution.services import set_duty
from server.attribution.watches import Post, Stretch
from server.clock import midnight_ms
from server.organisation.access import may_rule, may_set_duty, visible_units
from server.organisation.selectors import counter_codes_of, counters_of, names_of, officials_of
from server.organisation.selectors import unit as find_unit
from server.web import attribution_words, day_chart, months
from server.web.asked import Action, Given, carry_out, read_day
from server.web.figures import name_order

NOBODY = "-"  # an empty value would be what a form without the field sends


class Line(NamedTuple):
    """A counter on the board, in words. chosen: what its form shows; open: signed in elsewhere."""

    post: Post
    who: str
    since: str
    by: str
    also: str
    planned: str
    chosen: str


class Told(NamedTuple):
    """A stretch of a day, in words."""

    stretch: Stretch
    span: str
    words: str
    also: str


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def duty(request: HttpRequest, code: str) -> HttpResponse:
    """Each counter, who is on duty and since when; a form to set somebody from now on."""
    if not may_set_duty(request.user, code):
        raise PermissionDenied
    unit = _unit(code)
    now_ms = months.utc_ms()
    refused = None
    listed = officials_of(code)
    if request.method == "POST":
        refused = carry_out(request, {"set": _setting(code, listed, request, now_ms)})
        if refused is None:
            return redirect("duty", code=code)
    zone = ZoneInfo(unit.timezone)
    posts = board(unit=code, now_ms=now_ms)
    names = listed | names_of([code for post in posts for code in _codes(post)])
    context = {
        "unit": unit,
        "lines": [_line(post, names, zone) for post in posts],
        "options": _options(listed),
        "now": attribution_words.day_and_clock(now_ms, zone),
        "today": attribution_words.local(now_ms, zone).date(),
        "refused": refused,
        "beneath": [] if posts else _beneath(request, code),
    }
    return render(request, "web/duty.html", context, status=422 if refused else 200)


@never_cache
@login_required
@require_safe
def duty_day(request: HttpRequest, code: str, counter: str, day: str) -> HttpResponse:
    """A counter's day as a timeline and a table; never a vote."""
    if not may_rule(request.user, code):
        raise PermissionDenied
    unit, on = _unit(code), read_day(day)
    listed = {row.code: row for row in counters_of(code)}
    zone = ZoneInfo(unit.timezone)
    now_ms = months.utc_ms()
    today = attribution_words.local(now_ms, zone).date()
    if counter not in listed or on is None or on > today:
        raise Http404
    begin, end = _midnights(on, zone)
    ruled = [row for row in rulings(unit=code, counter=counter) if _touches(row, begin, end)]
    stretches = watch_of_day(unit=code, counter=counter, date=on, now_ms=now_ms)
    officials = [name for each in stretches for name in (each.official or "", *each.also) if name]
    names = names_of([*officials, *(row.official for row in ruled)])
    proposed = [row for row in ruled if row.state == "proposed" and row.lifts is None]
    context = {
        "unit": unit,
        "counter": listed[counter],
        "others": [row for row in listed.values() if row.code != counter],
        "day": on,
        "previous": on - timedelta(days=1),
        "next": on + timedelta(days=1) if on < today else None,
        "today": today,
        "told": [_told(each, ruled, names, zone) for each in stretches],
        "proposed": [
            (row, attribution_words.interval(row.from_ms, row.to_ms, zone)) for row in proposed
        ],
        "names": names,
        "chart": day_chart.draw_day(stretches, proposed, names, (begin, end), zone),
        "kinds": day_chart.kinds(stretches, proposed),
    }
    return render(request, "web/duty_day.html", context)


def _setting(unit: str, listed: dict[str, str], request: HttpRequest, now_ms: int) -> Action:
    """The form of one counter: somebody of the unit, or nobody, from now on."""

    def put(given: Given) -> str:
        counters = {row.code: row.name for row in counters_of(unit)}
        counter = given.choice("counter", counters)
        chosen = given.choice("official", {NOBODY, *listed})
        official = "" if chosen == NOBODY else chosen
        by = request.user.get_username()
        set_duty(unit=unit, counter=counter, official=official, by=by, now_ms=now_ms)
        if not official:
            text = gettext("{0}: không còn ai được đặt trên bảng trực.")
            return text.format(counters[counter])
        return gettext("{0}: {1} trực từ bây giờ.").format(counters[counter], listed[official])

    return put


def _beneath(request: HttpRequest, code: str) -> list[tuple[Any, str]]:
    """The units beneath that have counters, each with one of them: the boards themselves are for
    who supervises that very unit, a counter's day is for whoever answers for all of them."""
    units = [each for each in visible_units(request.user) if each.code != code]
    counters = counter_codes_of([each.code for each in units])
    return [(each, min(found)) for each in units if (found := counters[each.code])]


def _unit(code: str) -> Any:
    found = find_unit(code)
    if found is None:
        raise Http404
    return found


def _options(listed: dict[str, str]) -> list[tuple[str, str]]:
    by_name = sorted(listed.items(), key=lambda row: (name_order(row[1]), row[0]))
    return [(NOBODY, gettext("Không ai")), *((code, f"{name} · {code}") for code, name in by_name)]


def _codes(post: Post) -> list[str]:
    return [code for code in (post.official or "", post.planned, *post.also) if code]


def _line(post: Post, names: dict[str, str], zone: ZoneInfo) -> Line:
    began = post.served[0] if post.served and post.official else None
    still = [attribution_words.who(code, names) for code in post.also]
    return Line(
        post=post,
        who=names.get(post.official or "", post.official or ""),
        since="" if began is None else attribution_words.began_words(began, zone),
        by="" if began is None else attribution_words.by_words(began.by),
        also=", ".join(still),
        planned=names.get(post.planned, post.planned),
        chosen=post.official or post.planned or NOBODY,
    )


def _told(stretch: Stretch, ruled: list[Any], names: dict[str, str], zone: ZoneInfo) -> Told:
    number = next(
        (
            row.number
            for row in ruled
            if row.state == "force"
            and row.lifts is None
            and row.from_ms <= stretch.from_ms < row.to_ms
        ),
        None,
    )
    return Told(
        stretch,
        attribution_words.span(stretch.from_ms, stretch.to_ms, zone),
        attribution_words.stretch_words(stretch, names, number),
        attribution_words.also_words(stretch, names),
    )


def _touches(row: Any, begin: int, end: int) -> bool:
    return bool(row.from_ms < end and begin < row.to_ms)


def _midnights(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """When a local day begins and ends, unix ms."""
    return midnight_ms(day, zone), midnight_ms(day + timedelta(days=1), zone)
