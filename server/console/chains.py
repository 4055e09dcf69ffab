"""Does a journal's chain hold, from the genesis hash to the head that its kiosk signed?"""

from collections.abc import Iterator

from protocol.journal import CheckedLine, MalformedLine, check_lines, genesis_hash, open_head
from protocol.keys import check_public_key
from protocol.note import BadNote
from server.ingest.models import Journal
from server.ledger.selectors import read_lines, received_spans

PAGE = 1_000


def find_breaks(*, unit: str, journal: str) -> list[str]:
    """At most one sentence: the first thing in the journal's lines that does not hold."""
    row = Journal.objects.get(unit=unit, journal=journal)
    try:
        _walk(row)
    except (BadNote, _Break) as error:
        return [f"Journal {journal} of unit {unit}: {error}"]
    return []


class _Break(Exception):
    """Something does not hold; str() says what."""


def _walk(row: Journal) -> None:
    seq, hash = 0, genesis_hash(row.journal, bytes(row.public_key))
    for line in _checked(row):
        if line.seq != seq + 1:
            raise _Break(f"Line {seq + 1} is missing.")
        if line.prev != hash:
            raise _Break(f"Line {line.seq} does not follow from the line before it.")
        seq, hash = line.seq, line.hash
    if seq != row.acked:
        raise _Break(f"It was acknowledged up to line {row.acked}, but line {seq + 1} is missing.")
    if hash != bytes(row.head_hash):
        raise _Break(f"Line {seq} is not the one that was acknowledged.")
    _check_receipts(row)
    if row.head_note:
        _check_head(row, hash)


def _check_receipts(row: Journal) -> None:
    covered = 0
    for first, last in received_spans(unit=row.unit, journal=row.journal):
        if first != covered + 1:
            break
        covered = last
    if covered < row.acked:
        raise _Break(f"No record says when line {covered + 1} was received.")


def _check_head(row: Journal, hash: bytes) -> None:
    key = check_public_key(bytes(row.public_key))
    head = open_head(bytes(row.head_note), kiosk=row.kiosk, journal=row.journal, public_key=key)
    if (head.seq, head.hash) != (row.acked, hash):
        raise _Break(f"The kiosk's signed head names line {head.seq}, not this line {row.acked}.")


def _checked(row: Journal) -> Iterator[CheckedLine]:
    """The lines as they were acknowledged when we began, each well-formed, a page at a time."""
    for first in range(1, row.acked + 1, PAGE):
        page = read_lines(
            unit=row.unit,
            journal=row.journal,
            from_seq=first,
            to_seq=min(first + PAGE - 1, row.acked),
        )
        try:
            yield from check_lines(b"\n".join(line.body for line in page), journal=row.journal)
        except MalformedLine as error:
            place = error.place or 1
            raise _Break(f"Line {page[place - 1].seq} does not hold: {error}") from error
