# ruff: noqa: S608 - constants alone
"""Rows that no door of the server wrote: without a place in the log, and not waiting for one."""

from collections.abc import Iterator

from django.db import connection

NAMED = 50
OF = "p.unit = r.unit AND p.journal = r.journal AND p.type = r.type AND p.seq = r.seq"
SELECT_STRAY = (
    "SELECT r.type, r.seq, r.journal FROM ledger_serverrecord r "
    "LEFT JOIN ledger_span s ON s.unit = r.unit AND s.journal = r.journal AND s.type = r.type "
    f"AND s.seq = r.seq LEFT JOIN ledger_pending p ON {OF} "
    "WHERE s.first_index IS NULL AND p.id IS NULL "
    f"ORDER BY r.unit, r.journal, r.type, r.seq LIMIT {NAMED}"
)
SELECT_LOST = (
    "SELECT p.type, p.seq, p.journal FROM ledger_pending p "
    f"LEFT JOIN ledger_serverrecord r ON {OF} WHERE r.unit IS NULL "
    f"ORDER BY p.id LIMIT {NAMED}"
)
SELECT_TWICE = (
    "SELECT r.type, r.seq, r.journal FROM ledger_pending p "
    f"JOIN ledger_span r ON {OF} ORDER BY p.id LIMIT {NAMED}"
)
# Lines are counted first: what has as many lines as its records cover is not looked at further.
SELECT_UNEVEN = (
    "SELECT l.unit, l.journal FROM (SELECT unit, journal, count(*) AS n FROM ledger_line "
    "GROUP BY unit, journal) AS l LEFT JOIN (SELECT unit, journal, sum(seq - from_seq + 1) AS n "
    "FROM ledger_serverrecord WHERE type = 'received' GROUP BY unit, journal) AS r "
    "ON r.unit = l.unit AND r.journal = l.journal WHERE r.n IS NULL OR r.n <> l.n "
    "ORDER BY l.unit, l.journal"
)
SELECT_UNCOVERED = (
    "SELECT l.seq FROM ledger_line l WHERE l.unit = %s AND l.journal = %s AND NOT EXISTS "
    "(SELECT 1 FROM ledger_serverrecord r WHERE r.unit = l.unit AND r.journal = l.journal "
    "AND r.type = 'received' AND l.seq BETWEEN r.from_seq AND r.seq) "
    f"ORDER BY l.seq LIMIT {NAMED}"
)


def misplaced_rows() -> Iterator[str]:
    """One sentence a row."""
    for type, seq, journal in _all(SELECT_STRAY):
        yield (
            f"The record `{type}` {seq} of {journal} has no place in the log and waits for none: "
            "no door of this server wrote it."
        )
    for type, seq, journal in _all(SELECT_LOST):
        yield f"The record `{type}` {seq} of {journal} waits for its place in the log, but is gone."
    for type, seq, journal in _all(SELECT_TWICE):
        yield f"The record `{type}` {seq} of {journal} has its place in the log and waits for one."
    for unit, journal in _all(SELECT_UNEVEN):
        for (seq,) in _all(SELECT_UNCOVERED, unit, journal):
            yield f"Line {seq} of journal {journal} was never received: no record covers it."


def _all(sql: str, *values: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
