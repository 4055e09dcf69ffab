"""The pages of figures. Each asks organisation.access what its reader may see."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from server.organisation.access import may_open_desk, may_see_unit, own_official, visible_units
from server.organisation.selectors import unit as find_unit
from server.web import download, months
from server.web.bars import FROM_THE_BEST
from server.web.figures import Shown, read_figures
from server.web.node import View, read_node

MOST = 400  # units of a list; more are a tree


@never_cache
@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Straight to the reader's own unit or own page, or the list of units they may see."""
    if own_official(request.user) is not None:
        return redirect("own")
    if may_open_desk(request.user):
        return redirect("desk")
    own = getattr(request.user, "unit_id", None)
    if own is not None and may_see_unit(request.user, own):
        return redirect("unit", code=own)
    units = visible_units(request.user)
    if len(units) == 1:
        return redirect("unit", code=units[0].code)
    if len(units) > MOST:
        return redirect("units")
    return render(request, "web/home.html", {"units": units})


@never_cache
@login_required
@require_safe
def unit_page(request: HttpRequest, code: str) -> HttpResponse:
    """The figures of a unit for a period of whole months."""
    shown = _read(request, code)
    view = _view(request)
    context = {
        "shown": shown,
        "node": read_node(request.user, shown, view),
        "view": view,
        "period": months.period_words(shown.period),
        "query": months.query_of(shown.period),
        "choices": months.choices(shown.period, shown.today),
        "months": months.months(shown.period, shown.today),
        "first": months.month_value(shown.period.first),
        "last": months.month_value(shown.period.last),
        "ratings": FROM_THE_BEST,
    }
    return render(request, "web/unit.html", context)


@never_cache
@login_required
@require_safe
def unit_csv(request: HttpRequest, code: str) -> HttpResponse:
    """The same figures for a spreadsheet."""
    shown = _read(request, code)
    return download.csv_response(shown, read_node(request.user, shown, _view(request)))


def _view(request: HttpRequest) -> View:
    return "as-is" if request.GET.get("view") == "as-is" else "as-was"


def _read(request: HttpRequest, code: str) -> Shown:
    # Asked first, so that a foreign unit and one that does not exist answer alike.
    if not may_see_unit(request.user, code):
        raise PermissionDenied
    unit = find_unit(code)
    if unit is None:
        raise Http404
    return read_figures(account=request.user, unit=unit, query=request.GET, now_ms=months.utc_ms())
