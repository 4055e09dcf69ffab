"""Server records: the log's entries that are the server's own deeds; how they are written, read."""

import os
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from protocol.envelope import MAX_INT, MAX_LINE_BYTES, SALT_BYTES, TYPE, has_clean_bytes
from protocol.errors import ProtocolError
from protocol.keys import b64
from protocol.strict_json import parse_object

START: Final = b'{"v":1,"journal":"server",'  # no line begins so: a line's journal is a UUID
_ENVELOPE: Final = re.compile(
    START
    + rb'"wall_ms":(0|[1-9][0-9]{0,15}),"salt":"[0-9a-f]{32}","type":"(%b)","data":(\{.*\})\}'
    % TYPE.encode(),
    re.DOTALL,
)
_TYPE: Final = re.compile(TYPE)


class BadServerRecord(ProtocolError):
    """A server record that may not be written, or bytes that are none."""


class ServerEnvelope(NamedTuple):
    """A server record's fields; `data` is parsed, its contents are understand_record's question."""

    wall_ms: int
    type: str
    data: dict[str, Any]


def read_server_record(entry: bytes) -> ServerEnvelope:
    """The fields of an entry that is a server record; BadServerRecord if it is none."""
    found = _ENVELOPE.fullmatch(entry)
    if (
        found is None
        or len(entry) > MAX_LINE_BYTES
        or int(found[1]) > MAX_INT
        or not has_clean_bytes(entry)
    ):
        raise BadServerRecord("An entry of the server has v, journal, wall_ms, salt, type, data.")
    try:
        return ServerEnvelope(int(found[1]), found[2].decode(), parse_object(found[3]))
    except ValueError as error:
        raise BadServerRecord(f"The data of a server record cannot be read: {error}") from None


def build_server_record(
    type: str,
    data: Mapping[str, object] | msgspec.Struct,
    wall_ms: int,
    salt: bytes | None = None,
) -> bytes:
    """The bytes of a server record, once for ever (protocol.md 4). `salt` is None outside tests."""
    salt = os.urandom(SALT_BYTES) if salt is None else salt
    if not _TYPE.fullmatch(type):
        raise BadServerRecord(f"{type[:40]!r} is no record type.")
    if len(salt) != SALT_BYTES or not _is_ms(wall_ms):
        raise BadServerRecord(f"A server record has a salt of {SALT_BYTES} bytes and unix ms.")
    try:
        content = msgspec.json.encode(data)
    except (UnicodeEncodeError, msgspec.MsgspecError, TypeError, ValueError) as error:
        raise BadServerRecord(f"This cannot be written as a server record: {error}.") from None
    entry = (
        f'{{"v":1,"journal":"server","wall_ms":{wall_ms},"salt":"{salt.hex()}",'
        f'"type":"{type}","data":'
    ).encode() + content + b"}"  # fmt: skip
    if len(entry) > MAX_LINE_BYTES or not content.startswith(b"{") or not has_clean_bytes(entry):
        raise BadServerRecord(
            f"A server record is one JSON object of at most {MAX_LINE_BYTES:,} bytes."
        )
    return entry


def _is_ms(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_INT


def build_received(
    *, journal: str, first: int, last: int, head: bytes, ms: int, salt: bytes | None = None
) -> bytes:
    """The `received` record: lines first..last of a journal stored at `ms` under this head note."""
    data = {"journal": journal, "from": first, "to": last, "head": b64(head), "ms": ms}
    return build_server_record("received", data, ms, salt)
