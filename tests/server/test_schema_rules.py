"""The tables as the database has them keep the rules of a cluster (cluster.py)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.cluster import ELSEWHERE, OTHER_KEYS, REFERENCE, SPREAD


@pytest.fixture
def cursor() -> Iterator[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        yield cursor


def _tables(cursor: Any) -> set[str]:
    from django.db import connection

    return {*connection.introspection.table_names(cursor)}


def _keys(cursor: Any, table: str) -> dict[str, dict[str, Any]]:
    from django.db import connection

    return connection.introspection.get_constraints(cursor, table)  # type: ignore[no-any-return]


def test_of_every_table_it_is_decided_where_it_stands_in_a_cluster(cursor: Any) -> None:
    for table in _tables(cursor):
        places = (table in SPREAD) + (table in ELSEWHERE)
        places += any(table.startswith(prefix) for prefix in REFERENCE)
        assert places == 1, f"{table} stands in {places} lists of tests/server/cluster.py"
    assert _tables(cursor) >= SPREAD | ELSEWHERE.keys()


def test_the_unit_is_the_first_column_of_every_key_of_the_big_tables(cursor: Any) -> None:
    for table in sorted(SPREAD):
        keys = _keys(cursor, table)
        assert any(key["primary_key"] for key in keys.values()), table
        for name, key in keys.items():
            if (key["primary_key"] or key["unique"] or key["index"]) and name not in OTHER_KEYS:
                assert key["columns"][0] == "unit", f"{name} of {table} is {key['columns']}"


def test_the_exceptions_are_there_and_needed(cursor: Any) -> None:
    found = {
        name: key["columns"]
        for table in SPREAD
        for name, key in _keys(cursor, table).items()
        if name in OTHER_KEYS
    }
    assert found.keys() == OTHER_KEYS.keys()
    assert all(columns[0] != "unit" for columns in found.values())


def test_no_foreign_key_leads_from_or_to_a_big_table(cursor: Any) -> None:
    for table in sorted(_tables(cursor)):
        for name, key in _keys(cursor, table).items():
            if key["foreign_key"]:
                to = key["foreign_key"][0]
                assert table not in SPREAD and to not in SPREAD, f"{name}: {table} -> {to}"


def test_there_is_no_trigger(cursor: Any) -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    else:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    assert cursor.fetchall() == []
