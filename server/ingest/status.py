"""The status and diagnostics doors (protocol.md 7): what a kiosk says of itself, newest only."""

from collections.abc import Callable
from typing import TypeVar

from protocol.request import RequestSignature
from protocol.status import (
    MAX_DIAGNOSTICS_BYTES,
    MAX_STATUS_BYTES,
    BadStatus,
    Status,
    read_diagnostics,
    read_status,
)
from server.database import Cursor, write
from server.ingest.journals import JournalKey, Refused, stamp

DIAGNOSTICS_KEPT = 5
T = TypeVar("T")

SELECT_STATE = "SELECT state FROM ingest_journal WHERE unit = %s AND journal = %s"
# One row a kiosk, whatever its journal; the condition stands in the statement, so that of two
# requests side by side the one signed later stays.
KEEP_STATUS = (
    "INSERT INTO fleet_kioskstatus (kiosk_id, journal, ms, received_ms, body, attention) "
    "SELECT id, %s, %s, %s, %s, %s FROM fleet_kiosk WHERE id = %s "
    "ON CONFLICT (kiosk_id) DO UPDATE SET journal = excluded.journal, ms = excluded.ms, "
    "received_ms = excluded.received_ms, body = excluded.body, attention = excluded.attention "
    "WHERE fleet_kioskstatus.ms < excluded.ms"
)
SELECT_ORDER = (
    "SELECT number FROM fleet_order WHERE kiosk_id = %s AND number = %s AND what = 'diagnostics'"
)
# What was sent first for an order stays: a repeat, or a lost answer, changes nothing.
KEEP_DIAGNOSTICS = (
    "INSERT INTO fleet_diagnostics (kiosk_id, number, received_ms, text) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT (kiosk_id, number) DO NOTHING"
)
# The newest stay; a late answer to an order older than these is gone again at once.
FORGET_OLDER = (
    "DELETE FROM fleet_diagnostics WHERE kiosk_id = %s AND number NOT IN ("
    "SELECT number FROM fleet_diagnostics WHERE kiosk_id = %s ORDER BY number DESC LIMIT %s)"
)


def needs_attention(status: Status) -> bool:
    """Whether somebody should look at this kiosk, by its own words."""
    low = status.disk is not None and status.disk.low
    return bool(status.faults or status.attention or status.refused is not None or low)


def _check_size(body: bytes, most: int) -> None:
    if len(body) > most:
        raise Refused("size", detail=f"This door takes at most {most} bytes.")


def keep_status(key: JournalKey, signature: RequestSignature, body: bytes) -> None:
    """Replace the kiosk's status unless a newer one is kept; raises Refused."""
    _check_size(body, MAX_STATUS_BYTES)
    found = _read(read_status, body)

    def work(cursor: Cursor) -> Refused | None:
        if refused := _shut(cursor, key):
            return refused
        if isinstance(found, Refused):
            return found
        row = (key.journal, signature.ms, stamp(None), body, needs_attention(found), key.kiosk)
        cursor.execute(KEEP_STATUS, row)
        return None

    _answer(write(work))


def keep_diagnostics(key: JournalKey, body: bytes) -> None:
    """Keep what an order of this kiosk asked for; raises Refused."""
    _check_size(body, MAX_DIAGNOSTICS_BYTES)
    found = _read(read_diagnostics, body)

    def work(cursor: Cursor) -> Refused | None:
        if refused := _shut(cursor, key):
            return refused
        if isinstance(found, Refused):
            return found
        if cursor.one(SELECT_ORDER, (key.kiosk, found.order)) is None:
            return Refused("absent")
        cursor.execute(KEEP_DIAGNOSTICS, (key.kiosk, found.order, stamp(None), found.text))
        cursor.execute(FORGET_OLDER, (key.kiosk, key.kiosk, DIAGNOSTICS_KEPT))
        return None

    _answer(write(work))


def _read(read: Callable[[bytes], T], body: bytes) -> T | Refused:
    try:
        return read(body)
    except BadStatus as error:
        return Refused("body", detail=str(error))


def _shut(cursor: Cursor, key: JournalKey) -> Refused | None:
    """A forked journal's kiosk is welcome: somebody has to see how it does."""
    row = cursor.one(SELECT_STATE, (key.unit, key.journal))
    if row is None:
        return Refused("key")
    return Refused(row[0]) if row[0] in ("closed", "revoked") else None


def _answer(refused: Refused | None) -> None:
    # A refusal is returned through the transaction: raised in it, it would fail its neighbors'.
    if refused is not None:
        raise refused
