"""A journal as the doors know it: its key, its row, its head, and why something is refused."""

import hashlib
import threading
from collections.abc import Iterator
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
    open_head,
)
from protocol.journal import read_head as read_unverified
from protocol.keys import check_public_key
from protocol.names import BadName, check_journal
from protocol.note import BadNote
from protocol.request import MAX_SKEW_MS, RequestSignature
from server.clock import now_ms as now_ms
from server.database import Cursor, write
from server.ledger.services import SELECT_SHOWN

SELECT_KEY = "SELECT unit, kiosk, public_key, enrolled_ms FROM ingest_journal WHERE journal = %s"
SELECT_JOURNAL = (
    "SELECT state, acked, head_hash, head_note, fork_seq, fork_note, seen_ms, signed_ms, "
    "(SELECT max(version) FROM fleet_configuration WHERE kiosk_id = %s), "
    "(SELECT heartbeat_s FROM fleet_configuration WHERE kiosk_id = %s "
    "ORDER BY version DESC LIMIT 1), {shown} "
    "FROM ingest_journal WHERE unit = %s AND journal = %s FOR UPDATE"
).replace("{shown}", SELECT_SHOWN)
LOOK_AT_JOURNAL = SELECT_JOURNAL.removesuffix(" FOR UPDATE")
SELECT_CONFIGURATION = (
    "SELECT version, body, note FROM fleet_configuration "
    "WHERE kiosk_id = %s ORDER BY version DESC LIMIT 1"
)

SELECT_JOURNALS_OF = (
    "SELECT journal FROM ingest_journal WHERE kiosk = %s ORDER BY enrolled_ms DESC, journal"
)
SELECT_MEDIA = "SELECT body FROM fleet_media WHERE sha256 = %s"


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
    enrolled_ms: int


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
    signed_ms: int
    config: int | None
    heartbeat_s: int | None
    checkpoint: bytes | None


def server_name() -> str:
    """The name that kiosks sign their requests for."""
    name: str = settings.DATA.server_name
    return name


def check_clock(signature: RequestSignature) -> None:
    """Refused `clock` if the sender's time is more than five minutes from ours."""
    now = now_ms()
    if signature.skew_ms(now) > MAX_SKEW_MS:
        raise Refused("clock", server_ms=now)


_keys: dict[str, JournalKey] = {}
_verified: dict[str, bytes] = {}  # SHA-256 of the newest good head note of each journal
_stamp_lock = threading.Lock()
_last_stamp = 0


def forget_journals() -> None:
    """Empty the cache of journal keys (they never change; a test's database does)."""
    _keys.clear()
    _verified.clear()


def find_journal(journal: str) -> JournalKey:
    """The journal of this id; Refused `key` if there is none."""
    known = _keys.get(journal)
    if known is None:
        _check_id(journal)
        known = write(lambda cursor: _read_key(cursor, journal))
        if known is None:
            raise Refused("key")
        _keys[journal] = known
    return known


def _check_id(journal: str) -> None:
    try:
        check_journal(journal)
    except BadName:
        raise Refused("key") from None


def _read_key(cursor: Cursor, journal: str) -> JournalKey | None:
    row = cursor.one(SELECT_KEY, (journal,))
    if row is None:
        return None
    unit, kiosk, raw, enrolled_ms = row
    public, genesis = check_public_key(bytes(raw)), genesis_hash(journal, bytes(raw))
    return JournalKey(unit, journal, kiosk, public, genesis, enrolled_ms)


def read_head(key: JournalKey, note: bytes) -> Head:
    """Check 3: the head that `note` names; Refused `key` if it is not this journal's own.

    A kiosk where nothing happens sends the same note every minute: its very bytes were verified.
    """
    digest = hashlib.sha256(note).digest()
    if _verified.get(key.journal) == digest:
        return read_unverified(note)[2]
    try:
        head = open_head(note, kiosk=key.kiosk, journal=key.journal, public_key=key.public_key)
    except BadNote as error:
        raise Refused("key") from error
    if head.seq == 0 and head.hash != key.genesis:
        raise Refused("key")
    _verified[key.journal] = digest
    return head


def read_lines(key: JournalKey, head: Head, body: bytes) -> list[CheckedLine]:
    """The body's lines, checked on their own and against the head; none for a heartbeat."""
    if body in (b"", b"\n"):
        return []
    try:
        lines = check_lines(body, journal=key.journal)
        check_ends(lines, genesis=key.genesis, head=head)
    except MalformedLine as error:
        raise Refused("line", line=error.place, seq=error.seq, detail=str(error)) from error
    return lines


def read_journal(cursor: Cursor, key: JournalKey, *, hold: bool = True) -> Stored:
    """The journal's row, held until the transaction ends (on SQLite there is but one)."""
    sql = SELECT_JOURNAL if hold else LOOK_AT_JOURNAL
    row = cursor.one(sql, (key.kiosk, key.kiosk, key.unit, key.journal))
    if row is None:
        raise Refused("key")
    state, acked, head_hash, head_note, fork_seq, fork_note, seen_ms, signed_ms, *shown = row
    config, beat, checkpoint = shown
    return Stored(
        state,
        acked,
        bytes(head_hash),
        bytes(head_note),
        fork_seq,
        bytes(fork_note),
        seen_ms,
        signed_ms,
        config,
        beat,
        None if checkpoint is None else bytes(checkpoint),
    )


def stamp(at_ms: int | None) -> int:
    """The receipt time; never earlier than the one before, so that arrival has an order."""
    if at_ms is not None:
        return at_ms
    global _last_stamp
    with _stamp_lock:
        _last_stamp = max(_last_stamp, now_ms())
        return _last_stamp


def check_open(key: JournalKey) -> None:
    """Refused `closed` or `revoked` for a journal whose side doors are shut."""
    state = write(lambda cursor: read_journal(cursor, key)).state
    if state in ("closed", "revoked"):
        raise Refused(state)


def newest_configuration(key: JournalKey) -> tuple[int, bytes, bytes] | None:
    """Version, body and note of what the journal's kiosk shall show; None before the first."""
    row = write(lambda cursor: cursor.one(SELECT_CONFIGURATION, (key.kiosk,)))
    return None if row is None else (int(row[0]), bytes(row[1]), bytes(row[2]))


def journals_of(kiosk: str) -> Iterator[JournalKey]:
    """The journals of a kiosk, whatever their state, newest first."""
    for (journal,) in write(lambda cursor: cursor.all(SELECT_JOURNALS_OF, (kiosk,))):
        yield find_journal(journal)


def find_media(sha256: str) -> bytes | None:
    """A picture's bytes by their hash (64 hex digits); None if there is none."""
    row = write(lambda cursor: cursor.one(SELECT_MEDIA, (sha256,)))
    return None if row is None else bytes(row[0])
