"""A real HTTP server at the doors, started once for a file of tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.live import Live, serving


@pytest.fixture(scope="module")
def live(server_folder: Path) -> Iterator[Live]:
    """`hailong-server run` on the database of this test run."""
    with serving(server_folder) as live:
        yield live
        told = live.log.read_text()
    assert "Traceback" not in told, told
