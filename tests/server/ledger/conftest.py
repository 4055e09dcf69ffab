"""Kiosks whose journals the server knows."""

import pytest

from tests.server.ingest.test_line_door import enrolled
from tests.server.kiosks import PaperKiosk


@pytest.fixture
def kiosk() -> PaperKiosk:
    """Three votes, not yet sent."""
    return enrolled()


@pytest.fixture
def other() -> PaperKiosk:
    return enrolled("k-other")
