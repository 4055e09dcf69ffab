"""One unit through time: its names and places in the tree, what it became, what it chose."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from server.fleet.errors import FleetError
from server.fleet.moving import mark_moved
from server.fleet.services import publish_unit
from server.organisation.access import may_manage_any, may_see_unit
from server.organisation.selectors import DISPLAY, rules_of, spells_of, successions
from server.organisation.selectors import unit as find_unit
from server.organisation.services import (
    OrganisationError,
    add_successor,
    change_unit,
    end_unit,
    remove_successor,
    set_display,
    set_rules,
)
from server.web import months
from server.web.asked import Action, Given, Unreadable, carry_out

RULES = {"": None, "yes": True, "no": False}


def unit_of(request: HttpRequest, code: str) -> Any:
    """The unit that the reader may see; a foreign one and one that does not exist answer alike."""
    if not may_see_unit(request.user, code):
        raise PermissionDenied
    found = find_unit(code)
    if found is None:
        raise Http404
    return found


def check_change(request: HttpRequest) -> None:
    """PermissionDenied unless the reader may enter the organisation."""
    if not may_manage_any(request.user):
        raise PermissionDenied


def tell_kiosks(unit: str, *, by: str, why: str) -> None:
    """Publish anew for the unit's kiosks, once the change is kept. FleetError for whichever could
    not be told: what was entered stands all the same."""
    try:
        publish_unit(unit=unit, now_ms=months.utc_ms(), by=by, why=why)
    except OrganisationError as error:
        raise FleetError(error.say(get_language() or "vi")) from error


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    """The unit's stretches, forms to rename, move and end it, its successors and rules."""
    unit = unit_of(request, code)
    change = _Change(unit, request.user.get_username())
    actions = {
        "change": change.rename_or_move,
        "end": change.end,
        "reopen": change.take_end_back,
        "successor": change.add_successor,
        "unlink": change.remove_successor,
        "rules": change.choose_rules,
        "display": change.choose_display,
    }
    return answer(request, unit, "organisation", actions, _shown)


def answer(
    request: HttpRequest,
    unit: Any,
    page: str,
    actions: Mapping[str, Action],
    shown: Callable[[Any], dict[str, Any]],
) -> HttpResponse:
    """A page of the unit with forms of administrators: do what the one that was sent asks and go
    back to the page, or show it. page: the name of its address and of its template."""
    refused = None
    if request.method == "POST":
        check_change(request)
        refused = carry_out(request, actions)
        if refused is None:
            return redirect(page, code=unit.code)
    manages = may_manage_any(request.user)
    context = {"unit": unit, "manages": manages, "refused": refused, **shown(unit)}
    return render(request, f"web/{page}.html", context, status=422 if refused else 200)


def _shown(unit: Any) -> dict[str, Any]:
    code = unit.code
    spells, links = spells_of(code), successions([code])
    chosen = getattr(unit, "unitrules", None)
    return {
        "spells": spells,
        "last": spells[-1],
        "parents": {spell.parent: find_unit(spell.parent) for spell in spells if spell.parent},
        "successors": [link for link in links if link.predecessor_id == code],
        "predecessors": [link for link in links if link.successor_id == code],
        "today": months.local_time(months.utc_ms(), unit.timezone).date(),
        "rules": rules_of(code),
        "shifts_count": _word(chosen and chosen.shifts_count),
        "two_for_rulings": _word(chosen and chosen.two_for_rulings),
        "display": {n: "" if (v := getattr(chosen, n, None)) is None else v for n in DISPLAY},
        "choices": [
            ("", gettext("Theo đơn vị cấp trên")),
            ("yes", gettext("Có")),
            ("no", gettext("Không")),
        ],
        "moves": [("", gettext("Giữ nguyên")), ("yes", gettext("Chuyển đến đơn vị dưới đây"))],
    }


class _Change:
    """What the forms of the page do to one unit."""

    def __init__(self, unit: Any, by: str) -> None:
        self.unit, self.by = unit, by

    def rename_or_move(self, given: Given) -> str:
        """An empty name stays as it is; the place stays unless the form says to move."""
        moved = {}
        if given.text("move") == "yes":
            above = given.text("parent")
            moved = {"parent": _unit(given, "parent") if above else None}
        before, name = spells_of(self.unit.code), given.text("name") or None
        change_unit(unit=self.unit, on_date=given.day("on"), name=name, **moved)
        if spells_of(self.unit.code) == before:
            raise Unreadable("name", gettext("Hãy ghi tên mới, hoặc chọn chuyển đơn vị."))
        mark_moved(units=[self.unit.code], now_ms=months.utc_ms(), by=self.by)
        return gettext("Đã ghi thay đổi; những ngày trước đó vẫn như cũ.")

    def end(self, given: Given) -> str:
        """The form asks for the last day, the service for the first without it."""
        end_unit(unit=self.unit, on_date=given.day("last") + timedelta(days=1))
        return gettext("Đã ghi ngày cuối. Hãy ghi đơn vị kế thừa để số liệu cũ được quy về.")

    def take_end_back(self, given: Given) -> str:
        end_unit(unit=self.unit, on_date=None)
        return gettext("Đã bỏ ngày cuối: đơn vị vẫn hoạt động.")

    def add_successor(self, given: Given) -> str:
        successor = _unit(given, "successor")
        add_successor(
            predecessor=self.unit,
            successor=successor,
            on_date=given.day("on"),
            note=given.text("note", 300),
        )
        return gettext("Đã ghi: {0} kế thừa đơn vị này.").format(successor.name)

    def remove_successor(self, given: Given) -> str:
        remove_successor(predecessor=self.unit, successor=_unit(given, "successor"))
        return gettext("Đã bỏ liên kết kế thừa.")

    def choose_rules(self, given: Given) -> str:
        set_rules(
            unit=self.unit,
            shifts_count=RULES[given.choice("shifts_count", RULES)],
            two_for_rulings=RULES[given.choice("two_for_rulings", RULES)],
            by=self.by,
            now_ms=months.utc_ms(),
        )
        return gettext("Đã lưu. Lượt đánh giá liên quan được gán lại trong lần chạy kế tiếp.")

    def choose_display(self, given: Given) -> str:
        wish = {name: given.number(name) if given.text(name) else None for name in DISPLAY}
        set_display(unit=self.unit, wish=wish, by=self.by, now_ms=months.utc_ms())
        return gettext("Đã lưu quy tắc hiển thị.")


def _unit(given: Given, name: str) -> Any:
    found = find_unit(given.text(name))
    if found is None:
        raise Unreadable(name, gettext("Không có đơn vị nào mang mã này."))
    return found


def _word(chosen: bool | None) -> str:
    return next(word for word, value in RULES.items() if value is chosen)
