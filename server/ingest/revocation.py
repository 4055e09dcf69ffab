"""Revoking a journal from one line on: its card or key is in the wrong hands (protocol.md 4)."""

from dataclasses import dataclass

from server.database import Cursor, write
from server.fleet.exposure import Exposed, exposed_by
from server.ledger.services import record_deed
from server.organisation.selectors import is_code

SELECT_JOURNAL = (
    "SELECT unit, kiosk, state, acked, revoked_seq FROM ingest_journal "
    "WHERE journal = %s FOR UPDATE"
)
# The one whose card is about: the open one, else the newest.
SELECT_NEWEST_OF = (
    "SELECT journal FROM ingest_journal WHERE kiosk = %s "
    "ORDER BY CASE WHEN state IN ('open', 'forked') THEN 0 ELSE 1 END, enrolled_ms DESC, journal"
)
REVOKE = (
    "UPDATE ingest_journal SET state = 'revoked', revoked_seq = %s WHERE unit = %s AND journal = %s"
)
PIN_DUE = "UPDATE organisation_official SET pin_due = %s WHERE code = %s"
ADMIN_PIN_DUE = (
    "INSERT INTO fleet_adminpindue (level, holder, since_ms) VALUES (%s, %s, %s) "
    "ON CONFLICT DO NOTHING"
)
MAX_REASON = 300


class RevocationError(Exception):
    """Something that cannot be revoked like this; str() is one sentence for the administrator."""


@dataclass(frozen=True)
class Revoked:
    """What came of it. stored: lines from `from_seq` on that the server has; they stay counted
    until two people rule otherwise. pins: officials whose PIN has to be changed; admin_pins:
    (level, code) where the technician's PIN has to be."""

    journal: str
    kiosk: str
    from_seq: int
    stored: int
    pins: tuple[str, ...]
    admin_pins: tuple[tuple[str, str], ...]


def find_revocable(id: str) -> str:
    """The journal of this id, or the newest of the kiosk of this id. Raises RevocationError."""
    if is_code(id):
        row = write(lambda cursor: cursor.one(SELECT_JOURNAL, (id,)))
        if row is not None:
            return id
        row = write(lambda cursor: cursor.one(SELECT_NEWEST_OF, (id,)))
        if row is not None:
            return str(row[0])
    raise RevocationError(
        f"There is no journal {id!r}, and no kiosk of this name that has one; "
        "`hailong-server counters` lists them."
    )


def revoke_journal(*, journal: str, from_seq: int, reason: str, by: str, now_ms: int) -> Revoked:
    """Trust no line of the journal from `from_seq` on; all in one transaction, or nothing.

    Its doors are shut but for the quarantine. Lines that are stored stay counted. PINs that the
    kiosk could check become due. from_seq: 1 to the newest stored line + 1. Twice is once; a lower
    line takes more back, a higher one is refused. Raises RevocationError.
    """
    if not reason.strip() or len(reason) > MAX_REASON or not reason.isprintable():
        raise RevocationError(
            f"Say why in one line of 1 to {MAX_REASON} characters: it is kept for ever."
        )
    row = write(lambda cursor: cursor.one(SELECT_JOURNAL, (journal,)))
    if row is None:
        raise RevocationError(f"There is no journal {journal}.")
    # Read before the transaction: who has changed their PIN meanwhile changes it once more.
    exposed = exposed_by(str(row[1]))
    answer = write(
        lambda cursor: _revoke(cursor, journal, from_seq, reason.strip(), by, now_ms, exposed)
    )
    if isinstance(answer, RevocationError):
        raise answer
    return answer


def _revoke(
    cursor: Cursor,
    journal: str,
    from_seq: int,
    reason: str,
    by: str,
    now_ms: int,
    exposed: Exposed,
) -> Revoked | RevocationError:
    row = cursor.one(SELECT_JOURNAL, (journal,))
    if row is None:
        return RevocationError(f"There is no journal {journal}.")
    unit, kiosk, state, acked, revoked_seq = row
    if not 1 <= from_seq <= acked + 1:
        return RevocationError(
            f"The newest line that is stored is {acked}; revoke from a line between 1 and "
            f"{acked + 1}."
        )
    revoked = Revoked(
        journal, kiosk, from_seq, acked - from_seq + 1, exposed.officials, exposed.levels
    )
    if state == "revoked" and from_seq == revoked_seq:
        return revoked
    if state == "revoked" and from_seq > revoked_seq:
        return RevocationError(
            f"The journal is revoked from line {revoked_seq} on already; "
            "trust is given back by a ruling of two people alone."
        )
    cursor.execute(REVOKE, (from_seq, unit, journal))
    record_deed(
        cursor,
        unit=unit,
        journal=journal,
        type="revoked",
        seq=from_seq,
        at_ms=now_ms,
        data={"journal": journal, "from_seq": from_seq, "reason": reason, "by": by},
    )
    _make_due(cursor, exposed, now_ms)
    return revoked


def _make_due(cursor: Cursor, exposed: Exposed, at_ms: int) -> None:
    """Whoever has the card can try PINs for as long as they like (integrity.md L)."""
    for official in exposed.officials:
        cursor.execute(PIN_DUE, (True, official))
    for level, holder in exposed.levels:
        cursor.execute(ADMIN_PIN_DUE, (level, holder, at_ms))
