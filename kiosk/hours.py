"""Opening hours: whether the counter is open, and when a duty that began then has to end."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from protocol.configuration import ConfigHours, ConfigVolume

MIDNIGHT = time(0)


def is_open(hours: Sequence[ConfigHours], local: datetime) -> bool:
    """Whether `local` lies in one of the stretches, [start, end); True where none are known."""
    text = local.strftime("%H:%M")
    today = local.isoweekday()
    return not hours or any(today in h.days and h.start <= text < h.end for h in hours)


def closing_after(hours: Sequence[ConfigHours], local: datetime) -> datetime | None:
    """The first end of opening hours after `local` on the same day, lunch included; midnight if
    there is none any more, so that nobody stays on duty overnight. None where no hours are known:
    then only people end a duty."""
    if not hours:
        return None
    ends = [_at(local, h.end) for h in hours if local.isoweekday() in h.days]
    return min((end for end in ends if end > local), default=_at(local, "24:00"))


def end_of_day(hours: Sequence[ConfigHours], local: datetime) -> datetime:
    """When the day of `local` is closed: at the end of its last stretch, or at midnight where there
    is none."""
    ends = [_at(local, h.end) for h in hours if local.isoweekday() in h.days]
    return max(ends, default=_at(local, "24:00"))


def volume_at(volumes: Sequence[ConfigVolume], percent: int, local: datetime) -> int:
    """How loud, in percent: `percent` unless a stretch holds; of several the last one counts."""
    text = local.strftime("%H:%M")
    held = [v.percent for v in volumes if v.start <= text < v.end]
    return held[-1] if held else percent


def _at(day: datetime, text: str) -> datetime:
    hour, minute = (int(part) for part in text.split(":"))
    start = datetime.combine(day.date(), MIDNIGHT, day.tzinfo)
    return start + timedelta(hours=hour, minutes=minute)
