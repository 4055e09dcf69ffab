"""Lines that a journal's state keeps out: kept apart, as evidence, and counted by nobody."""

import hashlib
from collections.abc import Sequence

from protocol.journal import CheckedLine, Head
from protocol.keys import b64
from server.database import Cursor, write
from server.ingest.journals import JournalKey, Refused, read_journal, read_lines, stamp
from server.ledger.services import record_deed

COUNT_QUARANTINED = "SELECT count(*) FROM ingest_quarantined WHERE unit = %s AND journal = %s"
INSERT_QUARANTINED = (
    "INSERT INTO ingest_quarantined (unit, journal, seq, sha256, body) "
    "VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
MAX_QUARANTINED = 100_000


def quarantine_lines(key: JournalKey, head: Head, head_note: bytes, body: bytes) -> int:
    """Keep apart the lines of a journal that is forked, revoked or closed; how many were sent.

    Raises Refused: `line`, `open`, or `rate` when the journal's quarantine is full.
    """
    lines = read_lines(key, head, body)
    refused = write(lambda cursor: _keep_apart(cursor, key, lines, head_note))
    if refused is not None:
        raise refused
    return len(lines)


def _keep_apart(
    cursor: Cursor, key: JournalKey, lines: Sequence[CheckedLine], head_note: bytes
) -> Refused | None:
    stored = read_journal(cursor, key)
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
    at_ms = stamp(None)
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
            "head": b64(head_note),
            "ms": at_ms,
            "sha256": hashlib.sha256(b"\n".join(line.line for line in lines)).hexdigest(),
        },
    )
