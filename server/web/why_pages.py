"""Why a figure is what it is: rule, formula with its numbers, what counts, and how to check it."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from server.analytics.selectors import Figure, Period, limited, own_figures, own_units, shown_as
from server.ledger.standing import Signed, read_standing
from server.organisation.access import may_see_unit, own_official
from server.organisation.selectors import official as find_official
from server.organisation.selectors import rules_of
from server.organisation.selectors import unit as find_unit
from server.web import months, words
from server.web.figures import NO_STATES, Row, Shown, read_figures
from server.web.node import read_node
from server.web.own_pages import NOT_COMPARED
from server.web.proofs import hex_groups


@dataclass(frozen=True)
class Why:
    """A figure to explain. by: what `recount` counts by; unit: empty for several units; back: the
    address of the page where it stands; node: several units together."""

    row: Row
    rules: Any
    period: Period
    by: str
    unit: str
    back: str
    node: bool = False
    person: bool = False


@never_cache
@login_required
@require_safe
def why(request: HttpRequest) -> HttpResponse:
    """?of=unit|counter|official|node|beneath|own, unit, code, and the period as on the page."""
    of = request.GET.get("of", "")
    found = _own(request) if of == "own" else _of_unit(request, of)
    now_ms = months.utc_ms()
    newest = read_standing(now_ms=now_ms).newest
    figure, period = found.row.figure, found.period
    context = {
        "found": found,
        "row": found.row,
        "figure": figure,
        "period": months.period_words(period),
        "formula": _formula(figure),
        "interval": _interval(figure),
        "verdict": _verdict(found),
        "checkpoint": newest,
        "root": _root(newest),
        "command": _command(found),
    }
    return render(request, "web/why.html", context)


def _of_unit(request: HttpRequest, of: str) -> Why:
    code = request.GET.get("unit", "")
    # Asked first, so that a foreign unit and one that does not exist answer alike.
    if not may_see_unit(request.user, code):
        raise PermissionDenied
    unit = find_unit(code)
    if unit is None:
        raise Http404
    shown = read_figures(account=request.user, unit=unit, query=request.GET, now_ms=months.utc_ms())
    view = "as-is" if request.GET.get("view") == "as-is" else "as-was"
    row = _row(request, shown, of, view)
    as_is = "&view=as-is" if view == "as-is" else ""
    back = f"/units/{shown.unit}/?{months.query_of(shown.period)}{as_is}"
    node = of in ("node", "beneath")
    by = of if of in ("counter", "official") else "unit"
    return Why(
        row, shown.rules, shown.period, by, "" if node else shown.unit, back, node,
        of == "official",
    )  # fmt: skip


def _row(request: HttpRequest, shown: Shown, of: str, view: Any) -> Row:
    """The row of the page that is asked for; PermissionDenied for officials that are not theirs."""
    code = request.GET.get("code", "")
    if of == "official" and shown.officials is None:
        raise PermissionDenied
    if of in ("node", "beneath"):
        node = read_node(request.user, shown, view)
        rows = [] if node is None else node.rows
        if node is not None and of == "node":
            return replace(
                shown.total, figure=node.total, display=node.display, states=node.states,
                response=None,
            )  # fmt: skip
        listed = [
            Row(
                row.code,
                None,
                row.name,
                "",
                row.figure,
                None,
                row.display,
                row.response,
                row.states,
            )
            for row in rows
        ]
    else:
        listed = {
            "unit": [replace(shown.total, code=code)],
            "counter": shown.counters,
            "official": shown.officials or [],
        }.get(of, [])
    for row in listed:
        if row.code == code:
            return row
    raise Http404


def _own(request: HttpRequest) -> Why:
    """The official's own figure of closed days."""
    code = own_official(request.user)
    official = None if code is None else find_official(code)
    if official is None:
        raise PermissionDenied
    now_ms = months.utc_ms()
    today: date = months.local_time(now_ms, official.unit.timezone).date()
    period = months.read_period(request.GET, today)
    figures = own_figures(
        official=official.code, units=own_units(official.code), period=period, today=today,
        now_ms=now_ms,
    )  # fmt: skip
    rules = rules_of(official.unit_id)
    figure = figures.total or Figure()
    display = shown_as(figure, person=True, rules=rules, reliability=NOT_COMPARED)
    # What has fewer than five votes is not told of, here as there.
    states = figures.states if figures.total else NO_STATES
    row = Row(
        official.code, None, official.name, official.title, limited(figure, display), None, display,
        None, states,
    )  # fmt: skip
    back = f"/own/?{months.query_of(period)}"
    return Why(row, rules, period, "official", official.unit_id, back, person=True)


def _formula(figure: Figure) -> str:
    """(42 + 13) ÷ 60 = 91,7 %"""
    if figure.counts is None or figure.share is None:
        return ""
    very, satisfied = (words.whole(figure.counts[at]) for at in (4, 3))
    share = words.percent((figure.counts[4] + figure.counts[3]) / figure.base)
    return f"({very} + {satisfied}) ÷ {words.whole(figure.base)} = {share}"


def _interval(figure: Figure) -> str:
    if figure.share is None or figure.low is None or figure.high is None:
        return ""
    text = gettext("Với p = {0} và n = {1}: từ {2} đến {3}.")
    return text.format(
        words.percent(figure.share), words.whole(figure.base), words.percent(figure.low),
        words.percent(figure.high),
    )  # fmt: skip


def _verdict(found: Why) -> str:
    """Which rule of display holds, with its number."""
    rules, display = found.rules, found.row.display
    said = {
        "nothing": gettext("Chưa có lượt nào được tính."),
        "count": gettext("Dưới {0} lượt đủ nhóm: chỉ hiện số lượt.").format(rules.show_from),
        "no-score": gettext("Dưới {0} lượt: chưa nêu tỷ lệ của một người.").format(
            rules.person_from
        ),
        "full": gettext("Từ {0} lượt: nêu tỷ lệ, khoảng tin cậy và màu.").format(
            rules.verdict_from
        ),
    }
    if display.level == "full" and display.reliability == NOT_COMPARED:
        return (
            said["full"]
            + " "
            + gettext(
                "Ở đây không so với ai; trang của người phụ trách để xám khi chưa đủ tin cậy để so "
                "các cán bộ với nhau."
            )
        )
    if display.level != "uncertain":
        return said[display.level]
    if found.row.figure.base < rules.verdict_from:
        return gettext(
            "Dưới {0} lượt: nêu tỷ lệ và khoảng tin cậy, không tô màu, không so sánh."
        ).format(rules.verdict_from)
    if display.reliability is None:
        return gettext("Chưa đủ cán bộ để so sánh: nêu tỷ lệ, không tô màu, không so sánh.")
    return gettext(
        "Độ tin cậy {0}, cần từ {1}: khác nhau giữa các cán bộ phần lớn có thể là ngẫu nhiên, nên "
        "không tô màu, không so sánh."
    ).format(words.percent(display.reliability), words.percent(rules.reliability_from / 100))


def _root(newest: Signed | None) -> list[str]:
    return [] if newest is None else hex_groups(newest.root)


def _command(found: Why) -> str:
    """What an operator or inspector types to have it counted again from the votes."""
    period = found.period
    of = f" --unit {found.unit}" if found.unit else ""
    return f"hailong-server recount --from {period.first} --to {period.last} --by {found.by}{of}"
