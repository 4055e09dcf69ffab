"""Rulings: who served at a counter for a while, against what was signed; and objections to them.

Nobody sees a vote, a rating or an effect here.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from server.attribution.selectors import objections, objections_to, rulings, waiting_rulings
from server.attribution.selectors import ruling as find_ruling
from server.organisation.access import may_confirm_ruling, may_rule, visible_units
from server.organisation.selectors import counters_of, names_of, officials_of, rules_of
from server.organisation.selectors import unit as find_unit
from server.web import attribution_words, months
from server.web.asked import Given, carry_out, read_day
from server.web.ruling_forms import (
    answering,
    deciding,
    official_options,
    propose,
    proposed_words,
)

MOST_BELOW = 50


class Row(NamedTuple):
    """A ruling as pages show it. unit, counter: their names; who: whom it names, in words."""

    ruling: Any
    unit: str
    counter: str
    when: str
    who: str
    proposed: str
    decided: str


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rulings_of(request: HttpRequest, code: str) -> HttpResponse:
    """What waits, what was objected, and every ruling of the unit, newest first."""
    unit = _unit(request, code)
    refused = None
    if request.method == "POST":
        refused = carry_out(request, {"answer": answering(request, code)})
        if refused is None:
            return redirect("rulings", code=code)
    every = rows_of(code, rulings(unit=code))
    told = objections(unit=code)
    zone = ZoneInfo(unit.timezone)
    context = {
        "unit": unit,
        "waiting": rows_of(code, rulings(unit=code, state="proposed")),
        "rows": every,
        "objections": objection_rows(told, zone),
        "below": _waiting_below(request, unit),
        "two": rules_of(code).two_for_rulings,
        "refused": refused,
    }
    return render(request, "web/rulings.html", context, status=422 if refused else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ruling_new(request: HttpRequest, code: str) -> HttpResponse:
    """Propose who served at a counter in a stretch that is over; ?counter=&day= fill the form."""
    unit = _unit(request, code)
    refused = None
    counters = {row.code: row for row in counters_of(code)}
    listed = officials_of(code)
    if request.method == "POST":
        done: list[int] = []

        def keep(given: Given) -> str:
            done.append(propose(request, unit, given, set(counters), set(listed)))
            return proposed_words(code, done[-1])

        refused = carry_out(request, {"propose": keep})
        if refused is None and done:
            return redirect("ruling", code=code, number=done[0])
    now = attribution_words.local(months.utc_ms(), ZoneInfo(unit.timezone))
    asked = read_day(request.GET.get("day", ""))
    context = {
        "unit": unit,
        "counters": [(row.code, f"{row.number} · {row.name}") for row in counters.values()],
        "counter": request.GET.get("counter", ""),
        "day": asked or now.date(),
        "options": official_options(listed),
        "two": rules_of(code).two_for_rulings,
        "refused": refused,
    }
    return render(request, "web/ruling_new.html", context, status=422 if refused else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ruling(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """One ruling: how it stands, who proposed and decided, what was objected; what may be done."""
    unit = _unit(request, code)
    found = find_ruling(unit=code, number=int(number)) if _is_number(number) else None
    if found is None:
        raise Http404
    refused = None
    if request.method == "POST":
        refused = carry_out(request, deciding(request, code, found.number))
        if refused is None:
            return redirect("ruling", code=code, number=found.number)
        found = find_ruling(unit=code, number=found.number) or found
    me = request.user.get_username()
    waits = found.state == "proposed"
    zone = ZoneInfo(unit.timezone)
    first = attribution_words.local(found.from_ms, zone).date()
    context = {
        "unit": unit,
        "row": rows_of(code, [found])[0],
        "day": first,
        "may_decide": waits and may_confirm_ruling(request.user, code, found.proposed_by),
        "may_withdraw": waits and found.proposed_by == me,
        "may_lift": found.state == "force" and found.lifts is None,
        "objections": objection_rows(objections_to(unit=code, ruling=found.number), zone),
        "two": rules_of(code).two_for_rulings,
        "refused": refused,
    }
    return render(request, "web/ruling.html", context, status=422 if refused else 200)


def _waiting_below(request: HttpRequest, unit: Any) -> list[tuple[Any, Row]]:
    """What waits in the units beneath, with each unit, for whoever answers for all of them."""
    if getattr(request.user, "unit_id", None) != unit.code:
        return []
    units = {each.code: each for each in visible_units(request.user) if each.code != unit.code}
    waiting = waiting_rulings(units=list(units)) if units else []
    return [(units[found.unit], rows_of(found.unit, [found])[0]) for found in waiting[:MOST_BELOW]]


def rows_of(unit: str, found: Iterable[Any]) -> list[Row]:
    """Rulings of a unit with names and times in words."""
    found = list(found)
    names = names_of([row.official for row in found if row.official])
    counters = {row.code: f"{row.number} · {row.name}" for row in counters_of(unit)}
    of = find_unit(unit)
    zone = ZoneInfo("Asia/Ho_Chi_Minh" if of is None else of.timezone)
    return [
        Row(
            ruling=row,
            unit=unit if of is None else of.name,
            counter=counters.get(row.counter, row.counter),
            when=attribution_words.interval(row.from_ms, row.to_ms, zone),
            who=attribution_words.ruled_words(row, names),
            proposed=attribution_words.day_and_clock(row.proposed_ms, zone),
            decided=(
                attribution_words.day_and_clock(row.decided_ms, zone) if row.decided_ms else ""
            ),
        )
        for row in found
    ]


def objection_rows(found: Iterable[Any], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Objections with the official's name and when each was made and answered."""
    found = list(found)
    names = names_of([row.official for row in found])
    counters = {row.code: row.name for unit in {o.unit for o in found} for row in counters_of(unit)}
    return [
        {
            "row": row,
            "counter": counters.get(row.counter, row.counter),
            "who": attribution_words.who(row.official, names),
            "at": attribution_words.day_and_clock(row.at_ms, zone),
            "answered": (
                attribution_words.day_and_clock(row.answered_ms, zone) if row.answered_ms else ""
            ),
        }
        for row in found
    ]


def _unit(request: HttpRequest, code: str) -> Any:
    """The unit that the reader may rule on; a foreign one and a missing one answer alike."""
    if not may_rule(request.user, code):
        raise PermissionDenied
    found = find_unit(code)
    if found is None:
        raise Http404
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16
