"""The log's records with their lines, streamed by place, and columns that belie their bytes."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.db import connection

from protocol.server_record import BadServerRecord, read_server_record
from server.database import as_rows
from server.ledger.tree import RECEIVED, Placed

SELECT_RECORDS = (
    "SELECT s.first_index, s.size, s.unit, s.journal, s.type, s.seq, r.from_seq, r.at_ms, r.body "
    "FROM ledger_span s LEFT JOIN ledger_serverrecord r ON r.unit = s.unit "
    "AND r.journal = s.journal AND r.type = s.type AND r.seq = s.seq "
    "WHERE s.first_index > %s ORDER BY s.first_index LIMIT %s"
)
SELECT_LINES = (
    "SELECT w.column1, l.seq, l.body FROM (VALUES {rows}) AS w JOIN ledger_line l "
    "ON l.unit = w.column2 AND l.journal = w.column3 AND l.seq BETWEEN w.column4 AND w.column5"
)
RECORDS_AT_ONCE = 200
LINES_AT_ONCE = 10_000


class Entry(NamedTuple):
    """An entry as the tables hold it; body None: gone. seq: of a line, 0 for the record."""

    place: int
    seq: int
    body: bytes | None


class Row(NamedTuple):
    """A record in the log with the lines before it. from_seq and at_ms: its columns."""

    span: Placed
    from_seq: int | None
    at_ms: int | None
    body: bytes | None
    lines: dict[int, bytes]

    def entries(self) -> Iterator[Entry]:
        """Those that its place is for, in order."""
        span = self.span
        first = span.seq - span.size + 2
        for at in range(span.size - 1):
            yield Entry(span.first_index + at, first + at, self.lines.get(first + at))
        yield Entry(span.first_index + span.size - 1, 0, self.body)


def read_rows() -> Iterator[list[Row]]:
    """All records that have a place, by place, some thousand lines at a time."""
    after = -1
    while True:
        with connection.cursor() as cursor:
            cursor.execute(SELECT_RECORDS, [after, RECORDS_AT_ONCE])
            rows = cursor.fetchall()
        if not rows:
            return
        after = rows[-1][0]
        page: list[Row] = []
        lines = 0
        for *span, from_seq, at_ms, body in rows:
            held = None if body is None else bytes(body)
            page.append(Row(Placed(*span), from_seq, at_ms, held, {}))
            lines += page[-1].span.size
            if lines >= LINES_AT_ONCE:
                yield _with_lines(page)
                page, lines = [], 0
        if page:
            yield _with_lines(page)


def _with_lines(page: list[Row]) -> list[Row]:
    by_place = {row.span.first_index: row.lines for row in page}
    for first_index, seq, body in _lines([row.span for row in page if row.span.size > 1]):
        by_place[first_index][seq] = bytes(body)
    return page


def _lines(spans: Sequence[Placed]) -> list[tuple[int, int, bytes]]:
    wanted = [(s.first_index, s.unit, s.journal, s.seq - s.size + 2, s.seq) for s in spans]
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            SELECT_LINES.format(rows=as_rows(wanted)), [value for row in wanted for value in row]
        )
        return list(cursor.fetchall())


def odd_columns(row: Row) -> Iterator[str]:
    """A record whose columns, which the server works with, say otherwise than its bytes."""
    span = row.span
    if row.body is None or row.from_seq is None:
        return
    lines = span.seq - row.from_seq + 1 if span.type == RECEIVED else 0
    if span.size != 1 + lines or not _agree(row, row.body):
        yield (
            f"Entry {span.first_index + span.size - 1} of the log: the columns of the record "
            f"`{span.type}` {span.seq} of {span.journal} are not what its bytes say."
        )


def _agree(row: Row, body: bytes) -> bool:
    try:
        told = read_server_record(body)
    except BadServerRecord:
        return False
    span, data = row.span, told.data
    expected: dict[str, object] = {"unit": span.unit, "journal": span.journal, "ms": row.at_ms}
    if span.type == RECEIVED:
        expected |= {"from": row.from_seq, "to": span.seq}
    return (told.type, told.wall_ms) == (span.type, row.at_ms) and all(
        data.get(key, value) == value for key, value in expected.items()
    )
