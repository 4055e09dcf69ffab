"""The units as a tree on a chosen day, and what became of those that ended."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from server.organisation.access import may_manage_any, visible_units
from server.organisation.selectors import Standing, ancestors_of, tree_on
from server.organisation.selectors import unit as find_unit
from server.organisation.services import make_unit
from server.web import months
from server.web.asked import Given, Unreadable, carry_out, read_day
from server.web.organisation_words import LEVELS, level_options
from server.web.units_tree import ended_rows, tree_rows

ZONE = "Asia/Ho_Chi_Minh"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def units(request: HttpRequest) -> HttpResponse:
    """The tree on ?date=, from the unit ?of= down; a form for a new unit."""
    tops = _tops(request)
    refused = None
    if request.method == "POST":
        if not may_manage_any(request.user):
            raise PermissionDenied
        refused = carry_out(request, {"new": _make})
        if refused is None:
            return redirect(request.get_full_path())
    today = months.local_time(months.utc_ms(), ZONE).date()
    day, wrong_day = _day(request, today)
    standing = tree_on(day)
    of = request.GET.get("of", "")
    top = _top(of, standing, day, tops)
    rows = tree_rows(standing, top)
    may_open = _openable(request, standing)
    within = [of] if of else None if tops is None else top or sorted(tops)
    ended, more_ended = ended_rows(day, within)
    context = {
        "day": day,
        "today": today,
        "wrong_day": wrong_day,
        "of": next((row for row in standing if row.code == of), None),
        "path": _path(of, standing, day, tops),
        "rows": [row._replace(open=row.unit.code in may_open) for row in rows],
        "ended": ended,
        "more_ended": more_ended,
        "manages": may_manage_any(request.user),
        "levels": level_options(),
        "refused": refused,
    }
    return render(request, "web/units.html", context, status=422 if refused or wrong_day else 200)


def _tops(request: HttpRequest) -> set[str] | None:
    """The units from which on the reader may look; None: all."""
    if may_manage_any(request.user):
        return None
    own = {unit.code for unit in visible_units(request.user)}
    if not own:
        raise PermissionDenied
    return own


def _make(given: Given) -> str:
    above = given.text("parent")
    parent = find_unit(above) if above else None
    if above and parent is None:
        raise Unreadable("parent", gettext("Không có đơn vị nào mang mã này."))
    unit = make_unit(
        code=given.text("code"),
        name=given.text("name"),
        parent=parent,
        level=given.choice("level", LEVELS),  # type: ignore[arg-type]  # a value of Level
        started_date=given.day_or_none("started"),
    )
    return gettext("Đã có đơn vị {0}.").format(unit)


def _day(request: HttpRequest, today: date) -> tuple[date, bool]:
    """The day asked for, and whether it could not be read."""
    text = request.GET.get("date", "")
    found = read_day(text)
    return found or today, bool(text) and found is None


def _top(of: str, standing: Sequence[Standing], day: date, tops: set[str] | None) -> list[str]:
    """The units at the top of the page; a foreign one and one that does not exist answer alike."""
    known = {row.code for row in standing}
    if of:
        if find_unit(of) is None:
            raise PermissionDenied
        if tops is not None and not {of, *ancestors_of(of, day)} & tops:
            raise PermissionDenied
        return [of] if of in known else []
    if tops is None:
        return [row.code for row in standing if row.parent not in known]
    seen = {row.code: row.parent for row in standing}
    return [code for code in sorted(tops & known) if seen[code] not in tops]


def _openable(request: HttpRequest, standing: Sequence[Standing]) -> set[str]:
    if may_manage_any(request.user):
        return {row.code for row in standing}
    return {unit.code for unit in visible_units(request.user)}


def _path(
    of: str, standing: Sequence[Standing], day: date, tops: set[str] | None
) -> list[Standing]:
    """What stands above the top of the page, as far as the reader may look; highest first."""
    by_code = {row.code: row for row in standing}
    above = [by_code[code] for code in reversed(ancestors_of(of, day)[1:]) if code in by_code]
    if tops is None:
        return above
    first = next((n for n, row in enumerate(above) if row.code in tops), len(above))
    return above[first:]
