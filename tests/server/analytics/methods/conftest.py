"""Pure functions need no database: none is made here, none is emptied after each test."""

import pytest


@pytest.fixture(autouse=True)
def empty_database() -> None:
    """Instead of the server tests' one."""
