"""The log's name and keys as they are in force: what was recorded decides, files hold the keys.

`keys/log` is the first key for ever. A new one, after a rotation or a break, is a file of its own;
it counts from the commit of the server record that names it, so a crash before leaves it unused.
"""

from dataclasses import dataclass

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection

from protocol.checkpoint import Checkpoint, LogKey, log_origin, open_rotation, sign_rotation
from protocol.keys import b64, new_key, public_bytes
from protocol.note import key_id
from server.database import Cursor
from server.folder import SetupError
from server.ledger.models import ServerRecord
from server.ledger.services import record_deed

OVERLAP_MS = 400 * 24 * 3600 * 1000  # as long as a kiosk may have been offline
SERVER = "server"


@dataclass(frozen=True, slots=True)
class Log:
    """origin, its keys (newest first), since when it has this origin (0: from the beginning), and
    the rotation notes that whoever was away may not know yet."""

    origin: str
    signers: tuple[Ed25519PrivateKey, ...]
    known: tuple[LogKey, ...]
    since_ms: int
    rotations: tuple[bytes, ...]

    @property
    def key(self) -> LogKey:
        """What is told to whoever enrols today."""
        return LogKey(self.origin, self.signers[0].public_key())


def read_log(*, now_ms: int) -> Log:
    """The log as recorded. SetupError if a key file is missing."""
    origin, since_ms = log_origin(settings.DATA.server_name), 0
    keys = [settings.DATA.signing_key("log")]
    rotations: list[tuple[int, bytes]] = []
    for type, at_ms, data in _deeds():
        if type == "break":
            origin, since_ms = str(data["log"]), at_ms
            keys, rotations = [_key_of(LogKey.parse(str(data["log_key"])))], []
        else:
            note = str(data["note"]).encode()
            new = open_rotation(note, LogKey(origin, keys[0].public_key()))
            keys.insert(0, _key_of(new))
            rotations.append((at_ms, note))
    fresh = tuple(note for at_ms, note in rotations if now_ms < at_ms + OVERLAP_MS)
    return Log(
        origin=origin,
        signers=tuple(keys[: 1 + len(fresh)]),
        known=tuple(LogKey(origin, key.public_key()) for key in keys),
        since_ms=since_ms,
        rotations=fresh,
    )


def all_rotations() -> list[bytes]:
    """Every rotation note of the log under its present name, oldest first."""
    notes: list[bytes] = []
    for type, _, data in _deeds():
        notes = [] if type == "break" else [*notes, str(data["note"]).encode()]
    return notes


def rotate_key(*, now_ms: int) -> Log:
    """Make a new key that the old one hands over to; both sign while the overlap lasts."""
    log = read_log(now_ms=now_ms)
    new = _new_key(log.origin)
    note = sign_rotation(log.origin, old=log.signers[0], new=new)
    _record("log_key", at_ms=now_ms, data={"note": note.decode()})
    return read_log(now_ms=now_ms)


def next_origin(origin: str) -> str:
    """`<server name>/log`, then `…/log/2`, `…/log/3`."""
    first = log_origin(settings.DATA.server_name)
    number = int(origin.removeprefix(f"{first}/")) if origin != first else 1
    return f"{first}/{number + 1}"


def record_break(log: Log, last: Checkpoint, *, now_ms: int, why: str, by: str) -> None:
    """The first entry of the log that follows; its caller has forgotten the old tree.

    last: how far the old log is known to have gone.
    """
    origin = next_origin(log.origin)
    key = LogKey(origin, _new_key(origin).public_key())
    _record("break", at_ms=now_ms, data={
        "origin": log.origin, "size": last.size, "root": b64(last.root), "log": origin,
        "log_key": key.vkey, "why": why, "by": by,
    })  # fmt: skip


def _record(type: str, *, at_ms: int, data: dict[str, object]) -> None:
    with connection.cursor() as raw:
        cursor = Cursor(raw, sqlite=False)  # Django's cursor takes %s on both
        record_deed(cursor, unit="", journal=SERVER, type=type, seq=at_ms, at_ms=at_ms, data=data)


def _deeds() -> list[tuple[str, int, dict[str, object]]]:
    rows = ServerRecord.objects.filter(unit="", journal=SERVER, type__in=("break", "log_key"))
    return [
        (type, at_ms, msgspec.json.decode(bytes(body))["data"])
        for type, at_ms, body in rows.order_by("at_ms", "type").values_list("type", "at_ms", "body")
    ]


def _new_key(origin: str) -> Ed25519PrivateKey:
    key = new_key()
    settings.DATA.keep_log_key(_name(LogKey(origin, key.public_key())), key)
    return key


def _key_of(public: LogKey) -> Ed25519PrivateKey:
    key: Ed25519PrivateKey = settings.DATA.signing_key(_name(public))
    if public_bytes(key) != public_bytes(public.public):
        raise SetupError(f"keys/{_name(public)} is another key; restore it from its backup.")
    return key


def _name(public: LogKey) -> str:
    return f"log-{key_id(public.origin, public_bytes(public.public)).hex()}"
