"""The workbench of doubtful votes: reviewers decide, two of them; inspectors read.

Nobody here is told a rating, nor whom the votes are about. A look at single votes is recorded.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from server.flags import selectors
from server.flags.errors import FlagError
from server.flags.services import (
    confirm_decision,
    note_looked,
    open_doubt,
    propose_decision,
    refuse_decision,
    withdraw_decision,
)
from server.organisation.access import (
    inspected_units,
    is_inspector,
    is_reviewer,
    may_review,
    may_see_doubts,
    may_still_review,
    reviewed_units,
)
from server.organisation.selectors import counters_of
from server.organisation.selectors import unit as find_unit
from server.web import attribution_words, doubt_words, months
from server.web.asked import Action, Given, carry_out

TABS = {"new": ("new",), "looked": ("looked",), "decided": ("excluded", "included")}
MOST_REASON = 500


class Row(NamedTuple):
    """A doubt as pages show it. when: its times; unit, counter: their names."""

    doubt: Any
    unit: str
    counter: str
    when: str
    flags: str
    state: str


@never_cache
@login_required
@require_safe
def doubts(request: HttpRequest) -> HttpResponse:
    """Every doubt of the reader's territory: what waits for a second person first, then by state
    (?state=) and unit (?unit=)."""
    if not (is_reviewer(request.user) or is_inspector(request.user)):
        raise PermissionDenied
    units = {unit.code: unit for unit in _territory(request)}
    chosen = request.GET.get("unit", "")
    asked = [chosen] if chosen in units else list(units)
    tab = request.GET.get("state", "new")
    tab = tab if tab in TABS else "new"
    start = _start(request.GET.get("start", ""))
    listed = selectors.doubts(units=asked, states=TABS[tab], start=start)
    counts = selectors.how_many(units=asked)
    context = {
        "units": sorted(units.values(), key=lambda unit: unit.name),
        "unit_code": chosen if chosen in units else "",
        "tab": tab,
        "tabs": [(name, _tab(name), sum(counts.get(s, 0) for s in TABS[name])) for name in TABS],
        "rows": _rows(listed.doubts, units),
        "waiting": _waiting(request, units),
        "n": listed.n,
        "more": start + selectors.SHOWN if start + selectors.SHOWN < listed.n else None,
        "before": max(0, start - selectors.SHOWN) if start else None,
        "may_decide": is_reviewer(request.user),
    }
    return render(request, "web/doubts.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def doubt(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """One doubt: its votes' times and rhythm, why they are doubted, what people decided."""
    if not may_see_doubts(request.user, code):
        raise PermissionDenied
    unit = find_unit(code)
    found = selectors.doubt(unit=code, number=int(number)) if _is_number(number) else None
    if unit is None or found is None:
        raise Http404
    refused = None
    if request.method == "POST":
        if not may_review(request.user, code):
            raise PermissionDenied
        refused = carry_out(request, _deciding(request, code, found.number))
        if refused is None:
            return redirect("desk-doubt", code=code, number=found.number)
        found = selectors.doubt(unit=code, number=found.number) or found
    me, zone = request.user.get_username(), ZoneInfo(unit.timezone)
    votes = open_doubt(unit=code, number=found.number, by=me, now_ms=months.utc_ms())
    decisions = selectors.decisions_on(unit=code, doubt=found.number)
    waits = next((each for each in decisions if each.state == "proposed"), None)
    reviewer = may_review(request.user, code)
    context = {
        "unit_name": unit.name,
        "row": _rows([found], {code: unit})[0],
        "sentences": doubt_words.flag_sentences(found.flags),
        "votes": [(vote, f"{attribution_words.local(vote.at_ms, zone):%H:%M:%S}",
                   doubt_words.gap_words(vote.gap_ms),
                   doubt_words.flag_words(" ".join(vote.flags))) for vote in votes],
        "drawing": doubt_words.draw_rhythm(votes, zone),
        "sentence": doubt_words.rhythm_sentence([vote.at_ms for vote in votes]),
        "looked": _at(found.looked_ms, zone),
        "decisions": [(each, doubt_words.decision_words(each.what), _at(each.proposed_ms, zone),
                       _at(each.decided_ms, zone)) for each in decisions],
        "reviewer": reviewer,
        "waits": waits,
        "may_decide": reviewer and waits is not None and waits.proposed_by != me,
        "may_withdraw": reviewer and waits is not None and waits.proposed_by == me,
        "stake": found.held or found.n,
        "refused": refused,
    }  # fmt: skip
    return render(request, "web/doubt.html", context, status=422 if refused else 200)


def _deciding(request: HttpRequest, unit: str, doubt: int) -> dict[str, Action]:
    """The forms of one doubt. Services refuse what is not the reader's to decide."""
    one: dict[str, Any] = {
        "unit": unit, "by": request.user.get_username(), "now_ms": months.utc_ms()
    }  # fmt: skip

    def number(given: Given) -> int:
        """Of a decision on this doubt: a form names no other's."""
        asked = given.number("number")
        found = selectors.decision(unit=unit, number=asked)
        if found is None or found.doubt != doubt:
            raise Http404
        return asked

    def propose(what: str) -> Action:
        def do(given: Given) -> str:
            propose_decision(doubt=doubt, what=what, reason=given.text("reason"), **one)
            return gettext("Đã ghi đề nghị; có hiệu lực khi người thẩm định thứ hai xác nhận.")

        return do

    def confirm(given: Given) -> str:
        asked = number(given)
        found = selectors.decision(unit=unit, number=asked)
        if found is not None and not may_still_review(found.proposed_by, unit):
            raise FlagError("proposer-gone", number=asked, by=found.proposed_by)
        confirm_decision(number=asked, **one)
        return gettext("Đã xác nhận. Số liệu được tính lại trong lần chạy kế tiếp.")

    def refuse(given: Given) -> str:
        refuse_decision(number=number(given), why=given.text("why"), **one)
        return gettext("Đã từ chối đề nghị.")

    def withdraw(given: Given) -> str:
        withdraw_decision(number=number(given), **one)
        return gettext("Đã rút đề nghị.")

    def looked(given: Given) -> str:
        note_looked(doubt=doubt, note=given.text("note"), **one)
        return gettext("Đã ghi là đã xem.")

    return {
        "exclude": propose("exclude"),
        "include": propose("include"),
        "confirm": confirm,
        "refuse": refuse,
        "withdraw": withdraw,
        "looked": looked,
    }


def _territory(request: HttpRequest) -> list[Any]:
    """Of what kind of account it is: nobody is both."""
    account = request.user
    return reviewed_units(account) if is_reviewer(account) else inspected_units(account)


def _waiting(request: HttpRequest, units: dict[str, Any]) -> list[tuple[Any, str, str, str, bool]]:
    """Proposals that wait: with the unit's name, what and when, and whether the reader may be the
    second person."""
    me, mine = request.user.get_username(), is_reviewer(request.user)
    return [
        (each, units[each.unit].name, doubt_words.decision_words(each.what),
         _at(each.proposed_ms, ZoneInfo(units[each.unit].timezone)),
         mine and each.proposed_by != me)
        for each in selectors.waiting_decisions(units=units)
    ]  # fmt: skip


def _rows(found: Iterable[Any], units: dict[str, Any]) -> list[Row]:
    found = list(found)
    counters = {
        row.code: f"{row.number} · {row.name}"
        for code in {each.unit for each in found}
        for row in counters_of(code)
    }
    return [
        Row(
            each,
            units[each.unit].name,
            counters.get(each.counter, each.counter) or gettext("Không rõ quầy"),
            attribution_words.interval(
                each.first_ms, each.last_ms + 1_000, ZoneInfo(units[each.unit].timezone)
            ),
            doubt_words.flag_words(each.flags),
            doubt_words.doubt_state(each.state),
        )
        for each in found
    ]


def _tab(name: str) -> str:
    return {
        "new": gettext("Chưa xem"),
        "looked": gettext("Đã xem"),
        "decided": gettext("Đã quyết"),
    }[name]


def _at(ms: int | None, zone: ZoneInfo) -> str:
    return "" if ms is None else attribution_words.day_and_clock(ms, zone)


def _start(text: str) -> int:
    return int(text) if _is_number(text) else 0


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16
