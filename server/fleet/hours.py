"""The opening hours of kiosks, as the newest configuration of each says them."""

from collections.abc import Collection
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from protocol.configuration import ConfigHours

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
