"""What is counted costs what there is to count, not the history: SQLite's plans, which it makes
without statistics, find rows by more than their unit."""

import re
from datetime import date
from typing import Any

import pytest

DAY = date(2025, 11, 22)
MANY = 1_000


def _statements() -> dict[str, tuple[str, int]]:
    """Name -> SQL with {rows} and the values of a row."""
    from server.analytics import cells, counting, reasons

    widths = {
        "COUNT_DAYS": 4, "NOTE_DAYS": 5, "COUNT_HOURS": 6, "COUNT_PROCEDURES": 3,
        "SUM_UNIT_MONTHS": 5, "SUM_OFFICIAL_MONTHS": 5, "SELECT_MOVED": 6, "SELECT_IN_BLOCKS": 4,
        "SELECT_VOTES": 6, "TELL": 3,
    }  # fmt: skip
    rooms = (counting, cells, reasons)
    return {
        name: (next(getattr(room, name) for room in rooms if hasattr(room, name)), width)
        for name, width in widths.items()
    }


@pytest.mark.parametrize("rows", [1, MANY])
def test_every_step_of_counting_finds_its_rows_by_their_day(rows: int) -> None:
    from django.db import connection

    from server.database import as_rows

    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by statistics")
    for name, (sql, width) in _statements().items():
        row: tuple[Any, ...] = ("u", "u-1", DAY, DAY, 1, 1)[:width]
        with connection.cursor() as cursor:
            values = [value for _ in range(rows) for value in row]
            cursor.execute(f"EXPLAIN QUERY PLAN {sql.format(rows=as_rows([row] * rows))}", values)
            steps = [step[-1] for step in cursor.fetchall()]
        assert not any(re.match(r"SCAN [a-z]\b(?<!w)", step) for step in steps), (name, steps)
        searches = [step for step in steps if step.startswith("SEARCH")]
        assert searches, (name, steps)
        for step in searches:
            assert " AND " in step, (name, step)


def test_an_official_who_opens_their_page_reads_nobody_elses_months() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from server.analytics.own import own_units

    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by statistics")
    with CaptureQueriesContext(connection) as asked:
        own_units("CB-1")
    (sql,) = [q["sql"] for q in asked.captured_queries if "analytics_officialmonth" in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        steps = [step[-1] for step in cursor.fetchall()]
    assert any("(unit=? AND official=?)" in step for step in steps), steps
