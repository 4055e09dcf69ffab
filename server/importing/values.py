"""What a clean cell means: codes, texts, days, instants, counts, choices. BadCell says why not."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from server.importing.errors import BadCell
from server.importing.headings import bare
from server.importing.reading import Value
from server.organisation.selectors import is_code

YEARS = range(1945, 2200)  # a year out of it is a slip
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:hg](\d{2})(?::(\d{2})(?:\.\d+)?)?")
_YES = {"x", "1", "co", "yes", "true", "dung"}
_NO = {"", "0", "khong", "no", "false", "sai"}


class When(NamedTuple):
    """A day, and the time on it if one was told (local)."""

    day: date
    clock: time | None


Read = Callable[[Value], str]


def code(most: int) -> Read:
    """A code of ours; "" stays "". Excel's whole numbers are taken as their digits."""

    def read(value: Value) -> str:
        text = _text(value)
        if text and not is_code(text, most=most):
            raise BadCell(
                gettext("“%(text)s” không phải mã: chỉ chữ không dấu, số, . - _, tối đa %(most)s.")
                % {"text": text[:40], "most": most}
            )
        return text

    return read


def number_of(most: int) -> Read:
    """A number that others give (of a dossier, of a register): any signs, without spaces."""

    def read(value: Value) -> str:
        text = _text(value)
        if len(text) > most or " " in text:
            raise BadCell(
                gettext("số hiệu không có dấu cách và dài nhất %(most)s ký tự.") % {"most": most}
            )
        return text

    return read


def text(most: int) -> Read:
    """A text on one line."""

    def read(value: Value) -> str:
        told = _text(value)
        if len(told) > most:
            raise BadCell(gettext("dài quá %(most)s ký tự.") % {"most": most})
        return told

    return read


def choice(words: Mapping[str, tuple[str, ...]], default: str) -> Read:
    """One of our words, or of those that people write for it; empty: `default`."""
    known = {bare(name): word for word, names in words.items() for name in (word, *names)}

    def read(value: Value) -> str:
        told = _text(value)
        if not told:
            return default
        found = known.get(bare(told))
        if found is None:
            raise BadCell(
                gettext("“%(text)s” không thuộc: %(all)s.")
                % {"text": told[:40], "all": ", ".join(names[0] for names in words.values())}
            )
        return found

    return read


def yes_no(value: Value) -> bool:
    """x, có, yes, 1 or nothing, không, no, 0."""
    told = bare(_text(value)) if not isinstance(value, bool) else str(int(value))
    if told in _YES or told in _NO:
        return told in _YES
    raise BadCell(gettext("hãy ghi x (có) hoặc để trống."))


def count(value: Value) -> int:
    """A whole number from 0."""
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        number = int(value)
    else:
        raise BadCell(gettext("hãy ghi một số nguyên từ 0, chỉ gồm chữ số."))
    if not 0 <= number < 10**9:
        raise BadCell(gettext("hãy ghi một số nguyên từ 0, chỉ gồm chữ số."))
    return number


def day(value: Value) -> date | None:
    """dd/mm/yyyy, yyyy-mm-dd or Excel's own date; "" is None."""
    found = when(value)
    return None if found is None else found.day


def when(value: Value) -> When | None:
    """A day, with a time after it or none; "" is None."""
    if isinstance(value, datetime):
        return _checked(When(value.date(), None if value.time() == time() else value.time()))
    if isinstance(value, date):
        return _checked(When(value, None))
    if value == "":
        return None
    if not isinstance(value, str):
        raise _no_day(value)
    return _when(value)


@lru_cache(maxsize=10_000)
def _when(told: str) -> When:
    match = _DAY_FIRST.match(told)
    parts = (match[3], match[2], match[1]) if match else ()
    if match is None and (match := _YEAR_FIRST.match(told)):
        parts = (match[1], match[2], match[3])
    if match is None:
        raise _no_day(told)
    try:
        found = date(*(int(part) for part in parts))
    except ValueError:
        raise _no_day(told) from None
    rest = told[match.end() :].removeprefix("T").strip()
    return _checked(When(found, _clock(rest) if rest else None))


def clock(value: Value) -> time | None:
    """hh:mm, 7h30 or Excel's own time; "" is None."""
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, time):
        return value
    if isinstance(value, timedelta) and timedelta(0) <= value < timedelta(days=1):
        return (datetime(2000, 1, 1) + value).time()  # noqa: DTZ001 - any day
    if value == "":
        return None
    if not isinstance(value, str):
        raise BadCell(gettext("hãy ghi giờ dạng 07:30."))
    return _clock(value)


def _clock(told: str) -> time:
    match = _CLOCK.fullmatch(told)
    if match is None or int(match[2]) > 59 or int(match[3] or 0) > 59:
        raise BadCell(gettext("hãy ghi giờ dạng 07:30."))
    return time(int(match[1]), int(match[2]), int(match[3] or 0))


def _checked(found: When) -> When:
    if found.day.year not in YEARS:
        raise _no_day(f"{found.day:%d/%m/%Y}")
    return found


def _no_day(value: object) -> BadCell:
    return BadCell(
        gettext("“%(text)s” không phải ngày; hãy ghi dạng 31/12/2025.") % {"text": str(value)[:40]}
    )


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadCell(gettext("ô phải là chữ, không phải số lẻ hay ngày tháng."))


@lru_cache(maxsize=10_000)
def start_ms(found: When, zone: ZoneInfo) -> int:
    """The instant; of a day without a time its first."""
    at = datetime.combine(found.day, found.clock or time(), tzinfo=zone)
    return int(at.timestamp()) * 1000


@lru_cache(maxsize=10_000)
def end_ms(found: When, zone: ZoneInfo) -> int:
    """The instant; of a day without a time its last millisecond."""
    if found.clock is not None:
        return start_ms(found, zone)
    return start_ms(When(found.day + timedelta(days=1), None), zone) - 1
