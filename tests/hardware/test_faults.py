"""What is broken on a panel is told, and what is left of it takes presses."""

import threading
from collections.abc import Callable, Iterator

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from hardware import debounce
from hardware.absent import AbsentPanel
from hardware.gpio import GpioPanel
from hardware.inputs import MOST_WAITING
from hardware.panel import HardwareError, Panel, Press
from hardware.simulated import PinDriver, SimulatedPanel, open_simulated
from hardware.wiring import load_wiring, parse_wiring

Until = Callable[[Callable[[], object]], None]
OLD_BOARD = "000e"  # a Pi 1 B: 26 pins, so no GPIO 5, 6, 13, 19 and 26
WHOLE = """invite = 16
duty_lamp = 12
buzzer = 25
[buttons]
5 = 5
4 = 24
[lamps]
5 = 17
4 = 19
"""


def told_by(panel: Panel) -> list[tuple[str, str, bool]]:
    faults: list[tuple[str, str, bool]] = []
    panel.on_fault(lambda f: faults.append((f.part, f.kind, f.cleared)))
    return faults


@pytest.fixture
def old_board() -> Iterator[MockFactory]:
    factory = MockFactory(revision=OLD_BOARD, pin_class=MockPWMPin)
    yield factory
    factory.close()


def test_what_the_board_does_not_have_is_missing_and_the_rest_takes_presses(
    old_board: MockFactory, caplog: pytest.LogCaptureFixture
) -> None:
    wiring = parse_wiring(WHOLE)
    told: list[Press] = []
    with GpioPanel(wiring, old_board) as panel:
        faults = told_by(panel)
        panel.on_press(told.append)
        pin = old_board.pin(24)
        pin.drive_low()
        threading.Event().wait(0.05)
        pin.drive_high()
        panel.acknowledge()
        panel.duty(True)
    missing = ["button-5", "invite", "lamp-4", "duty-lamp"]
    assert faults == [(part, "missing", False) for part in missing]
    assert [p.button for p in told] == [4]
    assert len(caplog.messages) == 4
    assert caplog.messages[0] == (
        "GPIO 5 cannot serve as button 5 (this board has no such pin); end the program that uses "
        "it, or correct the wiring."
    )


def test_without_any_button_there_is_no_panel(old_board: MockFactory) -> None:
    with pytest.raises(HardwareError, match="No button of this panel can be had: GPIO 5 ") as no:
        GpioPanel(load_wiring(), old_board)
    assert str(no.value).count(". ") == 0
    with pytest.raises(HardwareError):  # an invite input alone takes no votes
        GpioPanel(parse_wiring("invite = 17\n[buttons]\n5 = 5\n"), old_board)


def test_a_missing_buzzer_is_no_buzzer(old_board: MockFactory) -> None:
    with GpioPanel(parse_wiring("buzzer = 26\n[buttons]\n5 = 17\n"), old_board) as panel:
        assert not panel.has_buzzer
        panel.beep()
        assert panel.buttons == (5,)


def test_whoever_asks_late_is_told_what_is_broken_already(
    old_board: MockFactory, until: Until
) -> None:
    with GpioPanel(parse_wiring(WHOLE), old_board) as panel:
        first, second = told_by(panel), told_by(panel)
        until(lambda: len(second) == 4)
        assert len(first) == 4  # before another took its place


def test_a_button_stuck_before_anybody_asked_is_told_and_its_end_too(
    panel: SimulatedPanel, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(debounce, "STUCK_NS", 50_000_000)
    monkeypatch.setattr(debounce, "FREED_NS", 50_000_000)
    panel.driver.down(3)
    until(lambda: panel._teller._faults)
    faults = told_by(panel)
    panel.driver.up(3)
    until(lambda: len(faults) == 2)
    late = told_by(panel)
    panel.close()
    assert faults == [("button-3", "stuck", False), ("button-3", "stuck", True)]
    assert late == []


def test_a_stuck_button_is_masked_and_the_others_press_alone(
    panel: SimulatedPanel, presses: list[Press], monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(debounce, "STUCK_NS", 50_000_000)
    monkeypatch.setattr(debounce, "FREED_NS", 3600 * 10**9)
    faults = told_by(panel)
    panel.driver.down(3)
    until(lambda: faults)
    panel.driver.up(3)
    panel.driver.press(3, 20)
    panel.driver.press(5, 20)
    panel.close()
    assert [(p.button, p.others_down) for p in presses] == [(3, False), (5, False)]


def test_a_line_that_chatters_is_noisy_masked_and_whole_again_after_a_quiet_while(
    panel: SimulatedPanel, presses: list[Press], monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(debounce, "QUIET_NS", 300_000_000)
    faults = told_by(panel)
    pin = panel.pin_factory.pin(panel.wiring.buttons[2])
    while not faults:
        pin.drive_low()
        pin.drive_high()
        threading.Event().wait(0.001)
    panel.driver.press(4, 20)
    until(lambda: len(faults) == 2)
    panel.driver.press(2, 20)
    panel.close()
    assert faults == [("button-2", "noisy", False), ("button-2", "noisy", True)]
    assert [(p.button, p.others_down) for p in presses] == [(4, False), (2, False)]


def test_an_invite_input_that_chatters_is_told_and_invites_nobody(until: Until) -> None:
    with open_simulated("stdin", parse_wiring(WHOLE)) as panel:
        faults, invites = told_by(panel), []
        panel.on_invite(invites.append)
        pin = panel.pin_factory.pin(16)
        while not faults:
            pin.drive_low()
            pin.drive_high()
            threading.Event().wait(0.001)
        before = len(invites)
        panel.driver.invite()
    assert faults == [("invite", "noisy", False)]
    assert len(invites) == before


def test_a_flood_waits_in_no_queue(panel: SimulatedPanel, until: Until) -> None:
    go_on = threading.Event()
    panel.on_press(lambda _: (go_on.wait(), None)[1])
    panel.driver.down(5)
    until(lambda: panel._teller._inbox.empty() and panel.presses(5))  # whoever is told hangs
    pin = panel.pin_factory.pin(panel.wiring.buttons[1])
    for _ in range(5_000):
        pin.drive_low()
        pin.drive_high()
    assert panel._teller._inbox.qsize() <= MOST_WAITING + 1
    go_on.set()
    told: list[Press] = []
    panel.on_press(told.append)
    panel.driver.press(4)
    until(lambda: told)


def test_a_panel_that_lives_answers_from_its_own_thread(
    panel: SimulatedPanel, until: Until
) -> None:
    answers: list[str] = []
    panel.check_alive(lambda: answers.append(threading.current_thread().name))
    until(lambda: answers)
    assert answers == ["buttons"]


def test_a_panel_whose_thread_hangs_does_not_answer(panel: SimulatedPanel, until: Until) -> None:
    go_on, reached, answered = threading.Event(), threading.Event(), threading.Event()

    def hang(_: Press) -> None:
        reached.set()
        go_on.wait()

    panel.on_press(hang)
    panel.driver.down(5)
    until(reached.is_set)
    panel.check_alive(answered.set)
    threading.Event().wait(0.1)
    assert not answered.is_set()
    go_on.set()
    until(answered.is_set)


def test_an_absent_panel_has_no_buttons_and_says_why_if_it_should_have_some(until: Until) -> None:
    touch_only, broken = AbsentPanel(), AbsentPanel("No GPIO pins to be used here.")
    contract: list[Panel] = [touch_only, broken]
    faults = [told_by(panel) for panel in contract]
    for panel in contract:
        answered = threading.Event()
        panel.check_alive(answered.set)
        until(answered.is_set)
        assert (panel.buttons, panel.has_buzzer, panel.simulated) == ((), False, False)
        for light in (panel.idle, panel.duty, panel.breathe):
            light(True)
        for call in (panel.acknowledge, panel.invite, panel.beep, panel.close, panel.close):
            call()
    assert faults == [[], [("panel", "missing", False)]]
    assert broken.why == "No GPIO pins to be used here."


def test_a_driver_presses_what_is_left_of_a_broken_panel(old_board: MockFactory) -> None:
    wiring = parse_wiring("[buttons]\n5 = 5\n4 = 17\n")
    told: list[Press] = []
    with GpioPanel(wiring, old_board) as panel:
        panel.on_press(told.append)
        PinDriver(old_board, parse_wiring("[buttons]\n4 = 17\n")).press(4)
        assert (panel.presses(4), panel.presses(5), panel.bounces(5)) == (1, 0, 0)
    assert [p.button for p in told] == [4]
