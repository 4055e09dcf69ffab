"""Sending: lines out, receipts in. A lost reply costs a repeat of the same bytes, nothing else."""

import gzip
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.clock import Clock
from kiosk.config import HeldConfig
from kiosk.config_door import ConfigDoor
from kiosk.door import Door, NoAnswer, Reply
from kiosk.journal_file import Journal
from kiosk.journal_store import Writer
from protocol.errors import ProtocolError
from protocol.journal import Head, open_head, sign_head
from protocol.keys import b64, unb64
from protocol.problems import BadAnswer, Problem, Receipt, decode_receipt
from protocol.records import Clock as ClockRecord
from protocol.records import understand
from protocol.request import HEAD_HEADER

MAX_LINES = 500
MAX_BYTES = (1 << 20) - 1
GZIP_FROM_BYTES = 1024
FIRST_BACK_OFF_S, LONGEST_BACK_OFF_S = 1.0, 300.0
HOURLY_S = 3600.0
CLOCK_MOVED_MS = 500
CLOCK_MAX_RTT_MS = 10_000  # protocol.md 8: a longer round trip is no use
OLD_COPY = (
    "This card is an old copy: the server has newer lines of this journal; enrol this kiosk anew."
)
NOT_ENROLLED = (
    "This kiosk had to begin a new journal, which the server does not know yet: enrol it with a new"
    " code. Votes are kept meanwhile."
)

Step = Literal["more", "done", "wait"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """How sending goes: what the screen and `status` may say about it."""

    state: str  # of the journal: open, forked, closed, revoked, key, old-copy
    offline: bool = False  # the last try got no answer
    defect: str = ""  # what a person has to look at, as a sentence


class Sender:
    """One journal's side of the line door, for one thread. Times are of time.monotonic."""

    def __init__(
        self,
        folder: Path,
        journal: Journal,
        door: Door,
        *,
        key: Ed25519PrivateKey,
        clock: Clock,
        writer: Writer | None,
        held: HeldConfig | None,
        on_health: Callable[[Health], None] = lambda _: None,
        on_config: Callable[[HeldConfig], None] = lambda _: None,
        on_config_refused: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._journal, self._door, self._key = journal, door, key
        self._clock, self._writer, self._on_health = clock, writer, on_health
        row = journal.row()
        self._uuid, self._kiosk = row.uuid, row.kiosk or ""
        self._public_key = key.public_key()
        self._path = f"/api/v1/journals/{row.uuid}"
        self._max_lines, self._gzip, self._failures = MAX_LINES, True, 0
        self._gaps = 0
        self._config = ConfigDoor(folder, journal, door, held, on_config, on_config_refused)
        self._clock.offset_ms = self._last_offset_ms()
        self.health = Health(row.state)
        self.contact_ms: int | None = None  # since boot: when the server answered last
        self.not_before = 0.0  # no request is sent earlier than this

    def unsent(self) -> int:
        """How many lines the server has not acknowledged."""
        return self._journal.head().seq - self._journal.row().acked

    def round(self) -> bool:
        """Sends all there is, or one heartbeat; True if the server then has everything."""
        step = self.step()
        while step == "more":
            step = self.step()
        return step == "done"

    def step(self) -> Step:
        """One batch or heartbeat, its answer taken in. "wait" has set `not_before`."""
        if self._journal.row().state == "enrolling":
            self._show(defect=NOT_ENROLLED)
            return self._wait_hour()
        lines, head = self._batch()
        clocked = False
        while True:
            body = b"\n".join(lines)
            packed = self._gzip and len(body) > GZIP_FROM_BYTES
            try:
                reply = self._post(body, head, packed=packed)
                problem = self._read_problem(reply)
            except NoAnswer as error:
                return self._no_answer(str(error))
            self.contact_ms = self._clock.mono_ms()
            if problem is None:
                return self._receipt(decode_receipt(reply.body), reply, last=head.seq)
            self._show(offline=False)
            if problem.word == "clock" and not clocked:
                self._door.believe_time(_number(problem, "server_ms"), reply)
                clocked = True
            elif problem.word in ("body", "media") and packed:
                self._gzip = False
            else:
                return self._refused(problem, reply, sent=len(lines))

    # What goes out ------------------------------------------------------------------------

    def _batch(self) -> tuple[list[bytes], Head]:
        """The next lines and the head to sign; no lines where only a heartbeat is in place."""
        row = self._journal.row()
        lines = []
        if row.state == "open":
            lines = self._journal.lines_after(
                row.acked, max_lines=self._max_lines, max_bytes=MAX_BYTES
            )
        seq = row.acked + len(lines)
        hashed = self._journal.hash_at(seq)
        return lines, Head(seq=seq, hash=hashed) if hashed else self._journal.head()

    def _post(self, body: bytes, head: Head, *, packed: bool) -> Reply:
        note = sign_head(
            kiosk=self._kiosk, journal=self._uuid, seq=head.seq, hash=head.hash, key=self._key
        )
        headers = {"Content-Type": "application/x-ndjson", HEAD_HEADER: b64(note)}
        if packed:
            body = gzip.compress(body, 6, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return self._door.ask("POST", f"{self._path}/lines", body, headers)

    # What comes back ----------------------------------------------------------------------

    def _read_problem(self, reply: Reply) -> Problem | None:
        """The refusal, or None for a readable receipt; NoAnswer for anything else."""
        if reply.is_json(200):
            try:
                decode_receipt(reply.body)
            except BadAnswer as error:
                raise NoAnswer(str(error)) from None
            return None
        problem = reply.problem()
        if problem is None:
            raise NoAnswer(f"status {reply.status} with {reply.content_type or 'no type'}")
        return problem

    def _receipt(self, receipt: Receipt, reply: Reply, *, last: int) -> Step:
        self._failures = self._gaps = 0
        if self._is_old_copy(receipt.acked):
            return self._wait_hour()
        self._journal.mark_acked(receipt.acked)
        # A crash before this mark costs a repeat, after it nothing.
        if self._journal.row().state != "open":
            self._journal.mark(state="open")
        self._show(offline=False, state="open", defect=self._config.defect)
        if receipt.acked < last:
            return self._no_answer(f"acknowledged {receipt.acked} of {last} lines sent")
        self._max_lines = min(MAX_LINES, self._max_lines * 2)
        self._keep_clock(receipt, reply)
        self._config.follow(receipt.config)
        self._show(defect=self._config.defect)
        return "more" if self.unsent() else "done"

    def _refused(self, problem: Problem, reply: Reply, *, sent: int) -> Step:
        match problem.word:
            case "gap":
                return self._gap(_number(problem, "expected"))
            case "fork":
                return self._fork(problem)
            case "key" | "closed" | "revoked" if problem.status in (401, 403):
                self._journal.mark(state=problem.word)
                self._show(state=problem.word, defect=_sentence(problem))
                return self._wait_hour()
            case "size" if sent > 1:
                self._max_lines = sent // 2
                return "more"
            case "rate" | "busy":
                seconds = retry_after_s(reply.headers.get("retry-after"))
                if seconds is not None:
                    self.not_before = time.monotonic() + seconds
                    return "wait"
            case "line" | "size" | "body" | "media":
                self._show(defect=_sentence(problem))
                _log.error("the server refuses line(s): %s %s", _sentence(problem), problem.members)
        return self._back_off()

    def _gap(self, expected: int) -> Step:
        if self._is_old_copy(expected - 1):
            return self._wait_hour()
        before = self._journal.row().acked
        self._journal.mark(acked=max(0, expected - 1))  # a restored server: all is still here
        self._gaps += 1
        return "more" if expected - 1 != before and self._gaps < 3 else self._back_off()

    def _fork(self, problem: Problem) -> Step:
        """Believed only with another line of this very key at a place that this card has too, or
        beyond it."""
        try:
            note = unb64(str(problem.members["head"]))
            head = open_head(
                note, kiosk=self._kiosk, journal=self._uuid, public_key=self._public_key
            )
        except (ValueError, ProtocolError) as error:
            return self._no_answer(f"an unproved fork: {error}")
        if self._journal.hash_at(head.seq) == head.hash:
            return self._no_answer("an unproved fork: the head it names is this journal's own")
        self._journal.mark(state="forked")
        self._show(state="forked", defect=_sentence(problem))
        return self._wait_hour()

    def _is_old_copy(self, stored: int) -> bool:
        """Whether the server has lines that this card has not. Lines are durable before they are
        sent, by whichever process, so the head is read after the answer."""
        if stored <= self._journal.head().seq and self._journal.row().state != "old-copy":
            return False
        self._journal.mark(state="old-copy")
        if self._writer is not None:
            self._writer.refuse(OLD_COPY)
        self._show(state="old-copy", offline=False, defect=OLD_COPY)
        return True

    # Waiting ------------------------------------------------------------------------------

    def _no_answer(self, why: str) -> Step:
        _log.info("no answer: %s", why)
        self._show(offline=True)
        return self._back_off()

    def _back_off(self) -> Step:
        """Exponential with full jitter: a hundred kiosks do not come back at one moment."""
        limit = min(LONGEST_BACK_OFF_S, FIRST_BACK_OFF_S * 2 ** min(self._failures, 16))
        self._failures += 1
        self.not_before = time.monotonic() + random.uniform(0, limit)  # noqa: S311  (no secret)
        return "wait"

    def _wait_hour(self) -> Step:
        self.not_before = time.monotonic() + HOURLY_S
        return "wait"

    def _show(self, **changes: object) -> None:
        health = replace(self.health, **changes)  # type: ignore[arg-type]
        if health != self.health:
            self.health = health
            self._on_health(health)

    # The clock ------------------------------------------------------

    def _last_offset_ms(self) -> int | None:
        """What the newest `clock` of this boot said: server time minus time since boot."""
        line = self._journal.newest("clock")
        if line is None or line.boot != self._clock.boot:
            return None
        record = understand("clock", line.data)
        return _offset_ms(record) if isinstance(record, ClockRecord) else None

    def _keep_clock(self, receipt: Receipt, reply: Reply) -> None:
        record = ClockRecord(
            server_ms=receipt.server_ms, rtt_ms=reply.rtt_ms,
            wall_ms=reply.sent.wall_ms, mono_ms=reply.sent.mono_ms,
        )  # fmt: skip
        offset = _offset_ms(record)
        known = self._clock.offset_ms
        moved = known is None or abs(offset - known) > CLOCK_MOVED_MS
        if self._writer is None or not moved or reply.rtt_ms > CLOCK_MAX_RTT_MS:
            return
        failure = self._writer.append(record, self._clock.read()).exception(timeout=10)
        if failure is None:
            self._clock.offset_ms = offset
        else:
            _log.error("the clock record was not kept: %s", failure)


def retry_after_s(value: str | None) -> float | None:
    """Seconds of a Retry-After header, at most an hour; None if it is absent or unreadable."""
    if value is None:
        return None
    try:
        seconds = float(int(value))
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except ValueError:
            return None
    return min(max(0.0, seconds), HOURLY_S)


def _offset_ms(record: ClockRecord) -> int:
    return record.server_ms - record.rtt_ms // 2 - record.mono_ms


def _number(problem: Problem, name: str) -> int:
    value = problem.members[name]
    return value if isinstance(value, int) else 0


def _sentence(problem: Problem) -> str:
    return problem.detail or problem.title
