"""Stretches of local days, half-open; None: as far back as anybody knows, or until told otherwise.
Pure."""

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.organisation.errors import OrganisationError


class Days(NamedTuple):
    """[started_date, ended_date)."""

    started_date: date | None = None
    ended_date: date | None = None

    def holds(self, day: date) -> bool:
        return self.low <= day < self.high

    def overlaps(self, other: "Days") -> bool:
        return self.low < other.high and other.low < self.high

    def within(self, other: "Days") -> "Days | None":
        """What of it lies within another; None if nothing does."""
        if not self.overlaps(other):
            return None
        started = self.started_date if self.low >= other.low else other.started_date
        ended = self.ended_date if self.high <= other.high else other.ended_date
        return Days(started, ended)

    @property
    def low(self) -> date:
        return self.started_date or date.min

    @property
    def high(self) -> date:
        """An open end lies after every day but the calendar's last, which nobody reaches."""
        return self.ended_date or date.max


def checked(started_date: date | None, ended_date: date | None) -> Days:
    """The stretch; OrganisationError unless it holds a day."""
    if started_date is not None and ended_date is not None and ended_date <= started_date:
        raise OrganisationError("bad-days", started=started_date, ended=ended_date)
    return Days(started_date, ended_date)


def joined(stretches: list[Days]) -> list[Days]:
    """The same days as stretches in order that neither touch nor overlap."""
    found: list[Days] = []
    for stretch in sorted(stretches, key=lambda each: each.low):
        if found and stretch.low <= found[-1].high:
            last = found[-1]
            ended = last.ended_date if last.high >= stretch.high else stretch.ended_date
            found[-1] = Days(last.started_date, ended)
        else:
            found.append(stretch)
    return found


def day_of(at_ms: int, zone: str) -> date:
    """The local day of an instant."""
    return local(at_ms, zone).date()


def local(at_ms: int, zone: str) -> datetime:
    """An instant by the clock of a place."""
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone))
