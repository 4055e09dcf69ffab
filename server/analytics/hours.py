"""Local hours: between which instants local time is how far ahead of UTC. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from server.clock import FOREVER_MS

DAY_S, HOUR_MS, DAY_MS = 86_400, 3_600_000, 86_400_000


@lru_cache(maxsize=10_000)
def stretches_of(day: date, zone: ZoneInfo) -> tuple[tuple[int, int, int], ...]:
    """(from_ms, to_ms, ahead_ms) of the instants that can belong to a local day.

    One row that holds them all; two on a day on which the clocks are set.
    """
    noon = int(datetime.combine(day, time(12), UTC).timestamp())
    first, last = noon - 2 * DAY_S, noon + 2 * DAY_S  # no zone is further away
    before, after = _ahead(first, zone), _ahead(last, zone)
    if before == after:
        return ((0, FOREVER_MS, before),)
    while last - first > 1:
        middle = (first + last) // 2
        first, last = (middle, last) if _ahead(middle, zone) == before else (first, middle)
    return ((0, last * 1000, before), (last * 1000, FOREVER_MS, after))


def hour_of(low_ms: int, high_ms: int, zone: ZoneInfo) -> int | None:
    """The local hour of an instant within [low_ms, high_ms]; None if it may be of several."""
    ahead = _ahead(low_ms // 1000, zone)
    if (low_ms + ahead) // HOUR_MS != (high_ms + ahead) // HOUR_MS:
        return None
    return (low_ms + ahead) % DAY_MS // HOUR_MS


def _ahead(at_s: int, zone: ZoneInfo) -> int:
    """How far local time is ahead of UTC, in ms."""
    offset = datetime.fromtimestamp(at_s, UTC).astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds()) * 1000
