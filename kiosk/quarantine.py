"""What a journal's state keeps out of the record is handed over apart (protocol.md 6, quarantine):
the lines of this journal while it is forked, closed or revoked, and of earlier ones set aside."""

import gzip
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.clock import Clock
from kiosk.config import KEY_FILE, write_file
from kiosk.door import DIRECT, Door, NoAnswer, Reply
from kiosk.errors import KioskError
from kiosk.evidence import EVIDENCE, QUARANTINE_FILE
from kiosk.journal_file import BUSY_S, FILE, Journal
from kiosk.pace import BackOff, Batch, about
from kiosk.way import Way
from protocol.errors import ProtocolError
from protocol.journal import Head, check_lines, sign_head
from protocol.keys import b64, public_bytes
from protocol.problems import Problem
from protocol.request import HEAD_HEADER

KEPT_OUT: Final = ("forked", "closed", "revoked")
ASIDE: Final = ("journal-", EVIDENCE)
"""How folders of journals that were replaced, or could not go on, begin."""

NEVER: Final = float("inf")
DAY_S = 86_400.0
WITHIN_S = 10.0  # the longest that a vote of the live journal waits for a batch of these
FIRST_BYTES = 32 << 10
HOLE_LINES = 1000  # so many that cannot be read in a row are the end
_log = logging.getLogger(__name__)


class Progress(msgspec.Struct, frozen=True):
    """quarantine.json beside a journal: how far it is handed over."""

    next: int = 0  # the first line still to go; 0: not begun
    kept: int = 0  # lines that the server has put into quarantine
    done: bool = False  # of a journal set aside: nothing is left to be handed over, or can be
    why: str = ""  # why it is done though lines may be left: unreadable, elsewhere


def read_progress(folder: Path) -> Progress:
    """That of the journal in `folder`; of one not begun if there is none, or it is damaged."""
    try:
        return msgspec.json.decode((folder / QUARANTINE_FILE).read_bytes(), type=Progress)
    except (OSError, msgspec.MsgspecError):
        return Progress()


def keep_progress(folder: Path, progress: Progress) -> None:
    """Durable when this returns; a crash before it costs a repeat."""
    write_file(folder / QUARANTINE_FILE, msgspec.json.encode(progress))


def set_aside_journals(folder: Path) -> list[Path]:
    """The folders of earlier journals, in the order of their names."""
    return sorted(path for kind in ASIDE for path in folder.glob(f"{kind}*/"))


def note_fork(folder: Path, seq: int, journal: Journal) -> None:
    """A fork is believed: what is handed over begins at `seq`, where the branches part, and not
    after a line that the server has not acknowledged."""
    kept = read_progress(folder).kept
    keep_progress(folder, Progress(next=max(1, min(seq, journal.row().acked + 1)), kept=kept))


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
            return max(0, outcast.newest() - (progress.next or outcast.first_wanted()) + 1)
    except KioskError:
        return 0


class Outcast:
    """A journal whose lines are kept out, read without changing a byte of its file."""

    def __init__(self, folder: Path) -> None:
        """KioskError if its row or its key cannot be read: then nothing can be signed."""
        self.folder, con = folder, None
        try:
            con = sqlite3.connect(f"{(folder / FILE).as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
            row = con.execute(
                "select uuid, kiosk, server, public_key, acked, state from journal"
            ).fetchone()
            self.uuid, kiosk, server, public_key, self.acked, self.state = row
            self.kiosk, self.server = kiosk or "", server or ""
            self.key = Ed25519PrivateKey.from_private_bytes((folder / KEY_FILE).read_bytes())
            if public_bytes(self.key) != public_key:
                raise ValueError("its key is another's")
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            if con is not None:
                con.close()
            raise KioskError(f"The journal in {folder.name} cannot be read: {error}.") from None
        self._con = con

    def close(self) -> None:
        """Frees the file."""
        self._con.close()

    def newest(self) -> int:
        """The newest seq that the file tells of; 0 if it tells of none."""
        return self._seq("max")

    def _seq(self, which: str) -> int:
        try:
            found = self._con.execute(f"select {which}(seq) from line").fetchone()  # noqa: S608
        except sqlite3.Error:
            return 0
        return int(found[0] or 0)

    def first_wanted(self) -> int:
        """Where to begin when nothing says where: after what the server has acknowledged, and from
        the first line of one that is forked, for its branches may part anywhere."""
        return 1 if self.state == "forked" else self.acked + 1

    def lines_from(self, seq: int, *, batch: Batch) -> tuple[list[bytes], Head | None]:
        """The next lines from `seq` on that are whole and follow each other, and the last one's
        head; none if there are no more. What cannot be read in between is passed over."""
        lines: list[bytes] = []
        size, head, missed = 0, None, 0
        seq, newest = max(seq, self._seq("min")), self.newest() or NEVER
        while seq <= newest and len(lines) < batch.lines and missed < HOLE_LINES:
            line, found = self._line(seq, head)
            if line is None or found is None:
                if lines:
                    break
                missed += 1
            else:
                size += len(line) + 1
                if lines and size > batch.bytes:
                    break
                lines.append(line)
                head = found
            seq += 1
        return lines, head

    def _line(self, seq: int, before: Head | None) -> tuple[bytes | None, Head | None]:
        try:
            row = self._con.execute("select body from line where seq = ?", (seq,)).fetchone()
            (checked,) = check_lines(bytes(row[0]), journal=self.uuid) if row else (None,)
        except (sqlite3.Error, ProtocolError, ValueError, TypeError):
            return None, None
        if checked is None or checked.seq != seq or (before and checked.prev != before.hash):
            return None, None
        return checked.line, Head(seq=seq, hash=checked.hash)


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
            progress = read_progress(self._folder)
            caught_up = progress.next > self._journal.head().seq
            return [] if caught_up else [self._folder]
        if row.state != "open":  # the server knows none of this kiosk's journals as closed
            return []
        return [p for p in set_aside_journals(self._folder) if not read_progress(p).done]

    def _hand_over(self, outcast: Outcast) -> None:
        place, progress = outcast.folder, read_progress(outcast.folder)
        if outcast.server != (self._journal.row().server or ""):
            self._finish(place, "elsewhere", f"{place.name} is a journal of {outcast.server}")
            return
        start = progress.next or outcast.first_wanted()
        lines, head = outcast.lines_from(start, batch=self._batch)
        if head is None:
            done = place != self._folder  # else lines will come
            keep_progress(
                place, msgspec.structs.replace(progress, next=outcast.newest() + 1, done=done)
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
            keep_progress(place, Progress(next=head.seq + 1, kept=progress.kept + len(lines)))
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
            keep_progress(place, Progress(kept=progress.kept))
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
        elif problem is not None:  # open, though set aside; or a key that is not known here
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
        keep_progress(place, msgspec.structs.replace(progress, next=first + 1))

    def _finish(self, place: Path, why: str, sentence: str) -> None:
        _log.warning("%s", sentence)
        if place == self._folder:  # the live journal is mended at the next start, not here
            self._retry_at[place] = time.monotonic() + DAY_S
            return
        keep_progress(place, msgspec.structs.replace(read_progress(place), done=True, why=why))

    def _wait(self, place: Path, seconds: float, why: str) -> None:
        _log.info("lines of %s are not handed over yet: %s", place.name, why)
        self._retry_at[place] = time.monotonic() + seconds
