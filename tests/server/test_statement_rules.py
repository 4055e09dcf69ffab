"""What the pipeline and the pages ask of the big tables always names its units (cluster.py)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from tests.server.analytics.test_tallies import feed_randomly
from tests.server.cluster import SPREAD, find_faults
from tests.server.votes.river import Station, new_unit

OURS = 'UPDATE "ingest_journal" SET "state"'  # of the tests' own kiosks
PERIOD = (date(2025, 11, 1), date(2025, 12, 31))


@contextmanager
def recorded() -> Iterator[set[str]]:
    """Every statement that goes through Django's connection meanwhile."""
    from django.db import connection

    statements: set[str] = set()

    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.add(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield statements


def _fed() -> list[Station]:
    return feed_randomly(new_unit(), seed=11, steps=150)


def _check(statements: set[str]) -> None:
    asked = sorted(sql for sql in statements if OURS not in sql)
    assert [fault for sql in asked for fault in find_faults(sql)] == []


def test_the_pipeline_names_the_units_of_the_rows_that_it_wants() -> None:
    from server.attribution.services import reattribute

    with recorded() as statements:
        for station in _fed():
            counter = station.counter
            reattribute(unit=station.unit, counter=counter, from_ms=0, to_ms=2**62)
    _check(statements)
    seen = {table for table in SPREAD for sql in statements if table in sql}
    stages = ("votes_", "attribution_", "analytics_")
    idle = {table for table in SPREAD - seen if table.startswith(stages)}
    idle -= {"attribution_postedduty", "attribution_ruling", "attribution_objection"}
    assert idle <= {"votes_kioskday"}


def test_figures_name_the_units_that_they_are_of() -> None:
    from server.analytics.selectors import (
        Period,
        node_figures,
        own_figures,
        own_units,
        unit_figures,
    )

    (unit,) = {station.unit for station in _fed()}
    period, today = Period(*PERIOD), PERIOD[0]
    with recorded() as statements:
        unit_figures(unit=unit, period=period, today=today)
        node_figures(unit=unit, period=period, today=today, view="as-was")
        node_figures(unit=unit, period=period, today=today, view="as-is")
        own_figures(official="CB-1", units=own_units("CB-1"), period=period, today=today)
    _check(statements)
    assert any("analytics_tally" in sql for sql in statements)
    assert not any("votes_vote" in sql or "attribution_attribution" in sql for sql in statements)


def test_tallies_are_rebuilt_unit_by_unit() -> None:
    from server import pipeline

    _fed()
    with recorded() as statements:
        pipeline.rebuild(tallies_only=True)
    whole = {sql for sql in statements if sql == COUNT_WAITING}
    _check(statements - whole)
    assert len(whole) == 1


COUNT_WAITING = (
    "SELECT count(*) FROM attribution_changedday c LEFT JOIN analytics_countedday d "
    "ON d.unit = c.unit AND d.counter = c.counter AND d.first_day = c.first_day "
    "AND d.last_day = c.last_day WHERE d.gen IS NULL OR d.gen <> c.gen"
)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT seq FROM votes_vote WHERE journal = %s",
        'SELECT "votes_vote"."seq" FROM "votes_vote" WHERE "votes_vote"."kiosk" = %s',
        "SELECT 1 FROM votes_vote v JOIN attribution_attribution a ON a.seq = v.seq "
        "WHERE v.unit = %s",
        "SELECT 1 FROM votes_vote v JOIN attribution_attribution a ON a.unit = v.unit",
        "UPDATE analytics_tally SET n1 = 0",
        "DELETE FROM analytics_shown WHERE number = %s",
        "INSERT INTO analytics_tally (counter, n1) VALUES (%s, %s)",
        "SELECT 1 FROM votes_duty WHERE journal = %s FOR UPDATE",
        "WITH RECURSIVE above AS (SELECT 1) SELECT * FROM above",
    ],
)
def test_what_breaks_a_rule_is_found(sql: str) -> None:
    assert list(find_faults(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT seq FROM votes_vote WHERE unit = %s",
        "SELECT 1 FROM votes_vote v JOIN attribution_attribution a ON a.unit = v.unit "
        "WHERE v.unit IN (%s, %s)",
        "SELECT 1 FROM (VALUES (%s, %s)) AS w JOIN analytics_tally t ON t.unit = w.column1",
        "DELETE FROM analytics_tally WHERE (unit, counter) IN (VALUES (%s, %s))",
        'SELECT 1 FROM "votes_duty" WHERE "votes_duty"."unit" = %s FOR UPDATE',
        "SELECT code FROM organisation_unit",
    ],
)
def test_what_keeps_the_rules_is_let_through(sql: str) -> None:
    assert not list(find_faults(sql))
