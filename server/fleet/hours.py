"""The opening hours of kiosks, as the newest configuration of each says them."""

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from protocol.configuration import ConfigHours
from server.database import as_rows
from server.fleet.models import Configuration
from server.stages import in_groups

AT_ONCE = 500
_NEWEST = """
SELECT c.kiosk_id, c.body FROM fleet_configuration c
WHERE c.kiosk_id IN ({marks}) AND c.version = (
    SELECT max(newer.version) FROM fleet_configuration newer WHERE newer.kiosk_id = c.kiosk_id)
"""


class Hours(NamedTuple):
    """Opening stretches, none if nobody chose any, and the zone that they are meant in."""

    hours: tuple[ConfigHours, ...]
    zone: ZoneInfo


class _Body(msgspec.Struct):
    timezone: str
    hours: tuple[ConfigHours, ...] = ()


_decoder = msgspec.json.Decoder(_Body)


def hours_of(kiosks: Collection[str]) -> dict[str, Hours]:
    """The hours of each kiosk that has a configuration; a query for every AT_ONCE kiosks."""
    found: dict[str, Hours] = {}
    wanted = list(kiosks)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        with connection.cursor() as cursor:
            cursor.execute(_NEWEST.format(marks=", ".join(["%s"] * len(some))), some)
            for kiosk, body in cursor.fetchall():
                read = _decoder.decode(bytes(body))
                found[kiosk] = Hours(read.hours, ZoneInfo(read.timezone))
    return found


_IN_FORCE = (
    "SELECT w.column1, w.column2, max(c.version) FROM (VALUES {rows}) AS w "
    "JOIN fleet_configuration c ON c.kiosk_id = w.column1 AND c.made_ms <= w.column2 "
    "GROUP BY w.column1, w.column2"
)


def hours_on(wanted: Collection[tuple[str, int]]) -> dict[tuple[str, int], Hours]:
    """The hours of a kiosk at an instant (unix ms), by the configuration that was made last before
    it: what is chosen today says nothing of the past. Those that had none then are left out."""
    found: dict[tuple[str, int], Hours] = {}
    for some in in_groups(sorted(wanted), AT_ONCE):
        with connection.cursor() as cursor:
            cursor.execute(
                _IN_FORCE.format(rows=as_rows(some)), [value for row in some for value in row]
            )
            for kiosk, ms, version in cursor.fetchall():
                found[kiosk, ms] = _said(kiosk, version)
    return found


@lru_cache(maxsize=10_000)
def _said(kiosk: str, version: int) -> Hours:
    """What a configuration says, which never changes."""
    body = Configuration.objects.values_list("body", flat=True).get(kiosk=kiosk, version=version)
    read = _decoder.decode(bytes(body))
    return Hours(read.hours, ZoneInfo(read.timezone))
