"""Is what people did with signals what the log says of it?"""

from collections.abc import Iterator
from typing import Any

from protocol.server_record import BadServerRecord, read_server_record
from server.ledger.selectors import deeds_by_type
from server.signals.models import Signal

Told = tuple[str, str, str, str]  # state, who looked first, who closed last, outcome
NOBODY: Told = ("new", "", "", "")


def find_differences() -> list[str]:
    """One sentence for each signal that somebody looked into or closed otherwise than by a deed."""
    told = _told()
    rows = Signal.objects.values_list(
        "unit", "number", "state", "looked_by", "closed_by", "outcome"
    ).order_by("unit", "number")
    found = {(unit, number): tuple(rest) for unit, number, *rest in rows.iterator()}
    return [*_odd(found, told)]


def _odd(found: dict[tuple[str, int], tuple[Any, ...]], told: dict[Any, Told]) -> Iterator[str]:
    for key in sorted(found.keys() | told.keys()):
        name = f"Signal {key[1]} of unit {key[0]}"
        if key not in found:
            yield f"{name} is in the log, but not in its table."
        elif found[key] != told.get(key, NOBODY):
            state, looked, closed, _ = told.get(key, NOBODY)
            by = closed or looked
            says = f"{state} by {by}" if by else state
            yield f"{name} is {found[key][0]}, but not as the log says: {says}."


def _told() -> dict[tuple[str, int], Told]:
    found: dict[tuple[str, int], Told] = {}
    for unit, _, _, body in deeds_by_type("signal"):
        try:
            data = read_server_record(body).data
        except BadServerRecord:
            continue
        key = unit, int(data.get("number", 0))
        state, looked, closed, outcome = found.get(key, NOBODY)
        by = str(data.get("by", ""))
        if data.get("what") == "closed":
            found[key] = "closed", looked, by, str(data.get("outcome") or "")
        else:
            found[key] = ("looked" if state == "new" else state), looked or by, closed, outcome
    return found
