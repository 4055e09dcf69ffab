"""One option for the whole suite: which database the server's tests run on."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgres"],
        default="sqlite",
        help="the database of tests/server and tests/journeys; postgres starts a real one, "
        "or uses HAILONG_TEST_DATABASE_URL",
    )
