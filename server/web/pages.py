"""The pages of figures and kiosks. Each asks organisation.access what its reader may see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from server.ingest.selectors import KioskState, kiosks_of
from server.organisation.access import (
    may_see_kiosks,
    may_see_lines,
    may_see_unit,
    visible_units,
)
from server.organisation.selectors import counters_of
from server.organisation.selectors import unit as find_unit
from server.web import download, months, words
from server.web.bars import FROM_THE_BEST
from server.web.figures import Shown, read_figures

LOST_AFTER_MS = 5 * 60 * 1000  # a kiosk sends something every minute


@never_cache
@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Straight to the reader's own unit, or the list of those they may see."""
    units = visible_units(request.user)
    if len(units) == 1:
        return redirect("unit", code=units[0].code)
    return render(request, "web/home.html", {"units": units})


@never_cache
@login_required
@require_safe
def unit_page(request: HttpRequest, code: str) -> HttpResponse:
    """The figures of a unit for a period of whole months."""
    shown = _read(request, code)
    context = {
        "shown": shown,
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
    return download.csv_response(_read(request, code))


@dataclass(frozen=True)
class KioskRow:
    """A kiosk as the list shows it. counter: with number and name, None if it stands nowhere.

    seen: on the unit's clock, None if never; lost: nothing heard for longer than it should be.
    """

    kiosk: KioskState
    counter: Any
    state: str
    seen: datetime | None
    lost: bool


@never_cache
@login_required
@require_safe
def kiosks(request: HttpRequest) -> HttpResponse:
    """The kiosks of every unit that the reader may see; their lines for those who may see them."""
    now_ms = months.utc_ms()
    tables = [
        (unit, _kiosk_rows(unit, now_ms), may_see_lines(request.user, unit.code))
        for unit in visible_units(request.user)
        if may_see_kiosks(request.user, unit.code)
    ]
    return render(request, "web/kiosks.html", {"tables": tables})


def _read(request: HttpRequest, code: str) -> Shown:
    # Asked first, so that a foreign unit and one that does not exist answer alike.
    if not may_see_unit(request.user, code):
        raise PermissionDenied
    unit = find_unit(code)
    if unit is None:
        raise Http404
    return read_figures(account=request.user, unit=unit, query=request.GET, now_ms=months.utc_ms())


def _kiosk_rows(unit: Any, now_ms: int) -> list[KioskRow]:
    counters = {counter.code: counter for counter in counters_of(unit.code)}
    return [
        KioskRow(
            kiosk=kiosk,
            counter=counters.get(kiosk.counter),
            state=words.journal_state_words(kiosk.state),
            seen=months.local_time(kiosk.seen_ms, unit.timezone) if kiosk.seen_ms else None,
            lost=kiosk.seen_ms < now_ms - LOST_AFTER_MS,
        )
        for kiosk in kiosks_of(unit=unit.code)
    ]
