"""Reading the ledger: lines with the time the server received them."""

from dataclasses import dataclass

from server.ledger.models import Line, ServerRecord


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
    if not rows:
        return []
    receipts = iter(_receipts(unit, journal, from_seq, rows[-1][0]))
    last, received_ms = 0, 0
    found = []
    for seq, body in rows:
        while seq > last:
            last, received_ms = next(receipts, (seq, received_ms))
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


def received_spans(*, unit: str, journal: str) -> list[tuple[int, int]]:
    """(first, last) line of each `received` record of a journal, by seq."""
    records = ServerRecord.objects.filter(unit=unit, journal=journal, type="received")
    return list(records.order_by("seq").values_list("from_seq", "seq"))


def _receipts(unit: str, journal: str, from_seq: int, to_seq: int) -> list[tuple[int, int]]:
    """(last seq, receipt time) of the `received` records that cover from_seq..to_seq, by seq."""
    return list(
        ServerRecord.objects.filter(
            unit=unit, journal=journal, type="received", seq__gte=from_seq, from_seq__lte=to_seq
        )
        .order_by("seq")
        .values_list("seq", "at_ms")
    )
