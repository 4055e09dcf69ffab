"""Rows as PostgreSQL's COPY writes them (its manual, COPY, text format), for SQLite too.

A row is its values with tabs between and a newline; \\N is null; a tab, newline or backslash in a
value is written with a backslash. bytes are \\x and hex, truth is t or f, instants are UTC.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

NULL = b"\\N"
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_MEANS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def _write_text(value: Any) -> bytes:
    return str(value).translate(_ESCAPED).encode()


def _write_bytes(value: Any) -> bytes:
    return b"\\\\x" + bytes(value).hex().encode()


def _read_text(field: bytes) -> str:
    if b"\\" in field:
        field = _ESCAPE.sub(lambda found: _MEANS.get(found[1], found[1]), field)
    return field.decode()


def _read_bytes(field: bytes) -> bytes:
    if not field.startswith(b"\\\\x"):
        raise ValueError("bytes do not begin with \\x")
    return bytes.fromhex(field[3:].decode("ascii"))


# kind of a column: how SQLite's value is written, how it is read back
KINDS: dict[str, tuple[Callable[[Any], bytes], Callable[[bytes], Any]]] = {
    "text": (_write_text, _read_text),
    "int": (lambda value: b"%d" % value, int),
    "bool": (lambda value: b"t" if value else b"f", lambda field: int(field == b"t")),
    "bytes": (_write_bytes, _read_bytes),
    "date": (_write_text, _read_text),
    "json": (_write_text, _read_text),
    # Django writes naive UTC into SQLite; PostgreSQL says +00.
    "instant": (
        lambda value: _write_text(value) + b"+00",
        lambda field: _read_text(field).removesuffix("+00"),
    ),
}


def writer(kinds: Sequence[str]) -> Callable[[Iterable[Any]], bytes]:
    """Writes the rows of a table with these kinds of columns."""
    ways = [KINDS[kind][0] for kind in kinds]

    def write(row: Iterable[Any]) -> bytes:
        fields = (NULL if v is None else way(v) for way, v in zip(ways, row, strict=True))
        return b"\t".join(fields) + b"\n"

    return write


def reader(kinds: Sequence[str]) -> Callable[[bytes], list[Any]]:
    """Reads a row back, its newline taken off; ValueError if it is none of these kinds."""
    ways = [KINDS[kind][1] for kind in kinds]

    def read(line: bytes) -> list[Any]:
        fields = line.split(b"\t")
        return [None if f == NULL else way(f) for way, f in zip(ways, fields, strict=True)]

    return read
