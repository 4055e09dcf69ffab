"""How many citizens were served at a counter on a day, as far as anybody counted."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from server.clock import midnight_ms
from server.database import as_day, as_rows
from server.dossiers.models import ServedChange
from server.stages import in_groups

AT_ONCE = 1_000
QUARTER_MS = 900_000  # every zone's days begin at a quarter of an hour
Spot = tuple[str, str, date]  # unit, counter, local day
SELECT_COUNTED = (
    "SELECT t.unit, t.counter, t.date, t.n FROM (VALUES {rows}) AS w "
    "JOIN dossiers_transactions t ON t.unit = w.column1 AND t.counter = w.column2 "
    "AND t.date = w.column3"
)
SELECT_DOSSIERS = (
    "SELECT counter, {at} / 900000, count(*) FROM dossiers_dossier WHERE unit = %s "
    "AND {at} >= %s AND {at} < %s AND counter <> '' GROUP BY 1, 2"
)


def served_on(spots: Sequence[Spot], zones: dict[str, ZoneInfo]) -> dict[Spot, int]:
    """How many were served there on each of these days: the larger of what was counted by hand and
    of the dossiers that were received or resolved there. Days of which nobody said anything, or
    something below 0, are left out."""
    found: dict[Spot, int] = {}
    for some in in_groups(spots, AT_ONCE):
        for unit, counter, day, n in _rows(
            SELECT_COUNTED.format(rows=as_rows(some)), [value for row in some for value in row]
        ):
            if n >= 0:
                found[unit, counter, as_day(day)] = n
    wanted: dict[str, set[date]] = {}
    for unit, _, day in spots:
        wanted.setdefault(unit, set()).add(day)
    for unit, days in wanted.items():
        for spot, n in _dossiers(unit, days, zones[unit]).items():
            found[spot] = max(n, found.get(spot, 0))
    return found


def take_changes() -> list[tuple[str, str, date]]:
    """The counters' days of which it is new how many were served; whoever calls forgets them by
    `forget_changes` in the transaction that notes them."""
    rows = ServedChange.objects.order_by("unit", "counter", "date")
    return list(rows.values_list("unit", "counter", "date"))


def forget_changes(spots: Iterable[Spot]) -> None:
    """They are noted."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM dossiers_servedchange WHERE unit = %s AND counter = %s AND date = %s",
            [(unit, counter, str(day)) for unit, counter, day in spots],
        )


def _dossiers(unit: str, days: set[date], zone: ZoneInfo) -> dict[Spot, int]:
    start = midnight_ms(min(days), zone)
    end = midnight_ms(max(days) + timedelta(days=1), zone)
    found: dict[Spot, int] = {}
    for at in ("received_ms", "resolved_ms"):
        for counter, quarter, n in _rows(SELECT_DOSSIERS.format(at=at), [unit, start, end]):
            ms = quarter * QUARTER_MS
            day = datetime.fromtimestamp(ms // 1000, UTC).astimezone(zone).date()
            if day in days:
                found[unit, counter, day] = found.get((unit, counter, day), 0) + n
    return found


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
