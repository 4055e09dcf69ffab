"""The enrolment door (protocol.md 5): a code becomes a kiosk's journal, once."""

from dataclasses import dataclass
from typing import Any

import msgspec
from django.conf import settings

from protocol.enrolment import (
    BadEnrolment,
    Enrolled,
    EnrolmentRequest,
    hash_code,
    read_enrolment_request,
)
from protocol.journal import genesis_hash
from protocol.keys import BadKey, b64, check_public_key, public_bytes, unb64
from protocol.names import BadName, check_journal
from protocol.note import vkey
from protocol.request import NOBODY, BadSignatureHeader, parse_signature, verify_request
from server.address import client_address
from server.database import Cursor, write
from server.ingest import journals
from server.ingest.journals import Refused
from server.ledger.services import record_deed

WRONG_CODES_A_MINUTE = 10
COUNT_WRONG = "SELECT count(*) FROM ingest_wrongcode WHERE address = %s AND at_ms > %s"
INSERT_WRONG = "INSERT INTO ingest_wrongcode (address, at_ms) VALUES (%s, %s)"
FORGET_WRONG = "DELETE FROM ingest_wrongcode WHERE at_ms <= %s"

SELECT_CODE = (
    "SELECT code.kiosk_id, code.expires_ms, code.used_key, code.used_journal, "
    "kiosk.unit, kiosk.name FROM fleet_enrolmentcode code "
    "JOIN fleet_kiosk kiosk ON kiosk.id = code.kiosk_id WHERE code.code_hash = %s FOR UPDATE"
)
USE_CODE = (
    "UPDATE fleet_enrolmentcode SET used_key = %s, used_journal = %s "
    "WHERE code_hash = %s AND used_key = ''"
)
NOTE_STRANGER = "UPDATE fleet_enrolmentcode SET refused_key = %s WHERE code_hash = %s"
SELECT_TAKEN = "SELECT state FROM ingest_journal WHERE journal = %s OR public_key = %s"
SELECT_STATE = "SELECT state FROM ingest_journal WHERE journal = %s"
SELECT_OPEN = (
    "SELECT unit, journal, acked FROM ingest_journal WHERE kiosk = %s AND state = 'open' FOR UPDATE"
)
CLOSE = "UPDATE ingest_journal SET state = 'closed' WHERE unit = %s AND journal = %s"
INSERT_JOURNAL = (
    "INSERT INTO ingest_journal (unit, journal, kiosk, public_key, enrolled_ms, state, acked, "
    "head_hash, head_note, fork_seq, fork_note, revoked_seq, seen_ms, signed_ms, "
    "understood) "
    "VALUES (%s, %s, %s, %s, %s, 'open', 0, %s, %s, 0, %s, 0, %s, 0, 0)"
)


@dataclass(frozen=True)
class Wish:
    """A well-formed enrolment request whose signature is good."""

    code_hash: str | None  # None: no code at all in it
    journal: str
    public_key: bytes


def answer(
    environ: dict[str, Any], body: bytes, *, target: str
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Answer POST /api/v1/enrolments; raises Refused."""
    wish = _read(environ, body, target)
    address = client_address(environ)
    at_ms = journals.now_ms()
    if write(lambda cursor: _too_many(cursor, address, at_ms)):
        raise Refused("rate", retry_after=60)
    try:
        enrolled = enrol(wish)
    except Refused as refused:
        if refused.word == "code":
            write(lambda cursor: _note_wrong(cursor, address, at_ms))
        raise
    return 201, [("Content-Type", "application/json")], msgspec.json.encode(enrolled)


def _read(environ: dict[str, Any], body: bytes, target: str) -> Wish:
    """Body (400), key (422), signature and clock (401), in this order."""
    try:
        request = read_enrolment_request(body)
        check_journal(request.journal)
        raw = unb64(request.public_key)
        signature = parse_signature(environ["HTTP_HAILONG_SIGNATURE"])
    except (BadEnrolment, BadName, BadSignatureHeader, KeyError, ValueError) as error:
        raise Refused("body") from error
    try:
        public_key = check_public_key(raw)
    except BadKey as error:
        raise Refused("key", status=422, detail=str(error)) from error
    good = signature.kiosk == NOBODY and verify_request(
        signature, server="", method="POST", target=target, body=body, public_key=public_key
    )
    if not good:
        raise Refused("key")
    journals.check_clock(signature)
    return Wish(_hash(request), request.journal, raw)


def _hash(request: EnrolmentRequest) -> str | None:
    try:
        return hash_code(request.code)
    except ValueError:
        return None


def enrol(wish: Wish, *, now_ms: int | None = None) -> Enrolled:
    """Use the code, close the kiosk's journal before, open the new one. Raises Refused."""
    at_ms = journals.now_ms() if now_ms is None else now_ms
    answered = write(lambda cursor: _enrol(cursor, wish, at_ms))
    if isinstance(answered, Refused):
        raise answered
    return answered


def _enrol(cursor: Cursor, wish: Wish, at_ms: int) -> Enrolled | Refused:
    row = cursor.one(SELECT_CODE, (wish.code_hash,)) if wish.code_hash else None
    if row is None:
        return Refused("code")
    kiosk, expires_ms, used_key, used_journal, unit, name = row
    enrolled = _enrolled(kiosk, name)
    if used_key:
        if (used_key, used_journal) == (wish.public_key.hex(), wish.journal):
            return _repeat(cursor, wish, enrolled)
        # The administrator's page shows this: somebody else held the code.
        cursor.execute(NOTE_STRANGER, (wish.public_key.hex(), wish.code_hash))
        return Refused("code")
    if at_ms > expires_ms:
        return Refused("code")
    if cursor.one(SELECT_TAKEN, (wish.journal, wish.public_key)):
        return Refused("enrolled")
    _close_open(cursor, kiosk, at_ms)
    _open(cursor, wish, kiosk, unit, at_ms)
    return enrolled


def _repeat(cursor: Cursor, wish: Wish, enrolled: Enrolled) -> Enrolled | Refused:
    """The reply was lost: the same answer again, unless the journal has ended since."""
    row = cursor.one(SELECT_STATE, (wish.journal,))
    state = row[0] if row else "open"
    return Refused(state) if state in ("closed", "revoked") else enrolled


def _close_open(cursor: Cursor, kiosk: str, at_ms: int) -> None:
    for unit, journal, acked in cursor.all(SELECT_OPEN, (kiosk,)):
        cursor.execute(CLOSE, (unit, journal))
        data = {"journal": journal, "seq": acked}
        record_deed(
            cursor, unit=unit, journal=journal, type="closed", seq=acked, at_ms=at_ms, data=data
        )


def _open(cursor: Cursor, wish: Wish, kiosk: str, unit: str, at_ms: int) -> None:
    genesis = genesis_hash(wish.journal, wish.public_key)
    cursor.execute(
        INSERT_JOURNAL,
        (unit, wish.journal, kiosk, wish.public_key, at_ms, genesis, b"", b"", at_ms),
    )
    cursor.execute(USE_CODE, (wish.public_key.hex(), wish.journal, wish.code_hash))
    record_deed(
        cursor,
        unit=unit,
        journal=wish.journal,
        type="enrolled",
        seq=0,
        at_ms=at_ms,
        data={
            "kiosk": kiosk,
            "unit": unit,
            "journal": wish.journal,
            "public_key": b64(wish.public_key),
        },
    )


def _enrolled(kiosk: str, name: str) -> Enrolled:
    """What the device learns; server_ms is the time of this answer, always."""
    server = settings.DATA.server_name
    from server.ledger.keys import read_log  # its tables need the settings

    now_ms = journals.now_ms()
    config = public_bytes(settings.DATA.signing_key("config"))
    return Enrolled(
        kiosk=kiosk,
        name=name,
        server=server,
        log_key=read_log(now_ms=now_ms).key.vkey,
        config_key=vkey(f"{server}/config", config),
        server_ms=now_ms,
    )


def _too_many(cursor: Cursor, address: str, at_ms: int) -> bool:
    row = cursor.one(COUNT_WRONG, (address, at_ms - 60_000))
    return row is not None and row[0] >= WRONG_CODES_A_MINUTE


def _note_wrong(cursor: Cursor, address: str, at_ms: int) -> None:
    cursor.execute(FORGET_WRONG, (at_ms - 60_000,))
    cursor.execute(INSERT_WRONG, (address, at_ms))
