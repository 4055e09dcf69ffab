"""For the whole suite: which database the server's tests run on; Kivy quiet, whoever imports it."""

import os

import pytest
from hypothesis import settings

from kiosk.screens.kivy_setup import ENVIRONMENT

os.environ.update(ENVIRONMENT)  # else it writes a log into the home and sets up all logging

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
