"""Acknowledged lines stay on the card for 400 days; then they make room, the oldest first. Those
of a server with a log stay until they are proved to be in it, too.

A line's age is counted from the server's receipt for it, in the server's time: the kiosk's own
clock may lie by years, and a line is never younger than its receipt. So no clock that a card was
without can make a line look old. Freed pages are used again by later lines: the file does not
shrink, nor does it have to (no auto_vacuum).
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from kiosk.clock import Clock
from kiosk.journal_file import FILE, Journal, connect, read_head

KEPT_DAYS = 400
DAY_MS = 86_400_000
CHUNK_LINES = 200  # in one transaction, which a press may have to wait for


def trusted_ms(clock: Clock) -> int | None:
    """The earliest that it can be now: by the server's time and, where the kernel vouches for it,
    by the wall clock, for neither alone shall make lines old. None before this boot has heard the
    server."""
    at = clock.read()
    if clock.offset_ms is None:
        return None
    server_ms = at.mono_ms + clock.offset_ms
    return min(server_ms, at.wall_ms) if at.sync else server_ms


class Marks:
    """Notes down, about once a day, how much the server has acknowledged. For one thread."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path, self._clock = folder / FILE, clock
        self._next_ms = 0

    def keep(self) -> None:
        """To be called after receipts. A crash before it keeps lines a day longer, no more."""
        at = self._clock.read()
        if self._clock.offset_ms is None or at.mono_ms < self._next_ms:
            return
        server_ms = at.mono_ms + self._clock.offset_ms
        # The later of two clocks here, the earlier one when they are read: both keep lines.
        keep_mark(self._path, max(server_ms, at.wall_ms) if at.sync else server_ms)
        self._next_ms = at.mono_ms + DAY_MS


def keep_mark(path: Path, at_ms: int) -> None:
    """What is acknowledged now, was so at `at_ms` (unix ms). The first mark of a seq stands."""
    con = connect(path)
    try:
        con.execute(
            "insert or ignore into acked_mark (seq, at_ms) select acked, ? from journal"
            " where acked > pruned and not exists"
            " (select 1 from acked_mark where at_ms > ? and seq <= acked)",
            (at_ms, at_ms - DAY_MS),
        )
    finally:
        con.close()


def prunable_to(journal: Journal, now_ms: int) -> int:
    """The newest line that may go at `now_ms`; what `pruned` says already if none may."""
    old = journal.marked_before(now_ms - KEPT_DAYS * DAY_MS)
    log = journal.log.row()
    if log.checkpoint is not None:
        old = min(old, log.proved)
    return max(journal.row().pruned, old)


def prune_some(con: sqlite3.Connection, upto: int) -> int:
    """Deletes the oldest lines up to `upto`, at most a chunk and never one that the server has not
    acknowledged, or that is not proved to be in a log that it has shown; the seq of the last line
    that is gone now."""
    con.execute("begin immediate")
    try:
        acked: int
        pruned: int
        acked, pruned = con.execute("select acked, pruned from journal").fetchone()
        # Where a log was ever shown, what is not proved to be in it stays (protocol.md 10).
        shown, proved = con.execute("select checkpoint is not null, proved from log").fetchone()
        if shown:
            acked = min(acked, proved)
        # The newest line stays in any case: the signed head speaks of it.
        last = min(upto, acked, pruned + CHUNK_LINES, read_head(con).seq - 1)
        found = con.execute("select hash from line where seq = ?", (last,)).fetchone()
        if last > pruned and found is not None:
            con.execute("update journal set pruned = ?, pruned_hash = ?", (last, found[0]))
            con.execute("delete from line where seq <= ?", (last,))
            con.execute("delete from acked_mark where seq <= ?", (last,))
    except BaseException:
        con.execute("rollback")
        raise
    # A power cut before this leaves every line, after it the hash that the next one grows from.
    con.execute("commit")
    return max(last, pruned) if found is not None else pruned


def prune(
    prune_next: Callable[[int], int], upto: int, pruned: int, is_free: Callable[[], bool]
) -> bool:
    """Chunk by chunk up to `upto`, as long as no citizen is there; whether that is done."""
    while pruned < upto:
        if not is_free():
            return False
        reached = prune_next(upto)
        if reached <= pruned:
            return True  # a gap has moved `acked` back meanwhile
        pruned = reached
    return True
