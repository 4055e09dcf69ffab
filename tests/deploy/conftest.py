"""A card to install on, and a unit that starts with one."""

from pathlib import Path

import pytest

from tests.deploy.card import PLAIN, Unit
from tests.deploy.pi import Pi


@pytest.fixture
def pi(tmp_path: Path) -> Pi:
    """A card as Raspberry Pi OS Lite leaves it."""
    return Pi(tmp_path / "card")


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    """A unit with a fresh card."""
    made = Unit(tmp_path)
    made.card.write_text(PLAIN)
    return made
