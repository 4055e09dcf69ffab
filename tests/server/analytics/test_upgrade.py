"""Cells and blocks from before the unit stood in their keys are kept as they were."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.analytics.test_tallies import feed_randomly
from tests.server.votes.river import new_unit, rows

OLD, NEW = ("analytics", "0001_initial"), ("analytics", "0004_apart")


@pytest.fixture
def migrate() -> Iterator[Any]:
    """Bring the room's tables to a version; at the end to the newest."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    def to(version: tuple[str, str]) -> Any:
        executor = MigrationExecutor(connection)
        return executor.migrate([version]).apps

    yield to
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_what_is_shown_survives_the_new_keys(migrate: Any) -> None:
    from server import pipeline
    from server.analytics.audit import find_differences
    from server.analytics.models import Block, Shown, ShownVote

    units = [new_unit() for _ in range(2)]
    for seed, unit in enumerate(units, 1):
        feed_randomly(unit, seed=seed, steps=150)
    models = (Shown, Block, ShownVote)
    before = [rows(model) for model in models]
    assert all(before)
    _carry_over(migrate(OLD), copy.deepcopy(before))
    migrate(NEW)
    pipeline.run_until_done()  # votes, attributions and tallies are made anew
    after = [rows(model) for model in models]
    assert _shown(after) == _shown(before)
    assert find_differences() == []


def _carry_over(apps: Any, tables: list[list[dict[str, Any]]]) -> None:
    """Write into the old tables what stood in the new ones, with numbers of the whole server."""
    cells: dict[tuple[object, object], int] = {}
    blocks: dict[tuple[object, object], int] = {}
    old = [apps.get_model("analytics", name) for name in ("Shown", "Block", "ShownVote")]
    later = ("x1", "x2", "x3", "x4", "x5", "apart", "counted")
    for row in (row for table in tables for row in table):
        for name in later:
            row.pop(name, None)
    for row in tables[0]:
        number = row.pop("number")
        cells[row["unit"], number] = old[0].objects.create(**row).pk
    for row in tables[1]:
        unit, number = row.pop("unit"), row.pop("number")
        row["cell_id"] = cells[unit, row.pop("cell")]
        blocks[unit, number] = old[1].objects.create(**row).pk
    for row in tables[2]:
        block, cell = row.pop("block"), row.pop("cell")
        row |= {"block_id": blocks[row["unit"], block], "cell_id": cells[row["unit"], cell]}
        old[2].objects.create(**row)


def _shown(tables: list[list[dict[str, Any]]]) -> list[Any]:
    """Every cell with its counts, and every block with its cell, votes and ratings."""
    cells, blocks, votes = tables
    named = {(c["unit"], c["number"]): tuple(v for k, v in c.items() if k != "number")
             for c in cells}  # fmt: skip
    held: dict[tuple[object, object], list[Any]] = {}
    for vote in votes:
        held.setdefault((vote["unit"], vote["block"]), []).append(
            (vote["journal"], vote["seq"], vote["rating"], named[vote["unit"], vote["cell"]])
        )
    stood = [
        (
            named[b["unit"], b["cell"]],
            b["shown"],
            b["until_ms"],
            sorted(held[b["unit"], b["number"]]),
        )
        for b in blocks
    ]
    return [sorted(named.values()), sorted(stood)]
