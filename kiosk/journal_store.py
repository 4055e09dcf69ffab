"""The writer: the one thread that appends lines, and acknowledges only what is durable.

A resolved future means that the line survives a power cut. Any error of SQLite on the way means
that it was not kept, and the future fails; nobody is thanked for it.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from kiosk.clock import Reading
from kiosk.errors import KioskError
from kiosk.journal_file import (
    FILE,
    as_sentence,
    check_tail,
    connect,
    fsync_folder,
    is_damage,
    read_head,
    suspect,
)
from kiosk.pruning import prune_some
from protocol.errors import ProtocolError
from protocol.journal import Head, build_line, line_hash
from protocol.records import TYPE_OF, Record, encode_data, understand

GROUP_LINES = 200  # at most so many waiting appends share one transaction

_WRONG_RECORD = (KioskError, ProtocolError, TypeError, ValueError, KeyError)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A line that is durable."""

    seq: int
    line: bytes


NewRecord = Record | Callable[[], Record]
"""A record, or what makes it in the writer thread, once the lines before it have their seqs."""


class Appended(Future[Kept]):
    """Resolves when the line is durable. `seq` is known earlier, inside the open transaction, so
    that a later append can refer to this line without waiting: both are kept or neither."""

    seq: int | None = None

    def known_seq(self) -> int:
        """For a later append's callable; KioskError if this line was not kept."""
        if self.seq is None:
            raise KioskError("The line that this one refers to was not kept.")
        return self.seq


Then = Callable[[Appended], None]
Answer = Callable[[], None]


def _settled(then: Then, done: "Future[Kept]") -> None:
    if isinstance(done, Appended):
        then(done)


@dataclass(slots=True)
class _Job:
    record: NewRecord | None  # None: only try whether writing works
    at: Reading | None
    done: Appended


_Item = _Job | Answer | None  # None ends the thread


class Writer:
    """The one thread that appends lines. A process holds at most one, and the folder's lock."""

    def __init__(self, folder: Path, on_damage: Callable[[], None] = lambda: None) -> None:
        """`on_damage` is called in the writer thread when SQLite finds the file itself broken."""
        self._folder, self._on_damage = folder, on_damage
        self._path = folder / FILE
        self._queue: SimpleQueue[_Item] = SimpleQueue()
        self._refusal: str | None = None
        self._con: sqlite3.Connection | None = None
        with as_sentence(self._path):
            self._open()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def append(self, record: NewRecord, at: Reading, then: Then | None = None) -> Appended:
        """Queues a record; at once, from any thread. A callable is called in the writer thread and
        may read the `seq` of earlier appends. The future fails with KioskError or ProtocolError.

        `then` is called in the writer thread with the settled future, and had better be quick."""
        return self._put(_Job(record, at, Appended()), then)

    def try_out(self, then: Then | None = None) -> Appended:
        """Whether writing works, without a line."""
        return self._put(_Job(None, None, Appended()), then)

    def check_alive(self, answer: Answer) -> None:
        """Calls back from the writer thread, once what was queued before is durable."""
        self._queue.put(answer)

    def prune(self, upto: int) -> "Future[int]":
        """Deletes some of the oldest acknowledged lines up to `upto`, between two commits; the
        future holds the seq of the last one that is gone. No other thread shall delete: an append
        would have to wait for it."""
        done: Future[int] = Future()
        self._queue.put(partial(self._prune, upto, done))
        return done

    def refuse(self, sentence: str) -> None:
        """From now on every append fails with this sentence: the card is an old copy."""
        self._refusal = sentence

    def begin_run(self) -> bool:
        """Marks the journal as in use; whether the run before ended cleanly. Before any append."""
        with as_sentence(self._path):
            con = self._con or self._open()
            (clean,) = con.execute("select clean from journal").fetchone()
            con.execute("update journal set clean = 0")
            fsync_folder(self._folder)  # the first write has just created the WAL
        return bool(clean)

    def close(self, *, clean: bool = True) -> None:
        """Commits what is queued, marks the end of the run, frees the file."""
        self._queue.put(None)
        self._thread.join()
        if self._con is not None:
            with as_sentence(self._path):
                if clean:
                    self._con.execute("update journal set clean = 1")
                self._con.close()

    def _put(self, job: _Job, then: Then | None) -> Appended:
        if then is not None:  # before it is queued: so it is never called in this thread
            job.done.add_done_callback(partial(_settled, then))
        self._queue.put(job)
        return job.done

    def _open(self) -> sqlite3.Connection:
        con = connect(self._path)
        check_tail(con)
        self._journal = con.execute("select uuid from journal").fetchone()[0]
        self._head = read_head(con)
        self._con = con
        return con

    def _run(self) -> None:
        last = False
        while not last:
            jobs, answers, last = self._group(self._queue.get())
            if jobs:
                self._commit(jobs)
            for answer in answers:
                answer()

    def _group(self, item: _Item) -> tuple[list[_Job], list[Answer], bool]:
        """What else is waiting, to share one fsync; who wants an answer; and whether the end was
        among it."""
        jobs: list[_Job] = []
        answers: list[Answer] = []
        while item is not None:
            if isinstance(item, _Job):
                jobs.append(item)
            else:
                answers.append(item)
            if len(jobs) == GROUP_LINES or self._queue.empty():
                return jobs, answers, False
            item = self._queue.get()
        return jobs, answers, True

    def _commit(self, jobs: list[_Job]) -> None:
        kept: list[Kept | Exception] = []
        try:
            con = self._con or self._open()
            head = self._head
            con.execute("begin immediate")
            for job in jobs:
                try:
                    head, line = self._insert(con, job, head)
                    kept.append(Kept(head.seq, line))
                except _WRONG_RECORD as error:
                    kept.append(error)  # only this record is wrong; its neighbours are kept
            con.execute("commit")
            # A crash here leaves durable lines that nobody was thanked for; they are sent as usual.
            self._head = head
        except Exception as error:  # noqa: BLE001  (whatever it is: nobody may wait for ever)
            self._give_up(jobs, error)
            return
        for job, outcome in zip(jobs, kept, strict=True):
            if isinstance(outcome, Kept):
                job.done.set_result(outcome)
            else:
                job.done.set_exception(outcome)

    def _insert(self, con: sqlite3.Connection, job: _Job, head: Head) -> tuple[Head, bytes]:
        if job.record is None:
            con.execute("update journal set acked = acked")
            return head, b""
        line, kind = self._build(job.record, job.at, head)
        head = Head(seq=head.seq + 1, hash=line_hash(line))
        con.execute(
            "insert into line (seq, body, hash, type) values (?, ?, ?, ?)",
            (head.seq, line, head.hash, kind),
        )
        job.done.seq = head.seq
        return head, line

    def _build(self, record: NewRecord, at: Reading | None, head: Head) -> tuple[bytes, str]:
        if self._refusal is not None or at is None:
            raise KioskError(self._refusal or "A line needs its moment.")
        if callable(record):
            record = record()
        kind = TYPE_OF[type(record)]
        understand(kind, encode_data(record))  # what the server would refuse is never written
        line = build_line(
            journal=self._journal, seq=head.seq + 1, prev=head.hash, boot=at.boot,
            mono_ms=at.mono_ms, wall_ms=at.wall_ms, sync=at.sync, type=kind, data=record,
        )  # fmt: skip
        return line, kind

    def _give_up(self, jobs: list[_Job], error: Exception) -> None:
        """Nothing of this group counts as kept. The file is opened anew next time, so that the
        head is what the disk has and not what we hoped for."""
        _log.error("the journal could not be written: %s", error)
        for job in jobs:
            job.done.seq = None
            job.done.set_exception(KioskError(f"The journal could not be written: {error}."))
        self._let_go(error)

    def _prune(self, upto: int, done: "Future[int]") -> None:
        try:
            done.set_result(prune_some(self._con or self._open(), upto))
        except (sqlite3.Error, KioskError) as error:
            _log.error("lines could not be pruned: %s", error)
            self._let_go(error)
            done.set_exception(KioskError(f"Lines could not be pruned: {error}."))

    def _let_go(self, error: Exception) -> None:
        if self._con is not None:
            try:
                self._con.close()
            except sqlite3.Error as closing:
                _log.error("nor closed: %s", closing)
            self._con = None
        if is_damage(error):
            suspect(self._folder)
            self._on_damage()
