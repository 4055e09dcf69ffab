"""Sending: lines out, receipts in. A lost reply costs a repeat of the same bytes, nothing else."""

import gzip
import logging
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
from kiosk.pace import LONGEST_RETRY_AFTER_S, BackOff, Batch, about
from kiosk.quarantine import note_fork, note_open
from kiosk.witness import Witness
from protocol.errors import ProtocolError
from protocol.journal import Head, open_head, sign_head
from protocol.keys import b64, unb64
from protocol.problems import BadAnswer, Problem, Receipt, decode_receipt
from protocol.records import Clock as ClockRecord
from protocol.records import understand
from protocol.request import HEAD_HEADER, LOG_HEADER

GZIP_FROM_BYTES = 1024
HOURLY_S = 3600.0
ASK_AGAIN_S = 1.0  # before an answer is believed that would put this kiosk out of service
GAP_PROVED_MS = 60_000
CLOCK_MOVED_MS = 500
MAX_RECEIPT_BYTES = 8 << 20  # whatever a server shows beside it, what it stored is marked
CLOCK_MAX_RTT_MS = 10_000  # protocol.md 8: a longer round trip is no use
OLD_COPY = (
    "This card is an old copy: the server has newer lines of this journal; enrol this kiosk anew."
)
PRUNED = (
    "The server has lost lines that this card no longer has; enrol this kiosk anew. Votes are kept"
    " meanwhile."
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

    state: str  # of the journal: open, forked, closed, revoked, key, old-copy, pruned
    offline: bool = False  # the last try got no answer
    defect: str = ""  # what a person has to look at, as a sentence
    log: tuple[str, ...] = ()  # what is the matter with the server's log, as words of Status


@dataclass(frozen=True, slots=True)
class _Claim:
    """An answer that says "I have more lines than you", and when it came."""

    stored: int
    server_ms: int | None  # a gap does not say
    at_ms: int  # since boot, when it was asked
    rtt_ms: int

    @staticmethod
    def of(reply: Reply, stored: int, server_ms: int | None = None) -> "_Claim":
        return _Claim(stored, server_ms, reply.sent.mono_ms, reply.rtt_ms)

    def agrees_with(self, before: "_Claim") -> bool:
        """Whether one server with one clock may have said both, as far as the way there tells."""
        if self.stored < before.stored:
            return False
        if self.server_ms is None or before.server_ms is None:
            return True
        passed = self.at_ms - before.at_ms
        return abs(self.server_ms - before.server_ms - passed) <= self._unsure_ms(before)

    def proves(self, before: "_Claim") -> bool:
        """Whether it also came late enough: the first one, repeated by somebody, would differ."""
        timed = self.server_ms is not None and before.server_ms is not None
        least = self._unsure_ms(before) if timed else GAP_PROVED_MS
        return self.agrees_with(before) and self.at_ms - before.at_ms > least

    def _unsure_ms(self, before: "_Claim") -> int:
        return CLOCK_MOVED_MS + self.rtt_ms + before.rtt_ms


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
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        self._folder, self._journal, self._door, self._key = folder, journal, door, key
        self._clock, self._writer, self._on_health = clock, writer, on_health
        row = journal.row()
        self._uuid, self._kiosk = row.uuid, row.kiosk or ""
        self._public_key = key.public_key()
        self._path = f"/api/v1/journals/{row.uuid}"
        self._size, self._back_off, self._gzip = Batch(), BackOff(), True
        self._gaps = 0
        self._introduced = False
        self._claim: _Claim | None = None
        self._config = ConfigDoor(folder, journal, door, held, on_config, on_config_refused)
        self._clock.offset_ms = self._last_offset_ms()
        self.witness = Witness(journal, writer, clock, has_room)
        self._shown: bytes | None = None  # the checkpoint that the last request carried
        self.health = Health(row.state, log=journal.log.row().words())
        self.contact_ms: int | None = None  # since boot: when the server answered last
        self.heard = False  # the last step got an answer, and not one that asks for quiet
        self.not_before = 0.0  # no request is sent earlier than this

    @property
    def refused_config(self) -> int | None:
        """The version of a configuration that could not be used."""
        return self._config.refused

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
        self.heard = False
        if self._journal.row().state == "enrolling":
            self._show(defect=NOT_ENROLLED)
            return self._wait_hour()
        lines, head = self._batch()
        body = b"\n".join(lines)
        began, clocked = time.monotonic(), False
        while True:
            packed = self._gzip and len(body) > GZIP_FROM_BYTES
            try:
                reply = self._post(body, head, packed=packed)
                problem = self._read_problem(reply)
            except NoAnswer as error:
                self._size.broke(error.how, lines=len(lines), size=len(body))
                return self._no_answer(str(error))
            self.contact_ms, self.heard = self._clock.mono_ms(), True
            self._size.carried(time.monotonic() - began, lines=len(lines), size=len(body))
            if problem is None or problem.word in ("gap", "fork"):
                self._introduced = True
            if problem is None:
                return self._receipt(decode_receipt(reply.body), reply, last=head.seq)
            self._show(offline=False)
            if problem.word == "clock" and not clocked:
                self._door.believe_time(_number(problem, "server_ms"), reply)
                clocked = True
            elif problem.word in ("body", "media") and packed:
                self._gzip = False
            else:
                return self._refused(problem, reply, lines=lines, size=len(body))

    # What goes out ------------------------------------------------------------------------

    def _batch(self) -> tuple[list[bytes], Head]:
        """The next lines and the head to sign; no lines where only a heartbeat is in place."""
        row = self._journal.row()
        lines = []
        # Its first request asks: a card that was restored from an image, or copied, learns that the
        # server has more before it sends lines that would set its twin's journal against it.
        if row.state == "open" and self._introduced:
            lines = self._journal.lines_after(
                row.acked, max_lines=self._size.lines, max_bytes=self._size.bytes
            )
        if row.state == "forked":  # on the part that both branches share, it would be no fork's
            return [], self._journal.head()
        seq = row.acked + len(lines)
        hashed = self._journal.hash_at(seq)
        return lines, Head(seq=seq, hash=hashed) if hashed else self._journal.head()

    def _post(self, body: bytes, head: Head, *, packed: bool) -> Reply:
        note = sign_head(
            kiosk=self._kiosk, journal=self._uuid, seq=head.seq, hash=head.hash, key=self._key
        )
        headers = {"Content-Type": "application/x-ndjson", HEAD_HEADER: b64(note)}
        self._shown = self.witness.held()
        if self._shown is not None:
            headers[LOG_HEADER] = b64(self._shown)
        if packed:
            body = gzip.compress(body, 6, mtime=0)
            headers["Content-Encoding"] = "gzip"
        # Tens of thousands of connections that rest for a minute each would wear a server out.
        rests = not body and not self.unsent()
        return self._door.ask(
            "POST", f"{self._path}/lines", body, headers, most_bytes=MAX_RECEIPT_BYTES, last=rests
        )

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
        if self._is_ahead(receipt.acked):
            return self._ahead(_Claim.of(reply, receipt.acked, receipt.server_ms))
        if receipt.acked < last:  # another journal's, or a broken proxy's: nothing is marked by it
            return self._no_answer(f"acknowledged {receipt.acked} of {last} lines sent")
        self._claim, self._gaps = None, 0
        self._back_off.succeed()
        # What lies beyond this request's head, it does not vouch for: the server may have it from a
        # copy of this card. It is sent, and compared.
        self._journal.mark_acked(min(receipt.acked, last))
        # A crash before this mark costs a repeat, after it nothing.
        if self._journal.row().state != "open":
            note_open(self._folder)
            self._journal.mark(state="open")
        self._show(offline=False, state="open", defect=self._config.defect)
        self._keep_clock(receipt, reply)
        self.witness.take(receipt, self._shown)
        self._show(log=self._journal.log.row().words())
        self._config.follow(receipt.config)
        self._show(defect=self._config.defect)
        return "more" if self.unsent() else "done"

    def _refused(self, problem: Problem, reply: Reply, *, lines: list[bytes], size: int) -> Step:
        match problem.word:
            case "gap":
                return self._gap(_number(problem, "expected"), reply)
            case "fork":
                return self._fork(problem, sent=len(lines))
            case "key" | "closed" | "revoked" if problem.status in (401, 403):
                self._journal.mark(state=problem.word)
                self._show(state=problem.word, defect=_sentence(problem))
                return self._wait_hour()
            case "size" if len(lines) > 1:
                self._size.halve(lines=len(lines), size=size)
                return "more"
            case "rate" | "busy":
                self.heard = False
                return self._wait(retry_after_s(reply.headers.get("retry-after")))
            case "line" | "size" | "body" | "media":
                self._show(defect=_sentence(problem))
                _log.error("the server refuses line(s): %s %s", _sentence(problem), problem.members)
        return self._wait()

    def _gap(self, expected: int, reply: Reply) -> Step:
        if self._is_ahead(expected - 1):
            return self._ahead(_Claim.of(reply, expected - 1))
        row = self._journal.row()
        if max(0, expected - 1) < row.pruned:
            # What is still here goes into quarantine after the enrolment, from its first line on.
            self._journal.mark(state="pruned", acked=row.pruned)
            self._show(state="pruned", defect=PRUNED)
            return self._wait_hour()
        if row.state != "open":  # only an open journal has gaps: it was restored, or has found more
            note_open(self._folder)
            self._journal.mark(state="open")
            self._show(state="open", defect="")
        self._journal.mark(acked=max(0, expected - 1))  # a restored server: all is still here
        self._gaps += 1
        news = row.state != "open" or expected - 1 != row.acked
        return "more" if news and self._gaps < 3 else self._wait()

    def _fork(self, problem: Problem, *, sent: int) -> Step:
        """Believed only with another line of this very key at a place that this card has too, or
        beyond it."""
        try:
            note = unb64(str(problem.members["head"]))
            head = open_head(
                note, kiosk=self._kiosk, journal=self._uuid, public_key=self._public_key
            )
        except (ValueError, ProtocolError) as error:
            return self._no_answer(f"an unproved fork: {error}")
        own = self._journal.hash_at(head.seq)
        if own is None and head.seq <= self._journal.row().pruned:
            return self._unproved(problem, "the head it names is of a pruned line")
        if own == head.hash:
            return self._unproved(problem, "the head it names is this journal's own")
        if self._journal.row().state != "forked":
            # Where the branches part is known from lines; from a heartbeat only that they do. A
            # crash between the two marks: the same answer comes again.
            note_fork(self._folder, _number(problem, "seq") if sent else 1, self._journal)
            self._journal.mark(state="forked")
        self._show(state="forked", defect=_sentence(problem))
        return self._wait_hour()

    def _unproved(self, problem: Problem, why: str) -> Step:
        """A proof that proves nothing; but a fork that was proved before is still one, and the
        lines have to be handed over."""
        if self._journal.row().state != "forked":
            return self._no_answer(f"an unproved fork: {why}")
        self._show(state="forked", offline=False, defect=_sentence(problem))
        return self._wait_hour()

    def _is_ahead(self, stored: int) -> bool:
        """Whether the server says that it has lines which this card has not. Lines are durable
        before they are sent, by whichever process, so the head is read after the answer."""
        return stored > self._journal.head().seq or self._journal.row().state == "old-copy"

    def _ahead(self, claim: "_Claim") -> Step:
        """An old copy of a card must not go on; but no receipt names its journal, and a proxy that
        repeats another kiosk's must not put this one out of service. So the claim has to come
        twice, each time over a new connection, from a clock that went on meanwhile."""
        before = self._claim
        if self._journal.row().state != "old-copy" and not (before and claim.proves(before)):
            self._claim = before if before and claim.agrees_with(before) else claim
            self._door.close()
            self._show(offline=True)
            self.heard = self._introduced = False
            self.not_before = time.monotonic() + ASK_AGAIN_S + self._back_off.wait_s()
            return "wait"
        self._journal.mark(state="old-copy")
        if self._writer is not None:
            self._writer.refuse(OLD_COPY)
        self._show(state="old-copy", offline=False, defect=OLD_COPY)
        return self._wait_hour()

    # Waiting ------------------------------------------------------------------------------

    def _no_answer(self, why: str) -> Step:
        _log.info("no answer: %s", why)
        self.witness.lost()
        self.heard = False
        self._show(offline=True)
        return self._wait()

    def _wait(self, told_s: float | None = None) -> Step:
        self.not_before = time.monotonic() + self._back_off.wait_s(told_s)
        return "wait"

    def _wait_hour(self) -> Step:
        self.not_before = time.monotonic() + about(HOURLY_S)
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
        # A slow answer tells the time no better than by half its way: that is no movement.
        moved = known is None or abs(offset - known) > CLOCK_MOVED_MS + reply.rtt_ms // 2
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
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER_S)


def _offset_ms(record: ClockRecord) -> int:
    return record.server_ms - record.rtt_ms // 2 - record.mono_ms


def _number(problem: Problem, name: str) -> int:
    value = problem.members[name]
    return value if isinstance(value, int) else 0


def _sentence(problem: Problem) -> str:
    return problem.detail or problem.title
