"""Periods of whole months: read from a query, offered as choices, said in words."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from server import clock
from server.analytics.selectors import Period

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
OFFERED_MONTHS = 24  # how far back the two lists of months reach


@dataclass(frozen=True)
class Choice:
    """A period that one click opens; query is empty for this month."""

    words: str
    query: str
    chosen: bool


@dataclass(frozen=True)
class Month:
    """A month in the lists `from` and `to`."""

    value: str
    words: str


def local_time(ms: int, timezone: str) -> datetime:
    """An instant (unix ms) on the clock of a unit."""
    return datetime.fromtimestamp(ms / 1000, tz=ZoneInfo(timezone))


def read_period(query: QueryDict, today: date) -> Period:
    """The period that ?from=YYYY-MM&to=YYYY-MM asks for.

    Anything unreadable, or wholly in the future, is this month; a reversed pair is turned round;
    an end in the future is this month; one end alone is that month alone.
    """
    this = today.replace(day=1)
    asked = [_month(text) for text in (query.get("from"), query.get("to")) if text]
    months = [month for month in asked if month is not None]
    if not months or len(months) < len(asked) or min(months) > this:
        return _period(this, this)
    return _period(min(months), min(max(months), this))


def choices(period: Period, today: date) -> list[Choice]:
    """This month, the month before, and the last three and twelve months (this one included)."""
    this = today.replace(day=1)
    offered = [
        (gettext("Tháng này"), this, this),
        (gettext("Tháng trước"), back(this, 1), back(this, 1)),
        (gettext("3 tháng"), back(this, 2), this),
        (gettext("12 tháng"), back(this, 11), this),
    ]
    return [
        Choice(
            words=words,
            query="" if first == last == this else query_of(_period(first, last)),
            chosen=_period(first, last) == period,
        )
        for words, first, last in offered
    ]


def months(period: Period, today: date) -> list[Month]:
    """The months that the two lists offer, newest first; the chosen ones are always among them."""
    this = today.replace(day=1)
    offered = {back(this, steps) for steps in range(OFFERED_MONTHS)}
    offered |= {period.first, period.last.replace(day=1)}
    return [Month(month_value(day), month_words(day)) for day in sorted(offered, reverse=True)]


def query_of(period: Period) -> str:
    """The query string that asks for this period."""
    return f"from={month_value(period.first)}&to={month_value(period.last)}"


def month_value(day: date) -> str:
    """2026-11"""
    return f"{day:%Y-%m}"


def month_words(day: date) -> str:
    """Tháng 11/2026, or November 2026"""
    return date_format(day, "F Y") if get_language() == "en" else f"Tháng {day.month}/{day.year}"


def period_words(period: Period) -> str:
    """One month in words, or the first and the last."""
    first, last = month_words(period.first), month_words(period.last)
    if first == last:
        return first
    return f"{first} – {last[0].lower() + last[1:] if get_language() != 'en' else last}"


def back(month: date, steps: int) -> date:
    """The first day of the month `steps` months before."""
    index = month.year * 12 + month.month - 1 - steps
    return date(index // 12, index % 12 + 1, 1)


def _period(first: date, last: date) -> Period:
    return Period(first=first, last=back(last, -1) - timedelta(days=1))


def _month(text: str | None) -> date | None:
    match = _MONTH.fullmatch(text or "")
    return date(int(match[1]), int(match[2]), 1) if match else None


def utc_ms() -> int:
    """Now, in unix ms."""
    return clock.now_ms()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a local day begins."""
    return datetime.combine(day, time(), zone)
