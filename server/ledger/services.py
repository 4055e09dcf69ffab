"""Writing the ledger: lines as they came, and the server's own deeds. Only ever appends."""

from collections.abc import Mapping, Sequence

from protocol.server_record import build_received, build_server_record
from server.database import Cursor, here

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
SELECT_NEWEST = (
    "SELECT coalesce(max(seq), 0) FROM ledger_serverrecord "
    "WHERE unit = %s AND journal = %s AND type = %s"
)
# The newest checkpoint that kiosks are shown, for the statement that reads a journal's row.
SELECT_SHOWN = (
    "(SELECT note FROM ledger_signedcheckpoint WHERE NOT EXISTS "
    "(SELECT 1 FROM ledger_stop WHERE ended_ms IS NULL) ORDER BY signed_ms DESC, size DESC LIMIT 1)"
)
INSERT_PENDING = "INSERT INTO ledger_pending (unit, journal, type, seq) VALUES (%s, %s, %s, %s)"
# Both at once: on PostgreSQL each statement costs a way to the database and back.
INSERT_BOTH = (
    f"WITH record AS ({INSERT_RECORD} RETURNING unit, journal, type, seq) "  # noqa: S608 - no input
    "INSERT INTO ledger_pending (unit, journal, type, seq) "
    "SELECT unit, journal, type, seq FROM record"
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
    row = (unit, journal, "received", last, first, at_ms, body)
    if cursor.sqlite:
        _insert_record(cursor, row)
    else:
        cursor.execute(INSERT_BOTH, row)


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
    _insert_record(cursor, (unit, journal, type, seq, first, at_ms, body))


def record_next_deed(
    *, unit: str, journal: str, type: str, now_ms: int, data: Mapping[str, object]
) -> None:
    """record_deed of a type that comes again and again in a journal: each is one of its own, in
    order, even if the clock went back. The caller holds the unit."""
    with here() as cursor:
        (found,) = cursor.all(SELECT_NEWEST, (unit, journal, type))
        seq = max(now_ms, found[0] + 1)
        record_deed(cursor, unit=unit, journal=journal, type=type, seq=seq, at_ms=now_ms, data=data)


def _insert_record(cursor: Cursor, row: tuple[object, ...]) -> None:
    """The record, and that it waits for its place in the log."""
    cursor.execute(INSERT_RECORD, row)
    cursor.execute(INSERT_PENDING, row[:4])
