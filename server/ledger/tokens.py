"""Auditors' tokens: who may fetch the entries, in which votes of named officials stand."""

import hashlib
import secrets
from typing import Final

from server.database import Cursor, write
from server.ledger.services import record_deed

BYTES: Final = 20
VIEWED_EVERY_MS = 24 * 3600 * 1000
INSERT = (
    "INSERT INTO ledger_auditortoken (sha256, name, made_ms, made_by, viewed_ms) "
    "VALUES (%s, %s, %s, %s, 0)"
)
SELECT = "SELECT name, viewed_ms FROM ledger_auditortoken WHERE sha256 = %s AND ended_ms IS NULL"
UPDATE_VIEWED = "UPDATE ledger_auditortoken SET viewed_ms = %s WHERE sha256 = %s AND viewed_ms = %s"
SELECT_VIEWED = "SELECT viewed_ms FROM ledger_auditortoken WHERE sha256 = %s"
END = "UPDATE ledger_auditortoken SET ended_ms = %s WHERE name = %s AND ended_ms IS NULL"
COUNT = "SELECT count(*) FROM ledger_auditortoken WHERE name = %s AND ended_ms IS NULL"


def make_token(*, name: str, by: str, now_ms: int) -> str:
    """A new token for an auditor, told this once; its hash is what is kept."""
    token = f"hl-{secrets.token_hex(BYTES)}"
    write(lambda cursor: cursor.execute(INSERT, (_hash(token), name, now_ms, by)))
    return token


def end_tokens(*, name: str, now_ms: int) -> int:
    """End an auditor's tokens; how many there were."""

    def work(cursor: Cursor) -> int:
        row = cursor.one(COUNT, (name,))
        cursor.execute(END, (now_ms, name))
        return int(row[0]) if row else 0

    return write(work)


def may_view(token: str, *, now_ms: int) -> bool:
    """Whether the token opens the entries. The first look of a day is recorded before it is
    given: who read votes of named officials stands in the log itself."""
    hash = _hash(token)

    def work(cursor: Cursor) -> bool:
        row = cursor.one(SELECT, (hash,))
        if row is None:
            return False
        name, viewed_ms = row
        if now_ms - viewed_ms >= VIEWED_EVERY_MS:
            _record_view(cursor, hash, name, viewed_ms, now_ms)
        return True

    return write(work)


def _record_view(cursor: Cursor, hash: str, name: str, before_ms: int, now_ms: int) -> None:
    cursor.execute(UPDATE_VIEWED, (now_ms, hash, before_ms))
    # Two requests at once: the other one's update made this one match no row.
    row = cursor.one(SELECT_VIEWED, (hash,))
    if row is None or row[0] != now_ms:
        return
    record_deed(
        cursor, unit="", journal=f"auditor-{hash[:16]}", type="viewed", seq=now_ms, at_ms=now_ms,
        data={"by": name, "what": "entries of the log, with an auditor's token"},
    )  # fmt: skip


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
