"""The integrator: gives every accepted entry its place in the log, one after the other.

Lines are durable and acknowledged before it sees them. One transaction holds places, tiles and
size, so a crash anywhere leaves the tree as it was, and the same records waiting.
"""

from collections.abc import Iterator

from django.db import connection, transaction

from protocol.merkle import leaf_hash
from server.database import as_rows
from server.ledger.models import Pending, Span, Tree
from server.ledger.tree import (
    AT_ONCE,
    RECEIVED,
    THE_TREE,
    LostEntry,
    Placed,
    hold_tree,
    read_edge,
    read_spans,
    write_tiles,
)

LINES_AT_ONCE = 20_000  # about 10 MB of lines
RECORDS_AT_ONCE = 2_000
SELECT_PENDING = (
    "SELECT p.id, r.unit, r.journal, r.type, r.seq, r.from_seq FROM ledger_pending p "
    "JOIN ledger_serverrecord r ON r.unit = p.unit AND r.journal = p.journal "
    "AND r.type = p.type AND r.seq = p.seq ORDER BY p.id LIMIT %s"
)


def integrate_pending() -> int:
    """Give what waits its place in the log, as much as one transaction should take; how many
    entries. 0: nothing waits."""
    if not Pending.objects.exists():
        return 0
    with transaction.atomic():
        size = hold_tree()
        placed, ids = _take_places(size)
        edge = read_edge(size)
        full = []
        for span, entries in _entries(placed):
            if len(entries) != span.size:
                raise LostEntry(
                    f"Of journal {span.journal} lines received up to {span.seq} are gone from the "
                    "tables; `hailong-server check` names them."
                )
            full += edge.append([leaf_hash(entry) for entry in entries])
        write_tiles([*full, *edge.partial()])
        Span.objects.bulk_create((Span(**span._asdict()) for span in placed), batch_size=1_000)
        _forget(ids)
        Tree.objects.filter(id=THE_TREE).update(size=edge.size)
        # A crash before this commit changes nothing; after it, the checkpoint alone is missing.
    return edge.size - size


def integrate_all() -> int:
    """Until nothing waits; how many entries."""
    total = 0
    while done := integrate_pending():
        total += done
    return total


def _take_places(size: int) -> tuple[list[Placed], list[int]]:
    """The places of the records that wait longest, and their ids, behind `size` entries."""
    placed: list[Placed] = []
    ids: list[int] = []
    index = size
    for id, unit, journal, type, seq, from_seq in _waiting():
        entries = 1 + (seq - from_seq + 1 if type == RECEIVED else 0)
        if placed and index + entries - size > LINES_AT_ONCE:
            break
        placed.append(Placed(index, entries, unit, journal, type, seq))
        ids.append(id)
        index += entries
    return placed, ids


def _waiting() -> list[tuple[int, str, str, str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(SELECT_PENDING, [RECORDS_AT_ONCE])
        return list(cursor.fetchall())


def _entries(placed: list[Placed]) -> Iterator[tuple[Placed, list[bytes]]]:
    for at in range(0, len(placed), AT_ONCE):
        yield from read_spans(placed[at : at + AT_ONCE])


def _forget(ids: list[int]) -> None:
    """By their very ids: one that was accepted meanwhile may have a lower id than the last."""
    with connection.cursor() as cursor:
        for at in range(0, len(ids), 1_000):
            some = [(id,) for id in ids[at : at + 1_000]]
            cursor.execute(
                "DELETE FROM ledger_pending WHERE id IN "  # noqa: S608 - placeholders only
                f"(SELECT column1 FROM (VALUES {as_rows(some)}) AS w)",
                [id for (id,) in some],
            )
