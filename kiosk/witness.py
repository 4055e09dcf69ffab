"""This kiosk as a witness of the server's log: whether what it is shown goes on from what it saw.

Whatever comes, sending goes on: a log that contradicts itself is written down and shown, and the
checkpoint held is kept (protocol.md 10).
"""

import logging
import sqlite3
from collections.abc import Callable, Sequence

from kiosk.clock import Clock
from kiosk.journal_file import Journal, is_damage
from kiosk.journal_store import Writer
from protocol.checkpoint import (
    MAX_CHECKPOINT_BYTES,
    Checkpoint,
    LogKey,
    follow_rotations,
    open_checkpoint,
    read_checkpoint,
)
from protocol.envelope import MAX_LINE_BYTES
from protocol.errors import ProtocolError
from protocol.keys import b64, public_bytes, unb64
from protocol.merkle import EMPTY_ROOT, BadProof, verify_consistency
from protocol.note import BadNote, Signature, key_id, split_note
from protocol.problems import Receipt
from protocol.records import Checkpoint as CheckpointRecord
from protocol.records import Contradiction, encode_data, understand

HOUR_MS = 3_600_000
MOST_GAP_MS = HOUR_MS  # between two answers that count as contact all the while
MOST_CONTRADICTIONS = 100  # in one journal
KEEP_CONTACT_MS = 600_000  # so much of it may be lost at a power cut
MOST_ROTATIONS = 32  # that are looked at in one receipt
MAX_DATA_BYTES = MAX_LINE_BYTES - 512  # of a record, whatever the rest of its line
_log = logging.getLogger(__name__)


def read_shown(text: str) -> bytes:
    """The note that an answer shows; BadNote if it is no checkpoint of anybody's."""
    note = text[: MAX_CHECKPOINT_BYTES + 1].encode("utf-8", "replace")
    read_checkpoint(note)
    return note


def judge(
    shown: bytes, proof: Sequence[str], held: bytes | None, keys: Sequence[LogKey]
) -> bytes | None:
    """The note to hold instead of `held`, with the log's own signatures; None if that is no newer.

    `held` is what the asker said that it holds, which was verified; `proof`: hashes in base64.
    BadNote or BadProof if the log contradicts itself.
    """
    found = open_checkpoint(shown, keys)
    if not found.size and found.root != EMPTY_ROOT:
        raise BadProof("A tree without an entry has another root.")
    hashes = _hashes(proof)
    before = read_checkpoint(held) if held is not None else None
    if before is None or not before.size:  # everything extends nothing
        if hashes:
            raise BadProof("Nothing was to be proved, but the proof is not empty.")
        return own_lines(shown, keys) if before is None or found.size else None
    if found.size < before.size:
        return None
    verify_consistency(
        old=before.size, new=found.size, old_root=before.root, new_root=found.root, proof=hashes
    )
    return own_lines(shown, keys) if found.size > before.size else None


def own_lines(note: bytes, keys: Sequence[LogKey]) -> bytes:
    """The note without the signatures of others: witnesses', and who knows whose."""
    ours = {(key.origin, key_id(key.origin, public_bytes(key.public))) for key in keys}
    return _with(note, [s for s in split_note(note)[1] if (s.name, s.key_id) in ours])


def _with(note: bytes, lines: Sequence[Signature]) -> bytes:
    signed = "".join(f"— {s.name} {b64(s.key_id + s.signature)}\n" for s in lines)
    return f"{split_note(note)[0]}\n{signed}".encode()


def _hashes(proof: Sequence[str]) -> list[bytes]:
    try:
        return [unb64(text) for text in proof]
    except ValueError:
        raise BadProof("A hash of the proof is not base64.") from None


def describe(shown: bytes, proof: Sequence[str], held: bytes | None) -> Contradiction:
    """The record of a contradiction, small enough for a line: what proves least is left out first,
    other bodies' signatures, then the proof, then signatures that no key here has made."""
    notes = [held] if held is not None else []
    try:
        _hashes(proof)
    except BadProof:
        proof = ()  # a record holds base64 only
    lines = split_note(shown)[1]
    names = {read_checkpoint(note).origin for note in (*notes, shown)}
    ours = [line for line in lines if line.name in names]
    short, shortest = _with(shown, ours), _with(shown, ours[:1])
    for note, kept in ((shown, proof), (short, proof), (short, ()), (shortest, ())):
        record = Contradiction(notes=tuple(n.decode() for n in (*notes, note)), proof=tuple(kept))
        if len(encode_data(record)) <= MAX_DATA_BYTES:
            return record
    return Contradiction(notes=tuple(n.decode() for n in notes), proof=())


class Witness:
    """For the sending thread. `held` goes out with each request; `take` reads its receipt."""

    def __init__(
        self,
        journal: Journal,
        writer: Writer | None,
        clock: Clock,
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        """`has_room`: for what is not a vote; without a writer nothing is written down here."""
        self._journal, self._writer, self._clock = journal, writer, clock
        self._has_room = has_room
        self._settled: object = None  # what was taken last and needs no second look
        self._answered_ms: int | None = None
        self._contact_ms = 0  # not yet in the file
        self._rotations: tuple[str, ...] = ()
        self._contradicted_ms: int | None = None  # when this run wrote a record of it
        self._wrote_ms, self._written_size = self._last_written()

    def held(self) -> bytes | None:
        """The newest verified checkpoint."""
        return self._journal.log.row().checkpoint

    def take(self, receipt: Receipt, held: bytes | None) -> None:
        """A receipt to a request that carried `held`. Raises nothing but damage of the file."""
        try:
            self._count_contact()
            self._follow_keys(receipt.log_keys)
            if receipt.checkpoint is not None:
                self._look_at(receipt.checkpoint, receipt.consistency, held)
            self._write_down()
        except ProtocolError as error:
            _log.error("what the server shows of its log cannot be used: %s", error)
        except (sqlite3.Error, TimeoutError) as error:
            if is_damage(error):
                raise
            _log.error("the log's checkpoint could not be kept: %s", error)

    def lost(self) -> None:
        """There was no answer: the time until the next one is no contact."""
        self._answered_ms = None

    def matches(self, text: str | None) -> Checkpoint | None:
        """The checkpoint held, if an answer that proves something about it shows the same one.

        No proof of consistency comes with such an answer. So a newer or an older one is neither
        believed nor doubted: the next receipt will tell. One without the log's signature, or with
        another root for this size, is a contradiction like in a receipt, and taken down as such.
        """
        held = self.held()
        if text is None or held is None:
            return None
        shown = read_shown(text)
        mine = read_checkpoint(held)
        try:
            found = open_checkpoint(shown, self.keys())
            if found.size != mine.size:
                return None
            verify_consistency(
                old=mine.size, new=found.size, old_root=mine.root, new_root=found.root, proof=[]
            )
        except (BadNote, BadProof) as error:
            self._contradict(shown, (), held, error)
            return None
        return mine

    def keys(self) -> list[LogKey]:
        """The log's keys: that of the enrolment, and those that it has handed over to."""
        known = self._journal.row().log_key
        return [LogKey.parse(key) for key in (known, *self._journal.log.handed_over()) if key]

    # ------------------------------------------------------------------------------------

    def _count_contact(self) -> None:
        """Time counts from answer to answer, as long as none failed to come in between."""
        now = self._clock.mono_ms()
        if self._answered_ms is not None and self.held() is not None:
            self._contact_ms += min(max(0, now - self._answered_ms), MOST_GAP_MS)
        self._answered_ms = now
        if self._contact_ms >= KEEP_CONTACT_MS:
            self._journal.log.mark(contact_ms=self._journal.log.row().contact_ms + self._contact_ms)
            self._contact_ms = 0

    def _follow_keys(self, rotations: tuple[str, ...]) -> None:
        if rotations == self._rotations:
            return
        notes = [note.encode("utf-8", "replace") for note in rotations[:MOST_ROTATIONS]]
        known = self.keys()
        for key in follow_rotations(known, notes)[len(known) :]:
            # A crash after this: the key is known, and the same receipt comes again.
            self._journal.log.keep_key(key.vkey)
            _log.info("the log has a new key, under the one before: %s", key.vkey)
        self._rotations = rotations

    def _look_at(self, text: str, proof: Sequence[str], held: bytes | None) -> None:
        if (text, proof, held) == self._settled:
            return
        keys = self.keys()
        if not keys:
            raise BadNote("The enrolment named no key of the log; enrol this kiosk anew.")
        shown = read_shown(text)
        try:
            newer = judge(shown, proof, held, keys)
        except (BadNote, BadProof) as error:
            if not self._contradict(shown, proof, held, error):
                return
        else:
            # A crash before this asks for the same proof again, after it for the next.
            if newer is not None and not self._journal.log.move_on(held, newer):
                return
        self._settled = (text, proof, held)

    def _contradict(
        self, shown: bytes, proof: Sequence[str], held: bytes | None, why: ProtocolError
    ) -> bool:
        """Takes down a contradiction; whether it need not be looked at again. Each is one record
        for ever. New ones are written once an hour, up to a hundred: whoever invents them shall
        not fill the card."""
        at = self._clock.read()
        offset = self._clock.offset_ms
        # A crash between the two: it is shown, and recorded when it is met again.
        self._journal.log.contradict(at.wall_ms if offset is None else at.mono_ms + offset)
        record = describe(shown, proof, held)
        if self._writer is None:
            return False
        written = [line.data for line in self._journal.rare("contradiction")]
        if encode_data(record) in written or len(written) >= MOST_CONTRADICTIONS:
            return True
        if not _is_hour_since(self._contradicted_ms, at.mono_ms):
            return False
        _log.error("the server's log contradicts itself: %s", why)
        failure = self._writer.append(record, at).exception(timeout=10)
        if failure is not None:
            _log.error("the contradiction was not written down: %s", failure)
            return False
        self._contradicted_ms = at.mono_ms
        return True

    def _write_down(self) -> None:
        """Puts the checkpoint held into the journal, which the server cannot sign. Once an hour at
        most: the line makes a new checkpoint in its turn."""
        note, at = self.held(), self._clock.read()
        if self._writer is None or note is None or not _is_hour_since(self._wrote_ms, at.mono_ms):
            return
        size = read_checkpoint(note).size
        if size <= self._written_size or not self._has_room():
            return
        record = CheckpointRecord(note=note.decode())
        failure = self._writer.append(record, at).exception(timeout=10)
        if failure is not None:
            _log.error("the checkpoint was not written down: %s", failure)
            return
        self._wrote_ms, self._written_size = at.mono_ms, size

    def _last_written(self) -> tuple[int | None, int]:
        """When (since boot) the newest `checkpoint` of the journal was written, and its size. Of
        another boot only the wall clock tells, and if it is wrong an hour passes at the most."""
        line, at = self._journal.newest("checkpoint"), self._clock.read()
        if line is None:
            return None, -1
        try:
            record = understand("checkpoint", line.data)
            size = read_checkpoint(getattr(record, "note", "").encode()).size
        except ProtocolError:  # nothing that this program has written
            return None, -1
        if line.boot == at.boot:
            return line.mono_ms, size
        age_ms = at.wall_ms - line.wall_ms
        return (at.mono_ms - age_ms if 0 <= age_ms < HOUR_MS else None), size


def _is_hour_since(before_ms: int | None, now_ms: int) -> bool:
    return before_ms is None or now_ms - before_ms >= HOUR_MS
