"""How the log stands: newest checkpoint, who cosigned, what waits, why nothing is signed."""

from dataclasses import dataclass

from django.db import connection

from protocol.checkpoint import read_checkpoint
from protocol.cosignature import TIME_BYTES, Cosigned
from protocol.keys import SIGNATURE_BYTES
from protocol.note import split_note
from server.ledger.keys import read_log
from server.ledger.models import SignedCheckpoint
from server.ledger.signing import newest_checkpoint, stopped

COUNT_WAITING = (
    "SELECT COALESCE(SUM(CASE WHEN r.type = 'received' THEN r.seq - r.from_seq + 2 ELSE 1 END), 0) "
    "FROM ledger_pending p JOIN ledger_serverrecord r "
    "ON r.unit = p.unit AND r.journal = p.journal AND r.type = p.type AND r.seq = p.seq"
)


@dataclass(frozen=True)
class Signed:
    """A signed checkpoint; cosigned: by whom and when, as it was brought back."""

    note: bytes
    size: int
    root: bytes
    signed_ms: int
    cosigned: tuple[Cosigned, ...]


@dataclass(frozen=True)
class Stopped:
    """Since when nothing is signed, and the sentence that says why."""

    at_ms: int
    why: str


@dataclass(frozen=True)
class Standing:
    """keys: verifier keys in C2SP form, the one in force first. waiting: entries with no place."""

    origin: str
    keys: tuple[str, ...]
    newest: Signed | None
    cosigned: Signed | None
    waiting: int
    stopped: Stopped | None


def read_standing(*, now_ms: int) -> Standing:
    """The log as it stands. server.folder.SetupError if a key file is missing."""
    log = read_log(now_ms=now_ms)
    rows = SignedCheckpoint.objects.filter(origin=log.origin, cosigned=True)
    newest, cosigned = newest_checkpoint(log.origin), rows.order_by("-size").first()
    stop = stopped()
    with connection.cursor() as cursor:
        cursor.execute(COUNT_WAITING)
        (waiting,) = cursor.fetchone()
    return Standing(
        origin=log.origin,
        keys=tuple(key.vkey for key in log.known),
        newest=_signed(newest) if newest else None,
        cosigned=_signed(cosigned) if cosigned else None,
        waiting=int(waiting),
        stopped=Stopped(stop.at_ms, stop.why) if stop else None,
    )


def is_stopped() -> bool:
    """Whether nothing is signed until an operator has acted."""
    return stopped() is not None


def read_cosigners(note: bytes) -> tuple[Cosigned, ...]:
    """Whose lines stand on a checkpoint that is kept here, and when they say that they signed.

    Verified when they were brought back; whoever doubts it has the note and the bodies' keys.
    """
    text, signatures = split_note(note)
    origin = text.split("\n", 1)[0]
    return tuple(
        Cosigned(one.name, int.from_bytes(one.signature[:TIME_BYTES]))
        for one in signatures
        if one.name != origin and len(one.signature) == TIME_BYTES + SIGNATURE_BYTES
    )


def _signed(row: SignedCheckpoint) -> Signed:
    note = bytes(row.note)
    checkpoint = read_checkpoint(note)
    return Signed(note, row.size, checkpoint.root, row.signed_ms, read_cosigners(note))
