"""Resting lamps breathe where they can dim, all as one; and cost nothing where nobody asked."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory

from hardware import lamps
from hardware.gpio import GpioPanel
from hardware.lamps import DIMMEST, PWM_HZ
from hardware.simulated import SimulatedPanel, open_simulated
from hardware.wiring import parse_wiring

Until = Callable[[Callable[[], object]], None]
WIRING = "[buttons]\n5 = 5\n4 = 6\n[lamps]\n5 = 17\n4 = 27\n"


@pytest.fixture
def panel(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedPanel]:
    """Two lamps that dim; a breath is short."""
    monkeypatch.setattr(lamps, "BREATH_S", 0.4)
    monkeypatch.setattr(lamps, "STEP_S", 0.01)
    with open_simulated("stdin", parse_wiring(WIRING)) as panel:
        yield panel


def lamp_pins(panel: GpioPanel) -> list[Any]:
    return [panel._factory.pin(gpio) for gpio in panel.wiring.lamps.values()]


def values(pin: Any) -> list[float]:
    return [float(state.state) for state in pin.states]


def test_breathing_lamps_go_from_full_to_dim_and_back_together(
    panel: SimulatedPanel, until: Until
) -> None:
    lamp, other = lamp_pins(panel)
    panel.breathe(True)
    until(lambda: any(v < DIMMEST + 0.2 for v in values(lamp)[2:]))
    dim = len(lamp.states)
    until(lambda: any(v > 0.8 for v in values(lamp)[dim:]))
    panel.close()
    breath = [v for v in values(lamp) if v]
    assert min(breath) >= DIMMEST and max(breath) <= 1
    assert len(set(breath)) > 5
    assert values(lamp) == values(other)


def test_after_breathing_the_lamps_rest_as_they_did(panel: SimulatedPanel, until: Until) -> None:
    lamp, _ = lamp_pins(panel)
    for lit in (True, False):
        panel.idle(lit)
        panel.breathe(True)
        until(lambda: 0 < lamp.state < 1)
        panel.breathe(False)
        until(lambda: lamp.state == float(lit) and lamp.frequency is None)  # noqa: B023


def test_only_lamps_that_breathe_or_are_dimmed_make_the_processor_pulse(
    panel: SimulatedPanel, until: Until
) -> None:
    lamp, other = lamp_pins(panel)
    panel.idle(True)
    until(lambda: lamp.state)
    assert (lamp.frequency, other.frequency) == (None, None)
    panel.breathe(True)
    until(lambda: lamp.frequency == other.frequency == PWM_HZ)
    panel.breathe(False)
    until(lambda: lamp.frequency is None and other.frequency is None)


def test_while_nobody_asked_the_lamps_thread_sleeps(panel: SimulatedPanel, until: Until) -> None:
    panel.idle(True)
    until(lambda: panel._lamps._next_s(0.0) is None)
    panel.breathe(True)
    until(lambda: panel._lamps._next_s(0.0) is not None)
    panel.breathe(False)
    until(lambda: panel._lamps._next_s(0.0) is None)


def test_breathing_lamps_answer_all_together_by_a_dark_moment_and_breathe_on(
    panel: SimulatedPanel, until: Until
) -> None:
    lamp, other = lamp_pins(panel)
    panel.breathe(True)
    until(lambda: 0 < lamp.state < 1)
    begun = len(lamp.states)
    panel.acknowledge()
    until(lambda: 0.0 in values(lamp)[begun:])
    dark = len(lamp.states)
    until(lambda: len(lamp.states) > dark + 3)
    panel.close()
    assert values(lamp) == values(other)


def test_a_breath_is_slow_and_never_dark() -> None:
    assert 3 <= lamps.BREATH_S <= 6
    assert lamps._breath(0) == 1 and lamps._breath(lamps.BREATH_S / 2) == DIMMEST >= 0.2
    assert lamps.BREATH_S / lamps.STEP_S >= 40  # steps that nobody sees


def test_dimmed_lamps_breathe_below_their_brightness(
    monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(lamps, "BREATH_S", 0.4)
    with open_simulated("stdin", parse_wiring("brightness = 0.5\n" + WIRING)) as panel:
        lamp, _ = lamp_pins(panel)
        panel.breathe(True)
        until(lambda: len(lamp.states) > 8)
        panel.breathe(False)
        panel.idle(True)
        until(lambda: lamp.state == 0.5)
        assert lamp.frequency == PWM_HZ
    assert max(values(lamp)) == 0.5


def test_lamps_lit_by_a_low_level_breathe_and_rest_dark(
    monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(lamps, "BREATH_S", 0.4)
    panel = open_simulated("stdin", parse_wiring("lamps_active = 'low'\n" + WIRING))
    lamp, other = lamp_pins(panel)
    until(lambda: lamp.state == other.state == 1)
    panel.breathe(True)
    until(lambda: 0 < lamp.state < 1)
    panel.breathe(False)
    until(lambda: lamp.state == other.state == 1)
    panel.close()


def test_where_no_pin_can_dim_they_rest_lit_and_the_log_says_so(
    until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with GpioPanel(parse_wiring(WIRING), MockFactory()) as panel:
        lamp, other = lamp_pins(panel)
        panel.breathe(True)
        panel.breathe(True)
        until(lambda: lamp.state and other.state)
        panel.acknowledge()
        until(lambda: not lamp.state)
        until(lambda: lamp.state)
        panel.breathe(False)
        until(lambda: not lamp.state)
    said = [m for m in caplog.messages if "cannot dim" in m]
    assert said == ["these pins cannot dim: the lamps rest lit instead of breathing"]
