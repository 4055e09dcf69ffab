"""A unit's roster of a week: who is planned at which counter; shifts added and taken back."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from server.clock import midnight_ms
from server.organisation.access import may_import, may_plan_anybody, may_plan_the_past
from server.organisation.selectors import (
    counters_of,
    holidays_of,
    names_of,
    official,
    officials_of,
    rules_of,
    seats_on,
    shifts_of,
)
from server.organisation.selectors import unit as find_unit
from server.organisation.services import add_shifts, take_shift_back
from server.web import attribution_words, months
from server.web.asked import Given, Unreadable, carry_out, read_day
from server.web.figures import name_order

WEEK = range(7)
WORKING = 5  # days of a week that the form ticks by itself


class Planned(NamedTuple):
    """A shift, in words. free: it may be taken back."""

    shift: Any
    span: str
    counter: str
    free: bool


class Cell(NamedTuple):
    """An official's day. free: something of it can still be planned."""

    day: date
    shifts: list[Planned]
    free: bool


class Row(NamedTuple):
    """An official's week. seat: the number of the counter where they usually sit, or empty."""

    code: str
    name: str
    seat: str
    cells: list[Cell]


class Head(NamedTuple):
    """A day of the week; holiday: why it is closed, or empty."""

    day: date
    today: bool
    holiday: str


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roster(request: HttpRequest, code: str) -> HttpResponse:
    """The week of ?week=, a day of it; a form to plan shifts on some of its days."""
    if not may_import(request.user, "shifts", code):
        raise PermissionDenied
    unit = find_unit(code)
    if unit is None:
        raise Http404
    refused = None
    week = _Week(request, unit)
    if request.method == "POST":
        refused = carry_out(request, {"add": week.add, "remove": week.remove})
        if refused is None:
            return redirect(f"{reverse('roster', args=[code])}?week={week.monday}")
    context = {"unit": unit, "refused": refused, **week.shown()}
    return render(request, "web/roster.html", context, status=422 if refused else 200)


class _Week:
    """What the page shows, and what its forms do."""

    def __init__(self, request: HttpRequest, unit: Any) -> None:
        self.query, self.posted, self.unit = request.GET, request.POST, unit
        self.zone = ZoneInfo(unit.timezone)
        self.by, self.now_ms = request.user.get_username(), months.utc_ms()
        now_ms = self.now_ms
        self.today = attribution_words.local(now_ms, self.zone).date()
        asked = read_day(request.GET.get("week", "")) or self.today
        self.monday = asked - timedelta(days=asked.weekday())
        self.days = [self.monday + timedelta(days=n) for n in WEEK]
        self.rules = rules_of(unit.code)
        self.anybody = may_plan_anybody(request.user)
        self.since_ms = 0 if may_plan_the_past(request.user) else now_ms
        self.counters = {c.code: f"{c.number} · {c.name}" for c in counters_of(unit.code)}
        begin, end = self._midnight(self.days[0]), self._midnight(self.days[-1] + timedelta(1))
        self.shifts = [
            shift
            for shift in shifts_of(unit.code, None, begin, end)
            if begin <= shift.started_ms < end
        ]

    def add(self, given: Given) -> str:
        """Plan an official at a counter at the same times of each day that is ticked, or of none.
        An end that is not after the start is on the next day."""
        named = {day.isoformat(): day for day in self.days}
        days = [named[text] for text in given.post.getlist("day") if text in named]
        if not days:
            raise Unreadable("day", gettext("Hãy chọn ít nhất một ngày."))
        spans = [self._span(given, day) for day in days]
        if any(self._is_fixed(started_ms) for started_ms, _ in spans):
            raise Unreadable("day", _begun())
        counter = given.choice("counter", self.counters)
        add_shifts(
            unit=self.unit, counter=counter, official=self._official(given), spans=spans,
            by=self.by, now_ms=self.now_ms, anybody=self.anybody,
        )  # fmt: skip
        return gettext("Đã xếp {0} ca.").format(len(spans))

    def remove(self, given: Given) -> str:
        """Take a shift back; nothing if somebody did already."""
        for shift in self.shifts:
            if str(shift.pk) == given.text("shift"):
                if self._is_fixed(shift.started_ms):
                    raise Unreadable("", _begun())
                take_shift_back(shift=shift, by=self.by, now_ms=self.now_ms)
        return gettext("Đã bỏ ca.")

    def shown(self) -> dict[str, Any]:
        listed = officials_of(self.unit.code)
        chosen = self.query.get("official", "")
        ticked = self.query.get("day", "")
        seats = self._seats()
        others = sorted({shift.official for shift in self.shifts} - listed.keys())
        names = {**listed, **names_of(others)}
        return {
            "monday": self.monday,
            "sunday": self.days[-1],
            "previous": self.monday - timedelta(days=7),
            "next": self.monday + timedelta(days=7),
            "this_week": self.monday <= self.today <= self.days[-1],
            "heads": self._heads(),
            "rows": [self._row(code, names, seats) for code in _by_name(names)],
            "counts": self.rules.shifts_count,
            "officials": [(code, f"{listed[code]} · {code}") for code in _by_name(listed)],
            "counters": list(self.counters.items()),
            "official": chosen,
            "counter": seats.get(chosen, ""),
            "ticked": self._ticked(ticked),
            "free": any(self._is_free(day) for day in self.days),
        }

    def _ticked(self, asked: str) -> list[str]:
        """The days that the form begins with: as sent, as asked for, or those one works."""
        if self.posted:
            return self.posted.getlist("day")
        free = [day for day in self.days if self._is_free(day)]
        closed = {head.day for head in self._heads() if head.holiday}
        working = [day for day in free if day.weekday() < WORKING and day not in closed]
        return [asked] if asked else [day.isoformat() for day in working]

    def _heads(self) -> list[Head]:
        closed = holidays_of(self.unit.code, self.days[0], self.days[-1])
        return [Head(day, day == self.today, closed.get(day, "")) for day in self.days]

    def _row(self, code: str, names: dict[str, str], seats: dict[str, str]) -> Row:
        mine = [shift for shift in self.shifts if shift.official == code]
        mine.sort(key=lambda shift: shift.started_ms)
        cells = [
            Cell(
                day,
                [self._planned(shift) for shift in mine if self._day(shift) == day],
                self._is_free(day),
            )
            for day in self.days
        ]
        return Row(
            code,
            names.get(code, code),
            self.counters.get(seats.get(code, ""), "").split(" ")[0],
            cells,
        )

    def _planned(self, shift: Any) -> Planned:
        span = attribution_words.span(shift.started_ms, shift.ended_ms, self.zone)
        counter = self.counters.get(shift.counter, shift.counter)
        return Planned(shift, span, counter, not self._is_fixed(shift.started_ms))

    def _seats(self) -> dict[str, str]:
        """Where each official usually sits in this week."""
        return {
            who: counter
            for counter, each in seats_on(self.unit.code, self.monday).items()
            for who in each
        }

    def _span(self, given: Given, day: date) -> tuple[int, int]:
        start, end = given.clock("from"), given.clock("to")
        last = day + timedelta(days=1) if end <= start else day
        return self._at(day, start), self._at(last, end)

    def _at(self, day: date, clock: time) -> int:
        return int(datetime.combine(day, clock, self.zone).timestamp()) * 1000

    def _official(self, given: Given) -> str:
        other = given.text("other")
        if other and official(other) is None:
            raise Unreadable("other", gettext("Không có cán bộ nào mang mã này."))
        return other or given.choice("official", officials_of(self.unit.code))

    def _day(self, shift: Any) -> date:
        return attribution_words.local(shift.started_ms, self.zone).date()

    def _is_free(self, day: date) -> bool:
        return not self._is_fixed(self._midnight(day + timedelta(days=1)) - 1)

    def _is_fixed(self, started_ms: int) -> bool:
        return self.rules.is_fixed(started_ms, self.since_ms)

    def _midnight(self, day: date) -> int:
        return midnight_ms(day, self.zone)


def _begun() -> str:
    return gettext("Ca đã bắt đầu; thời gian đã qua cần một quyết định.")


def _by_name(names: dict[str, str]) -> Sequence[str]:
    return sorted(names, key=lambda code: (name_order(names[code]), code))
