"""One kiosk: how it stands and what to do, its month by opening hour, what it was asked to do."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from server.fleet.asked import diagnostics_of, orders_of
from server.fleet.errors import FleetError
from server.fleet.health import outages, silences_of
from server.fleet.hours import Hours, hours_of
from server.fleet.orders import WHAT, AlreadyAsked, order_deed
from server.fleet.uptime import (
    ASSUMED,
    Heard,
    Span,
    blamed,
    open_hours,
    open_spans,
    silent_after_ms,
    total,
    uptime,
    within_ms,
)
from server.ingest.selectors import journals_of, kiosk_state
from server.organisation.access import (
    may_manage_kiosks,
    may_see_kiosks,
    may_see_settings,
)
from server.organisation.selectors import holidays_of
from server.votes.selectors import Cast, days_of, events_of, never_pressed, votes_by_day
from server.web import kiosk_words, months, words
from server.web.fleet import Row, read_fleet, read_rows

DAYS: Final = 31
DAY_MS = 86_400_000
EVENTS_DAYS = 30


@never_cache
@login_required
@require_safe
def kiosk_page(request: HttpRequest, id: str) -> HttpResponse:
    """Everything about one kiosk that its reader may see."""
    return _show(request, id)


@never_cache
@login_required
@require_POST
def kiosk_order(request: HttpRequest, id: str) -> HttpResponse:
    """Ask the kiosk for diagnostics, a restart or its self-test; then its page again."""
    state = kiosk_state(id)
    if state is None or not may_manage_kiosks(request.user, state.unit):
        raise PermissionDenied
    what = request.POST.get("what", "")
    try:
        by = request.user.get_username()
        order_deed(kiosk=id, what=what if what in WHAT else "", by=by, now_ms=months.utc_ms())
    except AlreadyAsked:
        return _show(request, id, wrong=gettext("Yêu cầu này đã gửi rồi và thiết bị chưa trả lời."))
    except FleetError:
        wrong = gettext(
            "Không gửi được yêu cầu: thiết bị phải đứng ở một quầy và có cấu hình dùng được."
        )
        return _show(request, id, wrong=wrong)
    return redirect("kiosk", id=id)


def _show(request: HttpRequest, id: str, *, wrong: str = "") -> HttpResponse:
    state = kiosk_state(id)
    # Asked first, so that a foreign kiosk and one that does not exist answer alike.
    if state is None or not may_see_kiosks(request.user, state.unit):
        raise PermissionDenied
    now_ms = months.utc_ms()
    fleet = read_fleet(account=request.user, now_ms=now_ms, units=[state.unit])
    stand = next(stand for stand in fleet.stands if stand.kiosk.id == id)
    (row,) = read_rows(fleet, [stand])
    journal, advice = row.stand.kiosk.state, _advice(row, now_ms)
    context: dict[str, Any] = {
        "row": row,
        "wrong": wrong,
        "advice": advice,
        "do": kiosk_words.do_words(row.stand.standing, journal, row.status, look=bool(advice)),
        "cut_off": kiosk_words.is_cut_off(journal, row.status),
        "as_of": months.local_time(now_ms, row.unit.timezone),
        "month": _month(row, now_ms),
        "silent_after": kiosk_words.span_words(silent_after_ms(state.heartbeat_s) // 1000),
        "settings": may_see_settings(request.user, state.unit),
        "manages": may_manage_kiosks(request.user, state.unit),
    }
    if row.lines:
        context |= _lines(row, now_ms)
    if context["manages"]:
        context |= _orders(row)
    return render(request, "web/kiosk.html", context, status=409 if wrong else 200)


def _advice(row: Row, now_ms: int) -> list[kiosk_words.Advice]:
    today = months.local_time(now_ms, row.unit.timezone).date()
    shown = [row.id] if row.lines else []  # as in fleet.py
    unpressed = never_pressed(today=today, kiosks=shown).get(row.id, [])
    return kiosk_words.advice(row.status, row.stand.kiosk.state, unpressed)


@dataclass(frozen=True)
class Shade:
    """A cell of the month: its class, what is written in it, and what it says aloud."""

    kind: str
    text: str
    words: str


@dataclass(frozen=True)
class Month:
    """The uptime of the last DAYS days, newest first, by opening hour; share: of all of it."""

    hours: list[int]
    days: list[tuple[date, list[Shade]]]
    share: str
    assumed: bool
    silences: list[tuple[datetime, str]]


def _month(row: Row, now_ms: int) -> Month:
    """Silences and outages as they are written, told by the clock of the kiosk's unit."""
    zone = ZoneInfo(row.unit.timezone)
    hours = hours_of([row.id]).get(row.id, Hours((), zone))
    today = datetime.fromtimestamp(now_ms / 1000, hours.zone).date()
    since_ms = now_ms - (DAYS + 1) * DAY_MS
    down = outages(since_ms=since_ms, now_ms=now_ms)
    quiet, enrolled_ms = _quiet(row, since_ms, now_ms, down)
    heard = Heard(quiet, down, enrolled_ms, now_ms)
    first = today - timedelta(days=DAYS - 1)
    holidays = holidays_of(row.unit.code, first, today)
    table = uptime(
        heard, first=first, days=DAYS, hours=hours.hours, zone=hours.zone, holidays=holidays
    )
    spans = open_spans(
        first=first, days=DAYS, hours=hours.hours, zone=hours.zone, holidays=holidays
    )
    columns = open_hours(hours.hours or ASSUMED)
    # Of less than a day, a share says nothing but sounds as if it did.
    share = total(table) if now_ms - enrolled_ms >= DAY_MS else None
    return Month(
        hours=columns,
        days=[
            (day, [_shade(table[day][hour]) for hour in columns])
            for day in reversed(table)
            if any(cell.kind != "closed" for cell in table[day].values())
        ],
        share="" if share is None else words.percent(share),
        assumed=not hours.hours,
        silences=_longest(quiet, spans, row.unit.timezone),
    )


def _quiet(row: Row, since_ms: int, now_ms: int, down: list[Span]) -> tuple[list[Span], int]:
    """The kiosk's own silences since then, and when it was first enrolled."""
    journals = journals_of(row.id)
    if not journals:
        return [], now_ms
    after_ms = silent_after_ms(row.stand.kiosk.heartbeat_s)
    # Between two journals, and since the newest was last seen, nobody has ended the silence yet.
    ends = [*(journal.enrolled_ms for journal in journals[1:]), now_ms]
    open_ends = [(journal.seen_ms, end) for journal, end in zip(journals, ends, strict=True)]
    spans = silences_of(row.id, since_ms=since_ms)
    spans += [(start, end) for start, end in open_ends if end - start > after_ms]
    return blamed(spans, down, after_ms=after_ms), journals[0].enrolled_ms


def _longest(quiet: list[Span], spans: list[Span], zone: str) -> list[tuple[datetime, str]]:
    """The five silences that took most of the opening hours, newest first: since when, how long
    while it was open. That a kiosk is switched off at night is nobody's worry."""
    found = [(within_ms(spans, *span), span[0]) for span in quiet]
    longest = sorted((one for one in found if one[0] >= 60_000), reverse=True)[:5]
    return [
        (months.local_time(start, zone), kiosk_words.span_words(open_ms // 1000))
        for open_ms, start in sorted(longest, key=lambda one: one[1], reverse=True)
    ]


def _shade(cell: Any) -> Shade:
    if cell.share is None:
        said = {
            "closed": gettext("đóng cửa"),
            "before": gettext("chưa đăng ký"),
            "future": gettext("chưa đến"),
            "outage": gettext("máy chủ dừng"),
        }
        return Shade(cell.kind, "", said[cell.kind])
    # Rounded down: an hour with a silence in it is never shown as whole.
    share = int(cell.share * 100)
    kind = "u4" if share == 100 else "u3" if share >= 90 else "u2" if share >= 50 else "u1"
    return Shade(kind if share else "u0", "" if share == 100 else str(share), f"{share} %")


def _lines(row: Row, now_ms: int) -> dict[str, Any]:
    """What a kiosk's lines tell of itself."""
    unit, zone = row.unit.code, ZoneInfo(row.unit.timezone)
    events = events_of(unit=unit, kiosk=row.id, since_ms=now_ms - EVENTS_DAYS * DAY_MS)
    told = [(months.local_time(event.high_ms, row.unit.timezone), event) for event in events]
    today = months.local_time(now_ms, row.unit.timezone).date()
    since = today - timedelta(days=14)
    held = votes_by_day(unit=unit, kiosk=row.id, since=since, zone=zone)
    days = []
    for day in days_of(row.id, since=since, until=today):
        counts = (day.n1, day.n2, day.n3, day.n4, day.n5)
        here = tuple(held[Cast(day.date, rating)] for rating in range(1, 6))
        days.append((day, sum(counts), sum(here), counts == here))
    return {
        "faults": _faults(told),
        "boots": [(at, e) for at, e in told if e.type == "boot"][:10],
        "tests": [(at, e) for at, e in told if e.type == "test"][:10],
        "suppressed": [(at, e) for at, e in told if e.type == "suppressed"][:10],
        "days": days,
    }


@dataclass
class Fault:
    """A part that was reported broken: how often in these days, when last, when well again."""

    words: str
    n: int
    last: datetime | None
    cleared: datetime | None


def _faults(told: list[tuple[datetime, Any]]) -> list[Fault]:
    """By part and kind, the newest first; a kiosk reports what is still broken at every start."""
    found: dict[tuple[str, str], Fault] = {}
    for at, event in told:  # newest first
        if event.type not in ("fault", "fault.cleared"):
            continue
        part, kind = event.data["part"], event.data["kind"]
        words = kiosk_words.fault_words(part, kind)
        fault = found.setdefault((part, kind), Fault(words, 0, None, None))
        if event.type == "fault":
            fault.n += 1
            fault.last = fault.last or at
        elif fault.last is None:
            fault.cleared = fault.cleared or at
    return list(found.values())


def _orders(row: Row) -> dict[str, Any]:
    zone = row.unit.timezone
    return {
        "orders": [
            (
                order,
                months.local_time(order.at_ms, zone),
                months.local_time(order.answered_ms, zone) if order.answered_ms else None,
            )
            for order in orders_of(row.id, most=10)
        ],
        "diagnostics": [
            (report, months.local_time(report.received_ms, zone))
            for report in diagnostics_of(row.id)
        ],
    }
