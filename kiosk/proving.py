"""Once a day: are the acknowledged lines in the server's log? A line that was dropped on arrival is
noticed here, and nothing is pruned before it is proved (protocol.md 10)."""

import logging
import random
import time
from collections import deque
from collections.abc import Callable

from kiosk.clock import Clock
from kiosk.door import Door, NoAnswer, Reply
from kiosk.journal_file import Journal
from kiosk.log_memory import LogRow
from kiosk.pace import BackOff, about
from kiosk.witness import Witness
from protocol.checkpoint import Checkpoint
from protocol.errors import ProtocolError
from protocol.inclusion import MAX_LINES, Inclusion, LineProof, decode_inclusion
from protocol.merkle import leaf_hash, verify_inclusion

NEVER = float("inf")
SETTLED_MS = 600_000  # from the acknowledgement until a line has to be in the log
SPREAD_MS = 1_800_000  # those who are switched on together do not all ask together
DAY_MS = 86_400_000
PAUSE_S = 2.0  # between the requests of a long check: others ask, and lines go first
SOON_S, BEHIND_S = 3.0, 60.0  # until a receipt has shown the checkpoint that the proofs lead to
WITHIN_S = 10.0  # the longest that a vote waits for an answer
_log = logging.getLogger(__name__)


class Prover:
    """For the sending thread, a request at a time when the journal has nothing to send. Times named
    `…_at` are of time.monotonic."""

    def __init__(
        self,
        journal: Journal,
        door: Door,
        witness: Witness,
        clock: Clock,
        wake: Callable[[], None] = lambda: None,
        spread_ms: int = SPREAD_MS,
    ) -> None:
        """`wake`: a receipt is wanted soon."""
        self._journal, self._door, self._witness = journal, door, witness
        self._clock, self._wake = clock, wake
        row = journal.row()
        self._path = f"/api/v1/journals/{row.uuid}/inclusion"
        now = clock.mono_ms()
        self._settled = 0  # up to here lines were acknowledged ten minutes ago
        self._young = deque([(now, row.acked)])  # up to where, since when, later than that
        self._begin_ms = now + SETTLED_MS + random.randint(0, spread_ms)  # noqa: S311 (no secret)
        self._retry_at = 0.0
        self._back_off = BackOff()
        self._behind = 0  # answers in a row under another checkpoint
        self.due_at = NEVER

    def look(self) -> None:
        """Whether there is anything to ask; cheap, after every answer."""
        now, row = self._clock.mono_ms(), self._journal.row()
        if not self._young or self._young[-1][1] != row.acked:
            self._young.append((now, row.acked))
        while self._young and now - self._young[0][0] >= SETTLED_MS:
            self._settled = self._young.popleft()[1]
        due = (
            now >= self._begin_ms and row.state == "open" and self._is_due(self._journal.log.row())
        )
        self.due_at = max(time.monotonic(), self._retry_at) if due else NEVER

    def step(self) -> None:
        """One request, and what its answer proves."""
        first, last = self._wanted(self._journal.log.row())
        if first > last:
            self.look()
            return
        last = min(last, first + MAX_LINES - 1)
        try:
            reply = self._door.ask("GET", f"{self._path}?from={first}&to={last}", within_s=WITHIN_S)
            self._answered(reply, first, last)
        except NoAnswer as error:
            self._left_out(first, f"no answer: {error}")
            self._retry_at = time.monotonic() + self._back_off.wait_s()
        except ProtocolError as error:
            self._left_out(first, str(error))
            self._finish()
        self.look()

    def close(self) -> None:
        """The connection is the sender's."""

    # What there is to ask -------------------------------------------------------------------

    def _wanted(self, log: LogRow) -> tuple[int, int]:
        """The first line that is not proved, and the last that ought to be."""
        row = self._journal.row()
        return max(log.proved, row.pruned) + 1, min(self._settled, row.acked)

    def _is_due(self, log: LogRow) -> bool:
        """A day after the check before, by the server's time or after a day of contact by our own:
        a server whose time stands still is asked all the same."""
        first, last = self._wanted(log)
        if log.checkpoint is None or first > last:  # no log was ever shown: an older server
            return False
        late = not log.next_ms - 2 * DAY_MS < self._now_ms() < log.next_ms
        return late or log.contact_ms >= log.next_contact_ms

    def _now_ms(self) -> int:
        at, offset = self._clock.read(), self._clock.offset_ms
        return at.wall_ms if offset is None else at.mono_ms + offset

    # What comes back ------------------------------------------------------------------------

    def _answered(self, reply: Reply, first: int, last: int) -> None:
        problem = reply.problem()
        if problem is not None and problem.word in ("rate", "busy", "clock"):
            told = reply.headers.get("retry-after", "")
            self._left_out(first, problem.word)
            wait_s = self._back_off.wait_s(float(told) if told.isdecimal() else None)
            self._retry_at = time.monotonic() + wait_s
            return
        if not reply.is_json(200):
            self._left_out(first, f"status {reply.status}")
            self._finish()
            return
        inclusion = decode_inclusion(reply.body)
        self._back_off.succeed()
        checkpoint = self._witness.matches(inclusion.checkpoint)
        if checkpoint is None:
            # The sender's next receipt brings a proof that leads to the newer one.
            self._left_out(first, "under another checkpoint")
            self._behind += 1
            if is_first := self._behind % 2 == 1:
                self._wake()
            self._retry_at = time.monotonic() + about(SOON_S if is_first else BEHIND_S)
            return
        self._behind = 0
        self._take(inclusion, checkpoint, first, last)

    def _take(self, inclusion: Inclusion, checkpoint: Checkpoint, first: int, last: int) -> None:
        """Marks what is proved from the front on; what stands behind a hole is asked again."""
        proofs = {line.seq: line for line in reversed(inclusion.lines)}
        own = self._journal.lines_after(first - 1, max_lines=last - first + 1, max_bytes=1 << 30)
        proved, wrong = first - 1, ""
        for seq, line in enumerate(own, first):
            if seq not in proofs:
                break
            try:
                _verify(proofs[seq], line, checkpoint)
            except ProtocolError as error:
                wrong = str(error)
                break
            proved = seq
        # A crash before this costs a repeat; nothing is ever marked that was not verified.
        self._journal.log.prove(proved)
        if wrong:  # there is a proof, of something else: no time will make that good by itself
            self._journal.log.mark(missing=proved + 1)
            _log.error("the log's proof of line %d is wrong: %s", proved + 1, wrong)
        if proved < last:
            self._left_out(proved + 1, "not in the answer")
            self._finish()
            return
        first, last = self._wanted(self._journal.log.row())
        if first > last:
            self._finish()
        else:
            self._retry_at = time.monotonic() + PAUSE_S * random.uniform(0.5, 1.5)  # noqa: S311

    def _left_out(self, seq: int, why: str) -> None:
        """This line could not be proved, whatever the reason: a door that is shut, or names another
        checkpoint each time, would hide it as well. Only time in which the server answered counts,
        so no network makes a line missing."""
        log = self._journal.log.row()
        _log.info("line %d is not proved yet: %s", seq, why)
        if log.front != seq:
            self._journal.log.mark(front=seq, front_since_ms=log.contact_ms)
        elif log.missing is None and log.contact_ms - log.front_since_ms >= DAY_MS:
            _log.error("line %d is acknowledged and is missing in the server's log", seq)
            self._journal.log.mark(missing=seq)

    def _finish(self) -> None:
        """For today; a line that was left out is asked for again when its time is over."""
        log = self._journal.log.row()
        waits = log.front == self._wanted(log)[0]
        until_ms = (log.front_since_ms if waits else log.contact_ms) + DAY_MS
        if until_ms <= log.contact_ms:
            until_ms = log.contact_ms + DAY_MS
        next_ms = self._now_ms() + int(about(DAY_MS))
        self._journal.log.mark(next_ms=next_ms, next_contact_ms=until_ms)


def _verify(proof: LineProof, line: bytes, checkpoint: Checkpoint) -> None:
    """BadProof, or BadInclusion, unless this very line is in the tree."""
    verify_inclusion(
        index=proof.index, size=checkpoint.size, leaf=leaf_hash(line), proof=proof.hashes(),
        root=checkpoint.root,
    )  # fmt: skip
