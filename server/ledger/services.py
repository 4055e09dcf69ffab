"""Writing the ledger: lines as they came, and the server's own deeds. Only ever appends."""

from collections.abc import Mapping, Sequence

from protocol.server_record import build_received, build_server_record
from server.database import Cursor

INSERT_LINE = "INSERT INTO ledger_line (unit, journal, seq, body) VALUES (%s, %s, %s, %s)"
# PostgreSQL splits the text itself: one parameter instead of five hundred.
INSERT_LINES = (
    "INSERT INTO ledger_line (unit, journal, seq, body) "
    "SELECT %s, %s, %s + place - 1, convert_to(line, 'UTF8') "
    "FROM string_to_table(%s, E'\\n') WITH ORDINALITY AS lines (line, place)"
)
INSERT_RECORD = (
    "INSERT INTO ledger_serverrecord (unit, journal, type, seq, from_seq, at_ms, body) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s)"
)


def append_lines(
    cursor: Cursor, *, unit: str, journal: str, first: int, lines: Sequence[bytes]
) -> None:
    """Store consecutive new lines; the primary key refuses a second line of one seq."""
    if cursor.sqlite:
        cursor.many(INSERT_LINE, [(unit, journal, first + i, b) for i, b in enumerate(lines)])
    else:
        cursor.execute(INSERT_LINES, (unit, journal, first, b"\n".join(lines).decode()))


def record_received(
    cursor: Cursor, *, unit: str, journal: str, first: int, last: int, head: bytes, at_ms: int
) -> None:
    """Append the `received` record of lines first..last, in the transaction that stores them."""
    body = build_received(journal=journal, first=first, last=last, head=head, ms=at_ms)
    cursor.execute(INSERT_RECORD, (unit, journal, "received", last, first, at_ms, body))


def record_deed(
    cursor: Cursor,
    *,
    unit: str,
    journal: str,
    type: str,
    seq: int,
    at_ms: int,
    data: Mapping[str, object],
    from_seq: int | None = None,
) -> None:
    """Append a server record (protocol.md 4) in the caller's transaction."""
    body = build_server_record(type, data, wall_ms=at_ms)
    first = seq if from_seq is None else from_seq
    cursor.execute(INSERT_RECORD, (unit, journal, type, seq, first, at_ms, body))
