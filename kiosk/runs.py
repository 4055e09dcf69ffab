"""When this program ran, kept over restarts and power cuts: what uptime is counted from."""

import logging
import sqlite3
from pathlib import Path
from typing import NamedTuple

from kiosk.clock import Clock
from kiosk.journal_file import FILE, connect

WRITE_EVERY_MS = 300_000  # so much of a run's end is lost by a power cut
ASLEEP_MS = 60_000  # without a look for so long: the machine slept, or the program was stopped
MOST_RUNS = 2000
_log = logging.getLogger(__name__)


class Ran(NamedTuple):
    """One stretch of running: milliseconds since that boot, and what makes them unix ms."""

    boot: str
    from_ms: int
    to_ms: int
    offset_ms: int | None  # None: that boot never knew the time


def offset_ms(clock: Clock) -> int | None:
    """UTC minus time since boot: by the server's time, else by a clock that the kernel vouches
    for, else unknown."""
    at = clock.read()
    if clock.offset_ms is not None:
        return clock.offset_ms
    return at.wall_ms - at.mono_ms if at.sync else None


class Runs:
    """This run's rows in the table `run`. For one thread at a time."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path, self._clock = folder / FILE, clock
        self._seen_ms: int | None = None
        self._written_ms = 0
        self._row: int | None = None

    def look(self, *, write: bool = False) -> None:
        """It runs now. Written every five minutes, and when asked to."""
        now = self._clock.mono_ms()
        if self._seen_ms is not None and now - self._seen_ms > ASLEEP_MS:
            self._write(self._seen_ms)
            self._row = None
        self._seen_ms = now
        if write or self._row is None or now - self._written_ms >= WRITE_EVERY_MS:
            self._write(now)

    def all(self) -> list[Ran]:
        """Every stretch that is remembered, this one up to now."""
        self.look(write=True)
        con = connect(self._path)
        try:
            rows = con.execute("select boot, from_ms, to_ms, offset_ms from run order by id")
            return [Ran(*row) for row in rows]
        finally:
            con.close()

    def _write(self, to_ms: int) -> None:
        con = connect(self._path)
        try:
            self._row = self._put(con, to_ms)
            self._written_ms = to_ms
        finally:
            con.close()

    def _put(self, con: sqlite3.Connection, to_ms: int) -> int | None:
        known = offset_ms(self._clock)
        if self._row is not None:
            con.execute(
                "update run set to_ms = ?, offset_ms = coalesce(?, offset_ms) where id = ?",
                (to_ms, known, self._row),
            )
            return self._row
        new = con.execute(
            "insert into run (boot, from_ms, to_ms, offset_ms) values (?, ?, ?, ?)",
            (self._clock.boot, to_ms, to_ms, known),
        ).lastrowid
        con.execute("delete from run where id <= ?", ((new or 0) - MOST_RUNS,))
        return new
