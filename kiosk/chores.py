"""What the kiosk does for itself while nobody is there: it closes days and prunes old lines."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

from kiosk.clock import Clock
from kiosk.days import Calendar, close_days, understood
from kiosk.errors import KioskError
from kiosk.hours import end_of_day
from kiosk.journal_file import Journal
from kiosk.journal_store import Writer
from kiosk.pruning import Marks, prunable_to, prune, trusted_ms
from kiosk.runs import Runs, offset_ms
from kiosk.showing import Counter
from protocol.records import Day

LOOK_EVERY_S = 5.0
RETRY_MS = 60_000
_log = logging.getLogger(__name__)


class Chores:
    """`look` is a job, for one thread at a time; all it keeps in memory can be lost."""

    def __init__(
        self,
        folder: Path,
        writer: Writer,
        clock: Clock,
        *,
        counter: Callable[[], Counter],
        is_free: Callable[[], bool],
        on_lines: Callable[[], None] = lambda: None,
    ) -> None:
        self._folder, self._writer, self._clock = folder, writer, clock
        self._counter, self._is_free, self._on_lines = counter, is_free, on_lines
        self._runs, self._marks = Runs(folder, clock), Marks(folder, clock)
        self._looked_at: tuple[object, ...] | None = None
        self._pruned_on: int | None = None
        self._not_before_ms = 0
        self._leaving = False

    def look(self) -> None:
        """Cheap unless a day is to be closed or lines are old enough to go."""
        now = self._clock.mono_ms()
        if now < self._not_before_ms:
            return
        try:
            self._runs.look()
            self._marks.keep()
            if self._may_work():
                self._close_days()
                self._prune()
        except (KioskError, sqlite3.Error) as error:  # a full card, or an old copy
            _log.error("the kiosk's own chores have to wait: %s", error)
            self._not_before_ms = now + RETRY_MS

    def leave(self) -> None:
        """The run is about to end: what is under way stops soon. From any thread."""
        self._leaving = True

    def _may_work(self) -> bool:
        return self._is_free() and not self._leaving

    def stop(self) -> None:
        """The run has ended: from when to when it lasted is known to the second."""
        try:
            self._runs.look(write=True)
        except (KioskError, sqlite3.Error) as error:
            _log.warning("the end of this run was not written down: %s", error)

    def _close_days(self) -> None:
        offset = offset_ms(self._clock)
        if offset is None:
            return  # a day whose clock is unknown is not invented
        counter = self._counter()
        now_ms = self._clock.mono_ms() + offset
        now = datetime.fromtimestamp(now_ms / 1000, counter.zone)
        hours = counter.config.hours
        moment = (now.date(), now >= end_of_day(hours, now), counter.version)
        if moment == self._looked_at:
            return
        with closing(Journal(self._folder)) as journal:
            row = journal.row()
            calendar = Calendar(counter.zone, hours, row.enrolled_ms or 0, now_ms)
            due, settled = close_days(
                journal.envelopes_after(row.days_seq), journal.rare("clock"), self._runs.all(),
                _closed(journal), calendar, boot=self._clock.boot,
            )  # fmt: skip
            for day in due:
                # A crash between two: the next look finds the ones that are written.
                self._writer.append(day, self._clock.read()).result()
                _log.info("the day %s is closed", day.date)
            if settled > row.days_seq:
                journal.mark(days_seq=settled)
        self._looked_at = moment
        if due:
            self._on_lines()

    def _prune(self) -> None:
        now_ms = trusted_ms(self._clock)
        if now_ms is None or now_ms // 86_400_000 == self._pruned_on:
            return
        with closing(Journal(self._folder)) as journal:
            upto, pruned = prunable_to(journal, now_ms), journal.row().pruned
        if prune(lambda seq: self._writer.prune(seq).result(), upto, pruned, self._may_work):
            self._pruned_on = now_ms // 86_400_000
            if upto > pruned:
                _log.info("lines up to %d have made room", upto)


def _closed(journal: Journal) -> set[date]:
    records = (understood(line) for line in journal.rare("day"))
    return {record.date for record in records if isinstance(record, Day)}
