"""What the tests of the panel share."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from hardware.panel import Press
from hardware.simulated import SimulatedPanel, open_simulated
from tests.hardware.kernel_lines import KernelChip, plug

DEADLINE_S = 60


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Polls a condition and fails when it does not come."""

    def wait(condition: Callable[[], object]) -> None:
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, "the condition did not come true"
            threading.Event().wait(0.005)

    return wait


@pytest.fixture
def chip(monkeypatch: pytest.MonkeyPatch) -> KernelChip:
    """This machine's header: kernel lines that are made up."""
    return plug(monkeypatch, KernelChip())


@pytest.fixture
def panel() -> Iterator[SimulatedPanel]:
    """Five buttons on mock pins."""
    with open_simulated("stdin") as panel:
        yield panel


@pytest.fixture
def presses(panel: SimulatedPanel) -> list[Press]:
    """What the panel told; whole once the panel is closed."""
    told: list[Press] = []
    panel.on_press(told.append)
    return told
