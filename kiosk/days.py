"""Day records: what the kiosk itself counted on each local day. Pure; time is handed in.

A line's day is that of the time that the kiosk knows for it, by the server's rule (protocol.md 8,
steps 1 and 2): the newest `clock` of its boot before it, else the first after it, else a wall clock
that was vouched for. A line without such a time belongs to no day: none is invented for it.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kiosk.hours import end_of_day
from kiosk.pruning import KEPT_DAYS
from kiosk.runs import Ran
from protocol.cast_time import MAX_RTT_MS
from protocol.configuration import ConfigHours
from protocol.journal import Envelope
from protocol.records import Clock, Day, NotUnderstood, Record, Suppressed, Vote, VoteRevised
from protocol.records import understand as read_record

REVISED_WITHIN_MS = 60_000  # protocol.md 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where days begin and close, and what the time is."""

    zone: ZoneInfo
    hours: Sequence[ConfigHours]
    enrolled_ms: int
    now_ms: int

    def local(self, ms: int) -> datetime:
        """Unix ms as local time."""
        return datetime.fromtimestamp(ms / 1000, self.zone)

    def is_over(self, day: date, seen_ms: int) -> bool:
        """Whether this day can be closed: it has passed, or its last stretch has ended since
        `seen_ms`, when the kiosk ran first on it. One that was started after closing time has
        its day to midnight."""
        now = self.local(self.now_ms)
        end = end_of_day(self.hours, now)
        return day < now.date() or (day == now.date() and self.local(seen_ms) < end <= now)


class Times:
    """From lines to unix ms."""

    def __init__(self, clocks: Iterable[Envelope], calendar: Calendar) -> None:
        self._calendar = calendar
        self._offsets: dict[str, list[tuple[int, int]]] = {}
        for line in clocks:
            record = understood(line)
            if isinstance(record, Clock) and 0 <= record.rtt_ms <= MAX_RTT_MS:
                offset = record.server_ms - record.rtt_ms // 2 - record.mono_ms
                self._offsets.setdefault(line.boot, []).append((line.seq, offset))

    def of(self, line: Envelope) -> int | None:
        """When the line was made; None if nobody knows."""
        known = self._offsets.get(line.boot)
        if known:
            before = bisect_left(known, (line.seq, 0)) - 1
            return self._possible(known[max(0, before)][1] + line.mono_ms)
        return self._possible(line.wall_ms) if line.sync else None

    def newest_offset(self, boot: str) -> int | None:
        """Of that boot's clocks."""
        known = self._offsets.get(boot)
        return known[-1][1] if known else None

    def _possible(self, ms: int) -> int | None:
        return ms if self._calendar.enrolled_ms <= ms <= self._calendar.now_ms else None


@dataclass(slots=True)
class Count:
    """One day so far; `seen_ms`: when the kiosk ran first on it, unix ms."""

    seen_ms: int
    ratings: Counter[int] = field(default_factory=Counter)
    suppressed: int = 0
    uptime_ms: int = 0


class Days:
    """Counts by day. A revision counts where its vote does."""

    def __init__(self) -> None:
        self.by_date: dict[date, Count] = {}
        self._votes: dict[int, tuple[Count, int, Envelope]] = {}

    def on(self, day: date, at_ms: int) -> Count:
        """That day's count; the kiosk ran at `at_ms` of it."""
        count = self.by_date.setdefault(day, Count(at_ms))
        count.seen_ms = min(count.seen_ms, at_ms)
        return count

    def take(self, line: Envelope, count: Count) -> None:
        """One line, of that day."""
        if line.type not in ("vote", "vote.revised", "suppressed"):
            return
        match understood(line):
            case Vote(rating=rating):
                count.ratings[rating] += 1
                self._votes[line.seq] = (count, rating, line)
            case VoteRevised(vote=seq, rating=rating) if seq in self._votes:
                counted, before, vote = self._votes[seq]
                apart_ms = line.mono_ms - vote.mono_ms
                if vote.boot == line.boot and 0 <= apart_ms <= REVISED_WITHIN_MS:
                    counted.ratings[before] -= 1
                    counted.ratings[rating] += 1
                    self._votes[seq] = (counted, rating, vote)
            case Suppressed(count=more):
                count.suppressed += more

    def add_run(self, run: Ran, clock_offset_ms: int | None, calendar: Calendar) -> None:
        """Splits a stretch of running at local midnights."""
        offset_ms = run.offset_ms if clock_offset_ms is None else clock_offset_ms
        if offset_ms is None:
            return
        from_ms = max(run.from_ms + offset_ms, calendar.enrolled_ms)
        end_ms = min(run.to_ms + offset_ms, calendar.now_ms)
        while from_ms <= end_ms:
            day = calendar.local(from_ms).date()
            next_day = datetime.combine(day + timedelta(days=1), time(0), calendar.zone)
            to_ms = min(end_ms, round(next_day.timestamp() * 1000))
            self.on(day, from_ms).uptime_ms += to_ms - from_ms
            if to_ms == end_ms:
                return
            from_ms = to_ms


def close_days(
    lines: Iterable[Envelope],
    clocks: Iterable[Envelope],
    runs: Iterable[Ran],
    closed: set[date],
    calendar: Calendar,
    *,
    boot: str,
) -> tuple[list[Day], int]:
    """The records that are due, oldest first, and up to which seq no line will be needed again.
    `lines` are those that may belong to an open day, `boot` is the one that is running."""
    times = Times(clocks, calendar)
    days = Days()
    dated: list[tuple[int, str, date | None]] = []
    for line in lines:
        at_ms = times.of(line)
        day = None if at_ms is None else calendar.local(at_ms).date()
        dated.append((line.seq, line.boot, day))
        if at_ms is not None and day is not None:
            days.take(line, days.on(day, at_ms))
    for run in runs:
        days.add_run(run, times.newest_offset(run.boot), calendar)
    # Of older days the records may have been pruned already.
    oldest = calendar.local(calendar.now_ms).date() - timedelta(days=KEPT_DAYS - 1)
    due = sorted(
        day for day, count in days.by_date.items()
        if day not in closed and day >= oldest and calendar.is_over(day, count.seen_ms)
    )  # fmt: skip
    done = closed.union(due)
    settled = 0
    for seq, of_boot, day in dated:
        if day not in done if day is not None else of_boot == boot:
            break
        settled = seq
    return [to_record(day, days.by_date[day]) for day in due], settled


def to_record(day: date, count: Count) -> Day:
    """As it stands in the journal."""
    ratings = count.ratings
    return Day(
        date=day,
        counts={str(rating): ratings[rating] for rating in range(1, 6)},  # type: ignore[misc]
        uptime_s=count.uptime_ms // 1000, suppressed=count.suppressed,
    )  # fmt: skip


def understood(line: Envelope) -> Record | None:
    """The line's record; None for one of a later version."""
    try:
        return read_record(line.type, line.data)
    except NotUnderstood:
        return None
