"""Server records as the auditor reads them; `received`, the frequent one, by one pattern."""

import base64
import binascii
import re
from typing import Final

import msgspec

from protocol.envelope import MAX_LINE_BYTES, has_clean_bytes
from protocol.names import KIOSK_ID, UUID
from protocol.strict_json import parse_object

_INT = r"(0|[1-9][0-9]{0,14})"
_RECEIVED: Final = re.compile(
    rf'\{{"v":1,"journal":"server","wall_ms":{_INT},"salt":"[0-9a-f]{{32}}","type":"received",'
    rf'"data":\{{"journal":"({UUID})","from":{_INT},"to":{_INT},"head":"([A-Za-z0-9+/=]+)",'
    rf'"ms":{_INT}\}}\}}'.encode()
)
_ENVELOPE: Final = re.compile(
    rf'\{{"v":1,"journal":"server","wall_ms":{_INT},"salt":"[0-9a-f]{{32}}",'
    r'"type":"([a-z][a-z0-9_.]{0,31})","data":(\{.*\})\}'.encode(),
    re.DOTALL,
)
_HEAD: Final = re.compile(
    rf"({KIOSK_ID})/journal/({UUID})\n{_INT}\n([A-Za-z0-9+/]{{43}}=)\n\n[^\n]+\n".encode()
)


class Received(msgspec.Struct, frozen=True, tag=True):
    """A request's lines: journal, first, last, the head's seq and hash, the note itself."""

    index: int
    journal: str
    first: int
    last: int
    ms: int
    kiosk: str
    head_journal: str
    head_seq: int
    head_hash: bytes
    note: bytes


class BadRecord(ValueError):
    """A server record that breaks protocol.md 10."""


def read_received(index: int, entry: bytes) -> Received | None:
    """A `received` record as servers write it; None for anything else or odder."""
    found = _RECEIVED.fullmatch(entry)
    if found is None or len(entry) > MAX_LINE_BYTES:
        return None
    try:
        note = base64.b64decode(found[5], validate=True)
    except binascii.Error:
        return None
    return _received(index, found[2].decode(), int(found[3]), int(found[4]), int(found[6]), note)


def _received(
    index: int, journal: str, first: int, last: int, ms: int, note: bytes
) -> Received | None:
    head = _HEAD.fullmatch(note)
    if head is None:
        return None
    return Received(
        index, journal, first, last, ms, head[1].decode(), head[2].decode(), int(head[3]),
        base64.b64decode(head[4]), note,
    )  # fmt: skip


def read_deed(entry: bytes) -> tuple[str, int, dict[str, object]]:
    """Type, wall_ms and data of any server record; BadRecord with the breach."""
    found = _ENVELOPE.fullmatch(entry)
    if found is None or len(entry) > MAX_LINE_BYTES or not has_clean_bytes(entry):
        raise BadRecord("It does not have the keys of a server record in their order.")
    try:
        return found[2].decode(), int(found[1]), parse_object(found[3])
    except ValueError as error:
        raise BadRecord(str(error)) from None


def loose_received(index: int, data: dict[str, object]) -> Received | None:
    """A `received` record written in another way than ours."""
    match data:
        case {"journal": str(journal), "from": int(first), "to": int(last), "head": str(head),
              "ms": int(ms)}:  # fmt: skip
            try:
                note = base64.b64decode(head, validate=True)
            except (binascii.Error, ValueError):
                return None
            return _received(index, journal, first, last, ms, note)
    return None
