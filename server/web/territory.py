"""What the pages of inspectors' work share: their units, and where a list of units stands."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict

from server.organisation.access import inspected_units, may_open_desk
from server.web import months


def territory(request: HttpRequest) -> dict[str, Any]:
    """The inspector's units by code; PermissionDenied for anybody else."""
    if not may_open_desk(request.user):
        raise PermissionDenied
    return {unit.code: unit for unit in inspected_units(request.user)}


def unit_asked(request: HttpRequest, units: dict[str, Any]) -> Any | None:
    """The unit of ?unit=, if any; one that is foreign and one that is not there answer alike."""
    code = request.GET.get("unit", "")
    if code and code not in units:
        raise PermissionDenied
    return units.get(code)


def page_asked(query: QueryDict) -> int:
    """?page=, from 1."""
    text = query.get("page", "")
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 7 else 1


def with_query(query: QueryDict, **changed: str | int | None) -> str:
    """The query with some of it changed; None takes one away."""
    found = query.copy()
    for name, value in changed.items():
        found.pop(name, None)
        if value is not None:
            found[name] = str(value)
    return found.urlencode()


def today_of(timezone: str) -> Any:
    """The local date of now."""
    return months.local_time(months.utc_ms(), timezone).date()
