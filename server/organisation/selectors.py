"""Reading the organisation: units, counters, officials."""

import re
from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from server.organisation.models import Counter, Official, Unit

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def is_code(text: str, *, most: int = 40) -> bool:
    """Whether `text` can be a code at all, of at most `most` characters.

    Ask before a query with a code that somebody typed: PostgreSQL refuses a text with U+0000.
    """
    return len(text) <= most and CODE.fullmatch(text) is not None


def units() -> list[Unit]:
    """Every unit, by code."""
    return list(Unit.objects.order_by("code"))


def unit(code: str) -> Unit | None:
    """The unit of this code, if there is one."""
    return Unit.objects.filter(code=code).first() if is_code(code) else None


def counters_of(unit: str) -> list[Counter]:
    """The unit's counters, by number."""
    return list(Counter.objects.filter(unit=unit).order_by("number", "code"))


def counters() -> list[Counter]:
    """Every counter, by unit and number."""
    return list(Counter.objects.order_by("unit", "number", "code"))


def counters_by_code(codes: Collection[str]) -> dict[str, Counter]:
    """Those of some counters that there are (a page of them), by code."""
    return Counter.objects.in_bulk(list(codes))


def official(code: str) -> Official | None:
    """The official of this code, if there is one."""
    return Official.objects.filter(code=code).first() if is_code(code) else None


def officials_of(unit: str) -> dict[str, str]:
    """Names of the unit's officials by code."""
    return dict(Official.objects.filter(unit=unit).order_by("code").values_list("code", "name"))


def names_of(officials: Sequence[str]) -> dict[str, str]:
    """Names by code, of whichever unit: an official may help out in another one."""
    return dict(Official.objects.filter(code__in=officials).values_list("code", "name"))


def known_officials(codes: Sequence[str]) -> set[str]:
    """Those of `codes` that are officials."""
    return set(Official.objects.filter(code__in=codes).values_list("code", flat=True))


def timezone_of(unit: str) -> ZoneInfo:
    """The time zone in which the unit's days begin."""
    return timezones_of([unit])[unit]


def timezones_of(units: Sequence[str]) -> dict[str, ZoneInfo]:
    """The time zone in which each unit's days begin."""
    rows = Unit.objects.filter(code__in=units).values_list("code", "timezone")
    return {code: ZoneInfo(timezone) for code, timezone in rows}


def counter_codes_of(units: Sequence[str]) -> dict[str, set[str]]:
    """The codes of each unit's counters."""
    found: dict[str, set[str]] = {unit: set() for unit in units}
    for unit, code in Counter.objects.filter(unit__in=units).values_list("unit", "code"):
        found[unit].add(code)
    return found


def pins_due(unit: str) -> list[Official]:
    """The unit's officials whose PIN has to be changed."""
    return list(Official.objects.filter(unit=unit, pin_due=True).order_by("code"))
