"""Accepting what kiosks send: the checks of protocol.md 6 in their order, then one transaction."""

import base64
import hashlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from protocol.journal import (
    CheckedLine,
    Head,
    MalformedLine,
    check_ends,
    check_lines,
    genesis_hash,
    line_hash,
    open_head,
)
from protocol.keys import check_public_key
from protocol.note import BadNote
from protocol.problems import Receipt
from protocol.request import MAX_SKEW_MS
from server.database import Cursor, write
from server.ledger.services import append_lines, record_deed

SEEN_EVERY_MS = 20_000  # a heartbeat alone moves *last seen*, but not on every beat

SELECT_KEY = "SELECT unit, kiosk, public_key, enrolled_ms FROM ingest_journal WHERE journal = %s"
SELECT_JOURNAL = (
    "SELECT state, acked, head_hash, head_note, fork_seq, fork_note, seen_ms, "
    "(SELECT max(version) FROM fleet_configuration WHERE kiosk_id = %s) "
    "FROM ingest_journal WHERE unit = %s AND journal = %s FOR UPDATE"
)
SELECT_LINES = (
    "SELECT seq, body FROM ledger_line "
    "WHERE unit = %s AND journal = %s AND seq BETWEEN %s AND %s ORDER BY seq"
)
SELECT_CONFIGURATION = (
    "SELECT version, body, note FROM fleet_configuration "
    "WHERE kiosk_id = %s ORDER BY version DESC LIMIT 1"
)
UPDATE_HEAD = (
    "UPDATE ingest_journal SET acked = %s, head_hash = %s, head_note = %s, seen_ms = %s "
    "WHERE unit = %s AND journal = %s"
)
UPDATE_SEEN = "UPDATE ingest_journal SET seen_ms = %s WHERE unit = %s AND journal = %s"
UPDATE_FORKED = (
    "UPDATE ingest_journal SET state = 'forked', fork_seq = %s, fork_note = %s "
    "WHERE unit = %s AND journal = %s"
)
COUNT_QUARANTINED = "SELECT count(*) FROM ingest_quarantined WHERE unit = %s AND journal = %s"
INSERT_QUARANTINED = (
    "INSERT INTO ingest_quarantined (unit, journal, seq, sha256, body) "
    "VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
MAX_QUARANTINED = 100_000


class Refused(Exception):
    """A refusal of protocol.md 6: its word and the members that stand beside it."""

    def __init__(self, word: str, **members: Any) -> None:
        super().__init__(word)
        self.word = word
        self.members = members


@dataclass(frozen=True, slots=True)
class JournalKey:
    """What never changes about a journal: whose it is, its key and its genesis."""

    unit: str
    journal: str
    kiosk: str
    public_key: Ed25519PublicKey
    genesis: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """A journal's row as its transaction sees it."""

    state: str
    acked: int
    head_hash: bytes
    head_note: bytes
    fork_seq: int
    fork_note: bytes
    seen_ms: int
    config: int | None


def now_ms() -> int:
    """Milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def server_name() -> str:
    """The name that kiosks sign their requests for."""
    name: str = settings.DATA.server_name
    return name


def check_clock(ms: int) -> None:
    """Refused `clock` if the sender's time is more than five minutes from ours."""
    now = now_ms()
    if abs(ms - now) > MAX_SKEW_MS:
        raise Refused("clock", server_ms=now)


_keys: dict[str, JournalKey] = {}
_stamp_lock = threading.Lock()
_last_stamp = 0


def forget_journals() -> None:
    """Empty the cache of journal keys (they never change; a test's database does)."""
    _keys.clear()


def find_journal(journal: str) -> JournalKey:
    """The journal of this id; Refused `key` if there is none."""
    known = _keys.get(journal)
    if known is None:
        known = write(lambda cursor: _read_key(cursor, journal))
        if known is None:
            raise Refused("key")
        _keys[journal] = known
    return known


def _read_key(cursor: Cursor, journal: str) -> JournalKey | None:
    row = cursor.one(SELECT_KEY, (journal,))
    if row is None:
        return None
    unit, kiosk, raw, _ = row
    return JournalKey(
        unit, journal, kiosk, check_public_key(bytes(raw)), genesis_hash(journal, bytes(raw))
    )


def read_head(key: JournalKey, note: bytes) -> Head:
    """Check 3: the head that `note` names; Refused `key` if it is not this journal's own."""
    try:
        head = open_head(note, kiosk=key.kiosk, journal=key.journal, public_key=key.public_key)
    except BadNote as error:
        raise Refused("key") from error
    if head.seq == 0 and head.hash != key.genesis:
        raise Refused("key")
    return head


def accept_lines(
    *, journal: str, head_note: bytes, body: bytes, now_ms: int | None = None
) -> Receipt:
    """Store a request's new lines and acknowledge them; twice is the same as once.

    body: lines joined by newlines, or empty for a heartbeat. now_ms: the receipt time, for
    histories; without it the time of the transaction. Raises Refused.
    """
    key = find_journal(journal)
    return accept(key, read_head(key, head_note), head_note, body, now_ms)


def accept(
    key: JournalKey, head: Head, head_note: bytes, body: bytes, at_ms: int | None = None
) -> Receipt:
    """Checks 4 to 9 for a head that is already known to be the journal's own."""
    lines = _checked(key, head, body)

    def work(cursor: Cursor) -> Receipt | Refused:
        return _store(cursor, key, head, head_note, lines, _stamp(at_ms))

    # A refusal is an answer, not a failure: a fork that was found must be committed too.
    answer = write(work)
    if isinstance(answer, Refused):
        raise answer
    return answer


def _stamp(at_ms: int | None) -> int:
    """The receipt time; never earlier than the one before, so that arrival has an order."""
    if at_ms is not None:
        return at_ms
    global _last_stamp
    with _stamp_lock:
        _last_stamp = max(_last_stamp, now_ms())
        return _last_stamp


def _checked(key: JournalKey, head: Head, body: bytes) -> list[CheckedLine]:
    """Check 5, but a journal that is closed or revoked says so first (check 4)."""
    try:
        return _read_lines(key, head, body)
    except Refused:
        state = write(lambda cursor: _read(cursor, key)).state
        if state in ("closed", "revoked"):
            raise Refused(state) from None
        raise


def _read_lines(key: JournalKey, head: Head, body: bytes) -> list[CheckedLine]:
    """The body's lines, checked on their own and against the head; none for a heartbeat."""
    if body in (b"", b"\n"):
        return []
    try:
        lines = check_lines(body, journal=key.journal)
        check_ends(lines, genesis=key.genesis, head=head)
    except MalformedLine as error:
        raise Refused("line", line=error.place, seq=error.seq, detail=str(error)) from error
    return lines


def _read(cursor: Cursor, key: JournalKey) -> Stored:
    row = cursor.one(SELECT_JOURNAL, (key.kiosk, key.unit, key.journal))
    if row is None:
        raise Refused("key")
    state, acked, head_hash, head_note, fork_seq, fork_note, seen_ms, config = row
    return Stored(
        state,
        acked,
        bytes(head_hash),
        bytes(head_note),
        fork_seq,
        bytes(fork_note),
        seen_ms,
        config,
    )


def _store(
    cursor: Cursor,
    key: JournalKey,
    head: Head,
    head_note: bytes,
    lines: list[CheckedLine],
    at_ms: int,
) -> Receipt | Refused:
    """Checks 4 and 6 to 9 in the caller's transaction."""
    stored = _read(cursor, key)
    if stored.state in ("closed", "revoked"):
        return Refused(stored.state)
    place = _compare(cursor, key, stored, head, lines)
    if stored.state == "forked":
        return _fork_answer(stored, strange=place != AGREES)
    if place == GAP:
        return Refused("gap", expected=stored.acked + 1)
    if place != AGREES:
        return _record_fork(cursor, key, stored, head_note, seq=place, at_ms=at_ms)
    new = [line for line in lines if line.seq > stored.acked]
    if new:
        _append(cursor, key, new, head_note, at_ms)
    elif at_ms - stored.seen_ms > SEEN_EVERY_MS:
        cursor.execute(UPDATE_SEEN, (at_ms, key.unit, key.journal))
    return Receipt(
        acked=new[-1].seq if new else stored.acked,
        server_ms=at_ms,
        config=None if stored.config is None else str(stored.config),
        checkpoint=None,
    )


AGREES, GAP = 0, -1


def _compare(
    cursor: Cursor, key: JournalKey, stored: Stored, head: Head, lines: Sequence[CheckedLine]
) -> int:
    """AGREES, GAP, or the lowest seq at which the sender's journal is another one (6 to 8)."""
    first = lines[0].seq if lines else head.seq
    if first > stored.acked + bool(lines):
        return GAP
    if lines and first == stored.acked + 1:
        return AGREES if stored.acked == 0 or lines[0].prev == stored.head_hash else stored.acked
    if not lines:
        return AGREES if _hash_at(cursor, key, stored, head.seq) == head.hash else head.seq
    last = min(lines[-1].seq, stored.acked)
    held = cursor.all(SELECT_LINES, (key.unit, key.journal, first, last))
    for line, (seq, body) in zip(lines, held, strict=False):
        if line.seq != seq or line.line != bytes(body):
            return line.seq
    return AGREES


def _hash_at(cursor: Cursor, key: JournalKey, stored: Stored, seq: int) -> bytes:
    if seq == 0:
        return key.genesis
    if seq == stored.acked:
        return stored.head_hash
    ((_, body),) = cursor.all(SELECT_LINES, (key.unit, key.journal, seq, seq))
    return line_hash(bytes(body))


def _append(
    cursor: Cursor, key: JournalKey, new: Sequence[CheckedLine], head_note: bytes, at_ms: int
) -> None:
    """Check 9: the new lines, their `received` record and the journal's head, together."""
    first, last = new[0].seq, new[-1]
    append_lines(
        cursor, unit=key.unit, journal=key.journal, first=first, lines=[n.line for n in new]
    )
    record_deed(
        cursor,
        unit=key.unit,
        journal=key.journal,
        type="received",
        seq=last.seq,
        from_seq=first,
        at_ms=at_ms,
        data={
            "journal": key.journal,
            "from": first,
            "to": last.seq,
            "head": base64.b64encode(head_note).decode(),
            "ms": at_ms,
        },
    )
    cursor.execute(UPDATE_HEAD, (last.seq, last.hash, head_note, at_ms, key.unit, key.journal))


def _record_fork(
    cursor: Cursor, key: JournalKey, stored: Stored, head_note: bytes, *, seq: int, at_ms: int
) -> Refused:
    """Two journals claim one place: both heads are kept, nothing more is stored."""
    record_deed(
        cursor,
        unit=key.unit,
        journal=key.journal,
        type="forked",
        seq=seq,
        at_ms=at_ms,
        data={
            "journal": key.journal,
            "seq": seq,
            "head_a": base64.b64encode(stored.head_note).decode(),
            "head_b": base64.b64encode(head_note).decode(),
        },
    )
    cursor.execute(UPDATE_FORKED, (seq, head_note, key.unit, key.journal))
    return Refused("fork", seq=seq, head=base64.b64encode(stored.head_note).decode())


def _fork_answer(stored: Stored, *, strange: bool) -> Refused:
    """Show the sender a head that is not on its own branch."""
    note = stored.head_note if strange else stored.fork_note
    return Refused("fork", seq=stored.fork_seq, head=base64.b64encode(note).decode())


def check_open(key: JournalKey) -> None:
    """Refused `closed` or `revoked` for a journal whose side doors are shut."""
    state = write(lambda cursor: _read(cursor, key)).state
    if state in ("closed", "revoked"):
        raise Refused(state)


def newest_configuration(key: JournalKey) -> tuple[int, bytes, bytes] | None:
    """Version, body and note of what the journal's kiosk shall show; None before the first."""
    row = write(lambda cursor: cursor.one(SELECT_CONFIGURATION, (key.kiosk,)))
    return None if row is None else (int(row[0]), bytes(row[1]), bytes(row[2]))


def quarantine_lines(key: JournalKey, head: Head, head_note: bytes, body: bytes) -> int:
    """Keep apart the lines of a journal that is forked, revoked or closed; how many were sent.

    Raises Refused: `line`, `open`, or `rate` when the journal's quarantine is full.
    """
    lines = _read_lines(key, head, body)
    refused = write(lambda cursor: _keep_apart(cursor, key, lines, head_note))
    if refused is not None:
        raise refused
    return len(lines)


def _keep_apart(
    cursor: Cursor, key: JournalKey, lines: Sequence[CheckedLine], head_note: bytes
) -> Refused | None:
    stored = _read(cursor, key)
    if stored.state == "open":
        return Refused("open")
    before = _count_quarantined(cursor, key)
    if before >= MAX_QUARANTINED:
        return Refused("rate", retry_after=3600)
    cursor.many(
        INSERT_QUARANTINED,
        [(key.unit, key.journal, line.seq, line.hash.hex(), line.line) for line in lines],
    )
    after = _count_quarantined(cursor, key)
    if after > before:
        _record_quarantined(cursor, key, lines, head_note, kept=after)
    return None


def _count_quarantined(cursor: Cursor, key: JournalKey) -> int:
    row = cursor.one(COUNT_QUARANTINED, (key.unit, key.journal))
    return int(row[0]) if row else 0


def _record_quarantined(
    cursor: Cursor, key: JournalKey, lines: Sequence[CheckedLine], head_note: bytes, *, kept: int
) -> None:
    at_ms = _stamp(None)
    record_deed(
        cursor,
        unit=key.unit,
        journal=key.journal,
        type="quarantined",
        seq=kept,  # two branches may end at one seq; what is kept only grows
        from_seq=lines[0].seq,
        at_ms=at_ms,
        data={
            "journal": key.journal,
            "from": lines[0].seq,
            "to": lines[-1].seq,
            "head": base64.b64encode(head_note).decode(),
            "ms": at_ms,
            "sha256": hashlib.sha256(b"\n".join(line.line for line in lines)).hexdigest(),
        },
    )
