"""The envelope of a line: its one grammar, read without a JSON parser, and what breaks it."""

import re
from typing import Final

import msgspec

from protocol.errors import ProtocolError
from protocol.names import UUID

MAX_LINE_BYTES = 4096
MAX_INT = 2**53 - 1
SALT_BYTES = 16
TYPE = r"[a-z][a-z0-9_.]{0,31}"


class MalformedLine(ProtocolError):
    """Bytes that are no line. `place` counts from 1 in a body; `seq` is None if unreadable."""

    def __init__(self, sentence: str, *, seq: int | None = None, place: int | None = None) -> None:
        super().__init__(sentence)
        self.seq = seq
        self.place = place


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """A line's fields; `prev` and `salt` in hex, `data` the record's bytes as they stand."""

    v: int
    journal: str
    seq: int
    prev: str
    boot: str
    mono_ms: int
    wall_ms: int
    sync: bool
    salt: str
    type: str
    data: bytes


def _digits_at_most(limit: int) -> str:
    """A pattern for decimal integers from 1 to limit, without sign or leading zero."""
    text = str(limit)
    choices = [rf"[1-9][0-9]{{0,{len(text) - 2}}}"]
    for i, digit in enumerate(text):
        lowest = "1" if i == 0 else "0"
        if digit > lowest:
            below = rf"{text[:i]}[{lowest}-{int(digit) - 1}]"
            choices.append(rf"{below}[0-9]{{{len(text) - i - 1}}}")
    return "|".join([*choices, text])


_POSITIVE = rf"(?:{_digits_at_most(MAX_INT)})"
_INT = rf"(?:0|{_digits_at_most(MAX_INT)})"

# Every key with its pattern and what a sender should know about it, in the order of the line.
_FIELDS: Final = (
    ("v", rf"({_INT})", "a whole number"),
    ("journal", rf'"({UUID})"', "a lower-case UUID"),
    ("seq", rf"({_POSITIVE})", "a whole number from 1 to 2^53-1"),
    ("prev", r'"([0-9a-f]{64})"', "64 lower-case hex digits"),
    ("boot", rf'"({UUID})"', "a lower-case UUID"),
    ("mono_ms", rf"({_INT})", "a whole number from 0 to 2^53-1"),
    ("wall_ms", rf"({_INT})", "a whole number from 0 to 2^53-1"),
    ("sync", r"(true|false)", "true or false"),
    ("salt", r'"([0-9a-f]{32})"', "32 lower-case hex digits"),
    ("type", rf'"({TYPE})"', "a-z, then up to 31 of a-z, 0-9, _ and ."),
    ("data", r"(\{.*\})", "an object that ends directly before the line's last }"),
)
_BOOT: Final = 4


def _pattern(fields: tuple[tuple[str, str, str], ...]) -> str:
    return ",".join(f'"{key}":{pattern}' for key, pattern, _ in fields)


ENVELOPE: Final = re.compile((r"\{" + _pattern(_FIELDS) + r"\}").encode(), re.DOTALL)
# What follows `"prev":"<hex>",`: a reader who knows v, journal, seq and prev compares bytes.
TAIL: Final = re.compile((_pattern(_FIELDS[_BOOT:]) + r"\}").encode(), re.DOTALL)
_PRINTABLE: Final = bytes(range(0x20, 0x100))
_PRINTABLE_AND_NEWLINE: Final = b"\n" + _PRINTABLE


def has_clean_bytes(data: bytes, *, newlines: bool = False) -> bool:
    """Whether data is valid UTF-8 without a byte below 0x20, but for newlines in a body."""
    if data.translate(None, _PRINTABLE_AND_NEWLINE if newlines else _PRINTABLE):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_line(line: bytes) -> Envelope:
    """The envelope of one line (no newline); MalformedLine with the first breach."""
    found = ENVELOPE.fullmatch(line)
    if found is None or len(line) > MAX_LINE_BYTES or not has_clean_bytes(line):
        raise explain(line)
    v, journal, seq, prev, boot, mono_ms, wall_ms, sync, salt, kind, data = found.groups()
    return Envelope(
        int(v), journal.decode(), int(seq), prev.decode(), boot.decode(), int(mono_ms),
        int(wall_ms), sync == b"true", salt.decode(), kind.decode(), data,
    )  # fmt: skip


def explain(line: bytes) -> MalformedLine:
    """Why a line is malformed, in one sentence, with its seq if that can be read."""
    seq = _readable_seq(line)
    if not line:
        return MalformedLine("The line is empty.")
    if len(line) > MAX_LINE_BYTES:
        return MalformedLine(
            f"The line has {len(line):,} bytes; at most {MAX_LINE_BYTES:,} are allowed.", seq=seq
        )
    if not has_clean_bytes(line):
        return MalformedLine("The line holds a byte below 0x20 or is not valid UTF-8.", seq=seq)
    at = 0
    for i, (key, pattern, wanted) in enumerate(_FIELDS):
        opening = f'{"," if i else "{"}"{key}":'.encode()
        if not line.startswith(opening, at):
            return MalformedLine(
                f'Key {i + 1} of the line must be "{key}", directly after what comes before.',
                seq=seq,
            )
        at += len(opening)
        ending = r"\}" if key == "data" else "(?=[,}])"
        value = re.compile((pattern + ending).encode(), re.DOTALL)
        found = value.fullmatch(line, at) if key == "data" else value.match(line, at)
        if found is None:
            return MalformedLine(f'The value of "{key}" must be {wanted}.', seq=seq)
        at = found.end()
    return MalformedLine("The line is malformed.", seq=seq)


_START: Final = re.compile((r"\{" + _pattern(_FIELDS[:3]) + ",").encode())


def _readable_seq(line: bytes) -> int | None:
    found = _START.match(line)
    return int(found[3]) if found else None
