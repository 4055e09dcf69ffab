"""A kiosk that was not heard for three heartbeats: written down by the contact that ends it."""

from server.database import Cursor
from server.fleet.uptime import HEARTBEAT_S, silent_after_ms
from server.ingest.journals import JournalKey, Stored

# The heartbeat that the kiosk could know of when it was last heard.
SELECT_KNOWN = (
    "SELECT heartbeat_s FROM fleet_configuration WHERE kiosk_id = %s AND made_ms <= %s "
    "ORDER BY version DESC LIMIT 1"
)
INSERT_SILENCE = (
    "INSERT INTO fleet_silence (kiosk, started_ms, ended_ms) VALUES (%s, %s, %s) "
    "ON CONFLICT (kiosk, started_ms) DO NOTHING"
)


def end_silence(cursor: Cursor, key: JournalKey, stored: Stored, at_ms: int) -> None:
    """Write down the silence that this contact ends, if there was one; in its transaction.

    On the way of every request this is one comparison: what is read stood in the journal's row.
    """
    quiet_ms = at_ms - stored.seen_ms
    if not stored.seen_ms or quiet_ms <= silent_after_ms(stored.heartbeat_s):
        return
    # A heartbeat that was shortened meanwhile was not known to a kiosk that kept to the longer one.
    known = cursor.one(SELECT_KNOWN, (key.kiosk, stored.seen_ms))
    if quiet_ms > silent_after_ms(known[0] if known else HEARTBEAT_S):
        cursor.execute(INSERT_SILENCE, (key.kiosk, stored.seen_ms, at_ms))
