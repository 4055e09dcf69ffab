"""For the whole suite: which database the server's tests run on; Kivy quiet, whoever imports it."""

import os

import pytest

from kiosk.screens.kivy_setup import ENVIRONMENT

os.environ.update(ENVIRONMENT)  # else it writes a log into the home and sets up all logging


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgres"],
        default="sqlite",
        help="the database of tests/server and tests/journeys; postgres starts a real one, "
        "or uses HAILONG_TEST_DATABASE_URL",
    )
