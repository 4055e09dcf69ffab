"""A server from before the organisation had a past is brought up to date with its votes in it."""

import argparse
from collections.abc import Iterator

import pytest

from tests.server.analytics.made import digests
from tests.server.analytics.test_tallies import feed_randomly
from tests.server.votes.river import new_unit, rows

BEFORE = [
    ("organisation", "0003_pin_due"), ("fleet", "0005_kioskstatus_attention"),
    ("votes", "0003_votecode"), ("attribution", "0001_initial"), ("analytics", "0001_initial"),
    ("dossiers", None), ("complaints", None), ("importing", None),
]  # fmt: skip


@pytest.fixture
def newest() -> Iterator[None]:
    """Whatever happens, the tests after this one find the newest tables."""
    yield
    _migrate(None)


def _migrate(to: list[tuple[str, str | None]] | None) -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes() if to is None else to)


def test_old_data_is_brought_up_to_date_and_gives_the_same_figures(newest: None) -> None:
    from server import pipeline
    from server.attribution.models import Attribution
    from server.console.check import main as check
    from server.organisation.models import Unit, UnitSpell

    units = [new_unit() for _ in range(2)]
    stations = [
        each
        for seed, unit in enumerate(units)
        for each in feed_randomly(unit, seed=seed, steps=120)
    ]
    Unit.objects.filter(code=units[1]).update(parent=units[0])
    before, attributed = digests(), rows(Attribution)
    _migrate(BEFORE)
    assert "dossiers_dossier" not in _tables()
    _migrate(None)
    pipeline.run_until_done()
    assert rows(Attribution) == attributed
    assert digests() == before
    assert list(UnitSpell.objects.values_list("unit", "parent").order_by("unit")) == [
        (units[0], None), (units[1], units[0]),
    ]  # fmt: skip
    for station in stations:  # its kiosks send on
        station.kiosk.vote(1)
        station.send()
    pipeline.run_until_done()
    assert len(rows(Attribution)) == len(attributed) + len(stations)
    assert check(argparse.Namespace()) == 0


def _tables() -> list[str]:
    from django.db import connection

    return connection.introspection.table_names()
