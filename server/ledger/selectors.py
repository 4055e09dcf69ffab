"""Reading the ledger: lines with the time the server received them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from server.database import as_rows
from server.ledger.models import Line, ServerRecord

SELECT_SPANS = (
    "SELECT l.journal, l.seq, l.body FROM (VALUES {rows}) AS w JOIN ledger_line l "
    "ON l.unit = w.column1 AND l.journal = w.column2 "
    "AND l.seq BETWEEN w.column3 AND w.column4 ORDER BY l.journal, l.seq"
)
SELECT_RECEIPTS = (
    "SELECT r.journal, r.seq, r.at_ms FROM (VALUES {rows}) AS w JOIN ledger_serverrecord r "
    "ON r.unit = w.column1 AND r.journal = w.column2 AND r.type = 'received' "
    "AND r.seq >= w.column3 AND r.from_seq <= w.column4 ORDER BY r.journal, r.seq"
)


class Span(NamedTuple):
    """The lines from_seq..to_seq of a journal, both included."""

    unit: str
    journal: str
    from_seq: int
    to_seq: int


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line's bytes as they came (no newline) and its receipt time in unix ms."""

    seq: int
    body: bytes
    received_ms: int


def read_lines(
    *, unit: str, journal: str, from_seq: int, to_seq: int | None = None
) -> list[StoredLine]:
    """The stored lines from_seq..to_seq (both included; None: to the newest), by seq.

    A line that no `received` record covers, which `check` names, counts with those before it.
    """
    lines = Line.objects.filter(unit=unit, journal=journal, seq__gte=from_seq)
    if to_seq is not None:
        lines = lines.filter(seq__lte=to_seq)
    rows = list(lines.order_by("seq").values_list("seq", "body"))
    return _received(rows, _receipts(unit, journal, from_seq, rows[-1][0])) if rows else []


def read_spans(spans: Sequence[Span]) -> dict[str, list[StoredLine]]:
    """The stored lines of each span, by seq, under its journal: as read_lines, two queries for
    all."""
    values = [value for span in spans for value in span]
    lines: dict[str, list[tuple[int, bytes]]] = {span.journal: [] for span in spans}
    receipts: dict[str, list[tuple[int, int]]] = {span.journal: [] for span in spans}
    with connection.cursor() as cursor:
        cursor.execute(SELECT_SPANS.format(rows=as_rows(spans)), values)
        for journal, seq, body in cursor.fetchall():
            lines[journal].append((seq, body))
        cursor.execute(SELECT_RECEIPTS.format(rows=as_rows(spans)), values)
        for journal, seq, at_ms in cursor.fetchall():
            receipts[journal].append((seq, at_ms))
    return {journal: _received(rows, receipts[journal]) for journal, rows in lines.items()}


def _received(
    rows: Iterable[tuple[int, bytes | memoryview]], receipts: Iterable[tuple[int, int]]
) -> list[StoredLine]:
    """Lines by seq with the receipt time of the record that covers them."""
    records = iter(receipts)
    last, received_ms = 0, 0
    found = []
    for seq, body in rows:
        while seq > last:
            last, received_ms = next(records, (seq, received_ms))
        found.append(StoredLine(seq, bytes(body), received_ms))
    return found


def read_each(*, unit: str, journal: str, seqs: set[int]) -> list[bytes]:
    """The bytes of single lines, those that are stored, by seq."""
    wanted, found = sorted(seqs), []
    for start in range(0, len(wanted), 500):
        lines = Line.objects.filter(unit=unit, journal=journal, seq__in=wanted[start : start + 500])
        found += [bytes(body) for body in lines.order_by("seq").values_list("body", flat=True)]
    return found


def received_at(*, unit: str, journal: str, seq: int) -> int | None:
    """When the line `seq` was received (unix ms); None if it was not."""
    for last, at_ms in _receipts(unit, journal, seq, seq)[:1]:
        return at_ms if seq <= last else None
    return None


def restored_at() -> int:
    """When this server was last restored from a backup (unix ms); 0: never.

    Numbers that only grow, and that kiosks may have heard from the server as it was before, begin
    above it.
    """
    records = ServerRecord.objects.filter(unit="", journal="server", type="restored")
    return records.order_by("-seq").values_list("seq", flat=True).first() or 0


def deeds_by_type(type: str) -> list[tuple[str, str, int, bytes]]:
    """(unit, journal, seq, bytes) of every deed of a type, by these."""
    rows = ServerRecord.objects.filter(type=type).order_by("unit", "journal", "seq")
    return [(row.unit, row.journal, row.seq, bytes(row.body)) for row in rows]


def received_spans(*, unit: str, journal: str) -> list[tuple[int, int]]:
    """(first, last) line of each `received` record of a journal, by seq."""
    records = ServerRecord.objects.filter(unit=unit, journal=journal, type="received")
    return list(records.order_by("seq").values_list("from_seq", "seq"))


def _receipts(unit: str, journal: str, from_seq: int, to_seq: int) -> list[tuple[int, int]]:
    """(last seq, receipt time) of the `received` records that cover from_seq..to_seq, by seq."""
    records = ServerRecord.objects.filter(
        unit=unit, journal=journal, type="received", seq__gte=from_seq
    )
    # Each covers a line at least: what a long journal received later is not read.
    rows = records.order_by("seq").values_list("seq", "at_ms", "from_seq")
    found = rows[: max(0, to_seq - from_seq + 1)]
    return [(seq, at_ms) for seq, at_ms, first in found if first <= to_seq]


def deeds_of(*, unit: str, journal: str, type: str) -> list[tuple[int, bytes]]:
    """(unix ms, bytes) of each deed of this type that concerns a journal, in their order."""
    rows = ServerRecord.objects.filter(unit=unit, journal=journal, type=type)
    return [(ms, bytes(body)) for ms, body in rows.order_by("at_ms").values_list("at_ms", "body")]
