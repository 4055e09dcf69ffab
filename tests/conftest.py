"""For the whole suite: which database the server's tests run on; Kivy quiet, whoever imports it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from kiosk.screens.kivy_setup import ENVIRONMENT

os.environ.update(ENVIRONMENT)  # else it writes a log into the home and sets up all logging

# Hundreds of our programs are started here. Where Python is told to keep no bytecode, each of them
# would compile all of its source anew: a third of its start. It is kept out of the tree then.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    kept = Path(__file__).parents[1] / ".pytest_cache" / "bytecode"
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(kept))

# A slow machine is no failure; what is drawn is the same each time, so that a red run can be run
# again. New draws are for `python -m bench.fuzz` and for whoever changes a test.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgres"],
        default="sqlite",
        help="the database of tests/server and tests/journeys; postgres starts a real one, "
        "or uses HAILONG_TEST_DATABASE_URL",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Screens and windows are the same over every database: one run shows them."""
    if config.getoption("--database") != "postgres":
        return
    once = [item for item in items if item.get_closest_marker("one_database")]
    config.hook.pytest_deselected(items=once)
    items[:] = [item for item in items if item not in set(once)]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL, one for each of pytest's processes."""
    from tests.server.postgres import running

    with running(tmp_path_factory.mktemp("postgres")) as url:
        yield url
