"""The whole panel: real GpioPanel above mock pins driven at the copper."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory

from hardware import debounce
from hardware.gpio import GpioPanel
from hardware.lamps import Lamps
from hardware.panel import Fault, HardwareError, Panel, Press, boottime_ns
from hardware.simulated import PinDriver, SimulatedPanel, open_simulated
from hardware.wiring import parse_wiring

Until = Callable[[Callable[[], object]], None]


def buttons_of(presses: list[Press]) -> list[int]:
    return [p.button for p in presses]


def lamp_pins(panel: SimulatedPanel) -> list[Any]:
    return [panel.pin_factory.pin(gpio) for gpio in panel.wiring.lamps.values()]


def test_a_press_is_told_once_with_the_time_of_its_start(
    panel: SimulatedPanel, presses: list[Press], until: Until
) -> None:
    before = boottime_ns()
    panel.driver.down(4)
    after = boottime_ns()
    until(lambda: presses)
    panel.driver.up(4)
    panel.close()
    (press,) = presses
    assert press == Press(4, press.mono_ns, others_down=False, source="button")
    assert before - 1_000_000 <= press.mono_ns <= after


def test_a_forty_millisecond_press_with_chatter_at_both_ends_is_exactly_one() -> None:
    for _ in range(20):
        with open_simulated("stdin") as panel:
            told: list[Press] = []
            panel.on_press(told.append)
            pin = panel.pin_factory.pin(panel.wiring.buttons[5])
            pin.clear_states()
            panel.driver.press(5, 40, chatter=6)
            states = list(pin.states)
        # A busy machine may stretch the chatter into presses of its own: look, and try again.
        gaps = sorted(state.timestamp for state in states[2:])
        if gaps[-2] < 0.010:
            assert len(told) == 1
            assert panel.bounces(5) == 11
            return
    pytest.fail("this machine never bounced fast enough")


def test_a_glitch_is_no_press_and_the_next_press_counts(
    panel: SimulatedPanel, presses: list[Press]
) -> None:
    panel.driver.down(3)
    panel.driver.up(3)
    panel.driver.press(2)
    panel.close()
    assert buttons_of(presses)[-1] == 2
    assert panel.presses(3) + panel.bounces(3) == 1


def test_a_held_button_is_one_press_and_the_others_say_that_it_was_down(
    panel: SimulatedPanel, presses: list[Press], until: Until
) -> None:
    panel.driver.down(1)
    until(lambda: presses)
    panel.driver.press(5)
    panel.driver.up(1)
    panel.close()
    assert [(p.button, p.others_down) for p in presses] == [(1, False), (5, True)]


def test_presses_one_after_the_other_are_all_told_in_order(
    panel: SimulatedPanel, presses: list[Press]
) -> None:
    wanted = [5, 5, 4, 3, 3, 2, 1, 5]
    for button in wanted:
        panel.driver.press(button, 15)
    panel.close()
    assert buttons_of(presses) == wanted
    assert not any(p.others_down for p in presses)
    assert presses == sorted(presses, key=lambda p: p.mono_ns)


@pytest.mark.parametrize("failure", [ValueError, SystemExit, KeyboardInterrupt])
def test_whoever_fails_on_a_press_does_not_silence_the_panel(
    panel: SimulatedPanel, failure: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    told = []

    def fail_once(press: Press) -> None:
        told.append(press.button)
        if press.button == 4:
            raise failure("no room on the card")

    panel.on_press(fail_once)
    panel.driver.press(4)
    panel.driver.press(5)
    panel.close()
    assert told == [4, 5]
    assert "no room on the card" in caplog.text


def test_an_edge_that_could_not_be_queued_is_found_by_its_level(
    panel: SimulatedPanel,
    presses: list[Press],
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(panel.pin_factory, "ticks_diff", lambda *_: 1 / 0)
        panel.driver.down(2)  # the exception must not come out here
    assert "an edge of button 2 was lost" in caplog.text
    until(lambda: presses)
    panel.driver.up(2)
    panel.driver.press(5)
    panel.close()
    assert buttons_of(presses) == [2, 5]


def test_edges_delivered_late_count_with_the_time_they_happened(
    panel: SimulatedPanel, presses: list[Press]
) -> None:
    pin = panel.pin_factory.pin(panel.wiring.buttons[4])
    handler, kept = pin.when_changed, []

    def keep(ticks: float, state: int) -> None:
        kept.append((ticks, state))

    pin.when_changed = keep  # a stalled process
    panel.driver.press(4, 15)
    for ticks, state in kept:  # goes on, and sees both edges at once
        handler(ticks, state)
    panel.close()
    assert buttons_of(presses) == [4]


def test_a_stuck_button_is_a_fault_until_it_is_released(
    monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(debounce, "STUCK_NS", 50_000_000)
    faults: list[Fault] = []
    with open_simulated("stdin") as panel:
        panel.on_fault(faults.append)
        panel.driver.down(3)
        until(lambda: faults)
        panel.driver.up(3)
        until(lambda: len(faults) == 2)
    assert [(f.part, f.kind, f.cleared) for f in faults] == [
        ("button-3", "stuck", False),
        ("button-3", "stuck", True),
    ]


def test_a_button_down_when_the_panel_opens_was_not_pressed_for_us() -> None:
    wiring = parse_wiring("active = 'high'\n[buttons]\n5 = 5\n4 = 6\n")
    factory = MockFactory()
    pin = factory.pin(5)
    # Mock pins fall to their pull resistor when opened; a finger holds this one up.
    pin._set_pull = lambda _: pin.drive_high()
    told: list[Press] = []
    with GpioPanel(wiring, factory) as panel:
        panel.on_press(told.append)
        driver = PinDriver(factory, wiring)
        driver.up(5)
        driver.press(4)
        driver.press(5)
    assert buttons_of(told)[-2:] == [4, 5] and buttons_of(told).count(5) == 1


def test_a_panel_whose_pins_are_taken_says_so_and_leaves_the_first_alive(
    panel: SimulatedPanel, presses: list[Press]
) -> None:
    with pytest.raises(HardwareError, match="end the program that uses it"):
        GpioPanel(panel.wiring, panel.pin_factory)
    panel.driver.press(5)
    panel.close()
    assert buttons_of(presses) == [5]


@pytest.mark.parametrize("active", ["low", "high"])
def test_either_polarity_works_bare_of_lamps_and_buzzer(active: str) -> None:
    wiring = parse_wiring(f"active = '{active}'\n[buttons]\n5 = 5\n1 = 6\n")
    told: list[Press] = []
    with open_simulated("keys", wiring) as panel:
        panel.on_press(told.append)
        panel.acknowledge()
        panel.beep()
        panel.idle(lit=True)
        panel.driver.press(1)
    assert [(p.button, p.source) for p in told] == [(1, "keyboard")]


def test_all_lamps_flash_together_whichever_button_it_was(
    panel: SimulatedPanel, until: Until
) -> None:
    pins = lamp_pins(panel)
    for pin in pins:
        pin.clear_states()
    panel.driver.press(4)
    panel.acknowledge()
    until(lambda: all(pin.state for pin in pins))
    until(lambda: not any(pin.state for pin in pins))
    for pin in pins:
        pin.assert_states([False, True, False])


def test_lamps_that_rest_lit_answer_by_a_dark_moment(panel: SimulatedPanel, until: Until) -> None:
    pins = lamp_pins(panel)
    panel.idle(lit=True)
    until(lambda: all(pin.state for pin in pins))
    panel.acknowledge()
    until(lambda: not any(pin.state for pin in pins))
    until(lambda: all(pin.state for pin in pins))
    panel.idle(lit=False)
    until(lambda: not any(pin.state for pin in pins))


def test_the_buzzer_beeps_once_and_is_silent_again(panel: SimulatedPanel, until: Until) -> None:
    pin = panel.pin_factory.pin(panel.wiring.buzzer)
    panel.beep()
    until(lambda: len(pin.states) == 3)
    pin.assert_states([False, True, False])


def test_lamps_can_be_dimmed(until: Until) -> None:
    text = "brightness = 0.25\n[buttons]\n5 = 5\n4 = 6\n[lamps]\n5 = 17\n4 = 27\n"
    with open_simulated("stdin", parse_wiring(text)) as panel:
        panel.idle(lit=True)
        until(lambda: [pin.state for pin in lamp_pins(panel)] == [0.25, 0.25])


def test_a_lamp_that_hangs_or_fails_holds_nobody_up(
    until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    go_on = threading.Event()

    class Hanging:
        def __init__(self) -> None:
            self.written: list[float] = []

        @property
        def value(self) -> float:
            return self.written[-1] if self.written else 0.0

        @value.setter
        def value(self, value: float) -> None:
            go_on.wait()
            self.written.append(value)
            if len(self.written) == 1:
                raise OSError("the lamp is broken")

        def close(self) -> None:
            self.written.append(-1)

    lamp = Hanging()
    lamps = Lamps([lamp], None)
    lamps.wish("acknowledge")  # returns though the lamp hangs
    lamps.wish("idle lit")
    go_on.set()
    until(lambda: "the lamp is broken" in caplog.text)
    lamps.close()
    assert lamp.written[-2:] == [0.0, -1]  # off, then freed


def test_closing_tells_what_was_pressed_and_may_be_done_twice(
    panel: SimulatedPanel, presses: list[Press]
) -> None:
    panel.driver.press(5)
    panel.close()
    panel.close()
    assert buttons_of(presses) == [5]
    panel.driver.press(4)
    assert buttons_of(presses) == [5]


def test_a_callback_may_close_the_panel(panel: SimulatedPanel, until: Until) -> None:
    closed = threading.Event()

    def close(_: Press) -> None:
        panel.close()
        closed.set()

    panel.on_press(close)
    panel.driver.press(5)
    until(closed.is_set)


def test_the_panel_keeps_the_contract(panel: SimulatedPanel) -> None:
    contract: Panel = panel
    assert contract.simulated and contract.buttons == (5, 4, 3, 2, 1)


def test_nothing_is_logged_about_which_button_was_pressed(
    panel: SimulatedPanel, presses: list[Press], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    panel.driver.press(1)
    panel.close()
    assert presses and not caplog.records
