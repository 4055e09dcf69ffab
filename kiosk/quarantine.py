"""What a journal's state keeps out of the record is handed over apart (protocol.md 6, quarantine):
the lines of this journal while it is forked, closed or revoked, and of earlier ones set aside."""

import gzip
import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from kiosk.clock import Clock
from kiosk.config import write_file
from kiosk.door import DIRECT, Door, NoAnswer, Reply
from kiosk.errors import KioskError
from kiosk.evidence import EVIDENCE, QUARANTINE_FILE
from kiosk.journal_file import Journal
from kiosk.outcast import Outcast
from kiosk.pace import BackOff, Batch, about
from kiosk.way import Way
from protocol.journal import Head, sign_head
from protocol.keys import b64
from protocol.problems import Problem
from protocol.request import HEAD_HEADER

KEPT_OUT: Final = ("forked", "closed", "revoked")
ASIDE: Final = ("journal-", EVIDENCE)
"""How folders of journals that were replaced, or could not go on, begin."""

NEVER: Final = float("inf")
DAY_S = 86_400.0
WEEK_MS = 7 * 86_400_000
RESTORED_JUMP = 60_000  # a restored server counts versions on from its time in ms, else one by one
WITHIN_S = 10.0  # the longest that a vote of the live journal waits for a batch of these
FIRST_BYTES = 32 << 10
UNKNOWN = (
    "The server does not know the journal in {name}, which a newer backup of it may: restore that"
    " one, or take the lines with hailong-kiosk export and keep the card. They are offered again"
    " every day."
)
_log = logging.getLogger(__name__)


class Progress(msgspec.Struct, frozen=True):
    """quarantine.json beside a journal: how far it is handed over."""

    next: int = 0  # the first line still to go; 0: not begun
    kept: int = 0  # lines that the server has put into quarantine
    done: bool = False  # of a journal set aside: nothing is left to be handed over, or can be
    why: str = ""  # why lines are left: unreadable (done), unknown (to the server, so not done)
    first: int = 0  # where this pass began
    at_ms: int = 0  # the wall clock when it began
    version: int = 0  # the newest configuration when it began


def read_progress(folder: Path) -> Progress:
    """That of the journal in `folder`; of one not begun if there is none, or it is damaged."""
    try:
        found = msgspec.json.decode((folder / QUARANTINE_FILE).read_bytes(), type=Progress)
    except (OSError, msgspec.MsgspecError):
        return Progress()
    # An older version gave a journal up while this kiosk was enrolled elsewhere: it may be back.
    return Progress() if found.why == "elsewhere" else found


def keep_progress(folder: Path, progress: Progress) -> None:
    """Durable when this returns; a crash before it costs a repeat."""
    write_file(folder / QUARANTINE_FILE, msgspec.json.encode(progress))


def set_aside_journals(folder: Path) -> list[Path]:
    """The folders of earlier journals, in the order of their names."""
    return sorted(path for kind in ASIDE for path in folder.glob(f"{kind}*/"))


def is_any_unknown(folder: Path) -> bool:
    """Whether the server does not know a journal that was set aside: it has lost it."""
    return any(read_progress(place).why == "unknown" for place in set_aside_journals(folder))


def note_fork(folder: Path, seq: int, journal: Journal) -> None:
    """A fork is believed: what is handed over begins at `seq`, where the branches part, and not
    after a line that the server has not acknowledged."""
    first = max(1, min(seq, journal.row().acked + 1))
    keep_progress(folder, Progress(next=first, first=first, kept=read_progress(folder).kept))


def note_open(folder: Path) -> None:
    """The journal's lines are taken at the usual door again: if it is ever kept out once more, what
    was handed over before is no measure."""
    if (progress := read_progress(folder)).next:
        keep_progress(folder, Progress(kept=progress.kept))


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Lines of this and earlier journals: in quarantine, and on their way there."""

    kept: int
    waiting: int


def count_handed_over(folder: Path, state: str) -> HandedOver:
    """Of all this kiosk's journals; `state` is the live one's, which counts if it is kept out."""
    places = set_aside_journals(folder)
    waiting = sum(map(_count_waiting, places))
    if state in KEPT_OUT:
        waiting += _count_waiting(folder)
    return HandedOver(sum(read_progress(p).kept for p in (folder, *places)), waiting)


def _count_waiting(place: Path) -> int:
    progress = read_progress(place)
    if progress.done:
        return 0
    try:
        with closing(Outcast(place)) as outcast:
            begin = max(progress.next or outcast.first_wanted(), outcast.oldest())
            return max(0, outcast.newest() - begin + 1)
    except KioskError:
        return 0


class Quarantine:
    """Hands over one batch at a time, on the sending thread, when the live journal has nothing to
    send. Times are of time.monotonic."""

    def __init__(
        self,
        folder: Path,
        journal: Journal,
        *,
        url: str,
        clock: Clock,
        way: Way = DIRECT,
        on_open: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_open`: the server takes this journal's lines at the usual door again."""
        self._folder, self._journal, self._on_open = folder, journal, on_open
        self._url, self._clock, self._way = url, clock, way
        self._back_off, self._batch = BackOff(), Batch(FIRST_BYTES)
        self._retry_at: dict[Path, float] = {}
        self._place: Path | None = None
        self._door: Door | None = None
        self.due_at = NEVER

    def look(self) -> None:
        """What there is to do; after every answer, and when lines have come."""
        now = time.monotonic()
        waits = [self._retry_at.get(place, now) for place in self._places()]
        self.due_at = min(waits, default=NEVER)

    def step(self) -> None:
        """One batch of one journal, and what its answer means."""
        now = time.monotonic()
        place = next((p for p in self._places() if self._retry_at.get(p, now) <= now), None)
        if place is not None:
            try:
                with closing(Outcast(place)) as outcast:
                    self._hand_over(outcast)
            except KioskError as error:  # kept as it is, for a person with better tools
                self._finish(place, "unreadable", str(error))
        self.look()

    def close(self) -> None:
        """Frees the connection."""
        if self._door is not None:
            self._door.close()
        self._door = self._place = None

    def _places(self) -> list[Path]:
        row = self._journal.row()
        if row.state in KEPT_OUT:
            caught_up = self._progress(self._folder).next > self._journal.head().seq
            return [] if caught_up else [self._folder]
        if row.state != "open":  # the server knows none of this kiosk's journals as closed
            return []
        return [p for p in set_aside_journals(self._folder) if not self._progress(p).done]

    def _progress(self, place: Path) -> Progress:
        """How far `place` is handed over; begun anew where the server may have lost some of it.

        A server that was restored from a backup does not say so. One sign is the jump of the
        configuration's version: then journals set aside go again from the first line, as the server
        may have lost acknowledged lines too. While the live journal is kept out there is no new
        configuration, so what it handed over goes again each week. Repeats change nothing there.
        """
        progress = read_progress(place)
        now_ms = self._clock.read().wall_ms
        if place == self._folder:
            fresh = abs(now_ms - progress.at_ms) <= WEEK_MS  # the clock may have been wrong
            if not progress.next or (progress.at_ms and fresh):
                return progress
            # One that a fork has just marked is not offered yet: it only gets its time.
            again = progress.first if progress.at_ms else progress.next
            kept = 0 if progress.at_ms else progress.kept
            return Progress(next=again, first=again, kept=kept, at_ms=now_ms)
        begun = progress.next or progress.done
        if begun and self._version() - progress.version > RESTORED_JUMP:
            return Progress(next=1, first=1, at_ms=now_ms, version=self._version())
        return progress

    def _version(self) -> int:
        notes = self._journal.notes()
        return notes[0][0] if notes else 0

    def _begin(self, outcast: Outcast) -> Progress:
        """That of a journal of which nothing has been handed over in this pass."""
        before, now = outcast.version(), self._version()
        aside = outcast.folder != self._folder
        first = 1 if aside and now - before > RESTORED_JUMP else outcast.first_wanted()
        return replace(
            self._progress(outcast.folder), next=first, first=first, version=max(before, now),
            at_ms=self._clock.read().wall_ms,
        )  # fmt: skip

    def _hand_over(self, outcast: Outcast) -> None:
        place, progress = outcast.folder, self._progress(outcast.folder)
        if outcast.server != (self._journal.row().server or ""):
            self._wait(place, DAY_S, f"it is a journal of {outcast.server}")
            return
        if not progress.next:
            progress = self._begin(outcast)
        lines, head = outcast.lines_from(progress.next, batch=self._batch)
        if head is None:
            done = place != self._folder  # else lines will come
            keep_progress(
                place, replace(progress, next=max(progress.next, outcast.newest() + 1), done=done)
            )
            return
        began = time.monotonic()
        try:
            reply = self._ask(outcast, lines, head)
        except NoAnswer as error:
            self._batch.broke(error.how, lines=len(lines), size=sum(map(len, lines)))
            self._wait(place, self._back_off.wait_s(), str(error))
            return
        if reply.is_json(202):
            self._back_off.succeed()
            size = sum(map(len, lines))
            self._batch.carried(time.monotonic() - began, lines=len(lines), size=size)
            # A crash before this costs a repeat, after it nothing.
            kept = progress.kept + len(lines)
            keep_progress(place, replace(progress, next=head.seq + 1, kept=kept, why=""))
        else:
            self._refused(outcast, progress, reply, lines=lines, head=head)

    def _ask(self, outcast: Outcast, lines: list[bytes], head: Head) -> Reply:
        door = self._door_of(outcast)
        note = sign_head(
            kiosk=outcast.kiosk, journal=outcast.uuid, seq=head.seq, hash=head.hash,
            key=outcast.key,
        )  # fmt: skip
        headers = {
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
            HEAD_HEADER: b64(note),
        }
        body = gzip.compress(b"\n".join(lines), 6, mtime=0)
        path = f"/api/v1/journals/{outcast.uuid}/quarantine"
        reply = door.ask("POST", path, body, headers, within_s=WITHIN_S)
        problem = reply.problem()
        if problem is not None and problem.word == "clock":
            door.believe_time(int(str(problem.members["server_ms"])), reply)
            reply = door.ask("POST", path, body, headers, within_s=WITHIN_S)
        return reply

    def _door_of(self, outcast: Outcast) -> Door:
        if self._door is None or self._place != outcast.folder:
            self.close()
            self._place = outcast.folder
            self._door = Door(
                self._url, kiosk=outcast.kiosk, server=outcast.server, key=outcast.key,
                clock=self._clock, way=self._way,
            )  # fmt: skip
        return self._door

    def _refused(
        self, outcast: Outcast, progress: Progress, reply: Reply, *, lines: list[bytes], head: Head
    ) -> None:
        place, problem = outcast.folder, reply.problem()
        word = problem.word if problem is not None else ""
        if word == "open" and place == self._folder:
            note_open(place)
            self._journal.mark(state="open")
            self._on_open()
        elif word == "size" and len(lines) > 1:
            self._batch.halve(lines=len(lines), size=sum(map(len, lines)))
        elif word == "line" and problem is not None:
            self._pass_over(place, progress, problem, first=head.seq - len(lines) + 1)
        elif problem is not None and word in ("rate", "busy"):
            told = reply.headers.get("retry-after", "")
            told_s = float(told) if told.isdecimal() else None
            self._wait(place, self._back_off.wait_s(told_s), word)
        elif word == "key" and place != self._folder:
            _log.warning(UNKNOWN.format(name=place.name))
            keep_progress(place, replace(progress, why="unknown"))
            self._wait(place, about(DAY_S), "key")
        elif problem is not None:  # open, though set aside
            self._wait(place, about(DAY_S), problem.detail or problem.title)
        else:
            self._wait(place, self._back_off.wait_s(), f"status {reply.status}")

    def _pass_over(self, place: Path, progress: Progress, problem: Problem, *, first: int) -> None:
        """A line that the server calls malformed: what is before it goes alone, then it is left
        out. It stays where it is."""
        at = problem.members["line"]
        before = at - 1 if isinstance(at, int) else 0
        if before > 0:
            self._batch.halve(lines=2 * before, size=2 * self._batch.bytes)
            return
        _log.error("line %d in %s is refused: %s", first, place.name, problem.detail)
        keep_progress(place, replace(progress, next=first + 1))

    def _finish(self, place: Path, why: str, sentence: str) -> None:
        _log.warning("%s", sentence)
        if place == self._folder:  # the live journal is mended at the next start, not here
            self._retry_at[place] = time.monotonic() + DAY_S
            return
        keep_progress(
            place, replace(self._progress(place), version=self._version(), done=True, why=why)
        )

    def _wait(self, place: Path, seconds: float, why: str) -> None:
        _log.info("lines of %s are not handed over yet: %s", place.name, why)
        self._retry_at[place] = time.monotonic() + seconds
