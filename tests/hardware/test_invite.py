"""The official's side of the panel: the invite input, the invitation's light and sound, duty."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hardware import debounce, lamps
from hardware.panel import Fault, Panel, Press, boottime_ns
from hardware.simulated import SimulatedPanel, open_simulated
from hardware.wiring import parse_wiring

Until = Callable[[Callable[[], object]], None]
WIRING = """invite = 16
duty_lamp = 12
buzzer = 25
[buttons]
5 = 5
4 = 6
[lamps]
5 = 17
4 = 27
"""
BLINK_S = 0.05


@pytest.fixture
def panel(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedPanel]:
    """Two buttons, two lamps and the official's side; an invitation blinks four times, faster."""
    monkeypatch.setattr(lamps, "BLINK_S", BLINK_S)
    monkeypatch.setattr(lamps, "INVITE_S", 8 * BLINK_S)
    with open_simulated("stdin", parse_wiring(WIRING)) as panel:
        yield panel


@pytest.fixture
def invites(panel: SimulatedPanel) -> list[int]:
    told: list[int] = []
    panel.on_invite(told.append)
    return told


def pins(panel: SimulatedPanel, *gpios: int) -> list[Any]:
    """These pins, with nothing recorded but how they are now."""
    found = [panel.pin_factory.pin(gpio) for gpio in gpios]
    for pin in found:
        pin.clear_states()
    return found


def states(pin: Any) -> list[bool]:
    return [bool(state.state) for state in pin.states]


def is_over(panel: SimulatedPanel) -> bool:
    """Whether the invitation has ended and all that it switched on is off again."""
    outputs = [panel.pin_factory.pin(gpio) for gpio in (17, 27, 25)]
    ended = panel._lamps._invite_until <= time.monotonic()
    return ended and not any(pin.state for pin in outputs)


def test_an_invite_is_told_once_with_its_time_and_is_no_press(
    panel: SimulatedPanel, invites: list[int], presses: list[Press]
) -> None:
    before = boottime_ns()
    panel.driver.invite(chatter=5)
    after = boottime_ns()
    panel.driver.press(4)
    panel.close()
    assert len(invites) == 1 and before <= invites[0] <= after
    assert [p.button for p in presses] == [4]


def test_a_contact_that_stays_closed_is_one_invite_no_fault_and_no_other_button(
    panel: SimulatedPanel,
    invites: list[int],
    presses: list[Press],
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(debounce, "STUCK_NS", 200_000_000)
    faults: list[Fault] = []
    panel.on_fault(faults.append)
    panel.pin_factory.pin(16).drive_low()
    until(lambda: invites)
    panel.driver.press(5, 20)
    panel.driver.press(4, 500)
    until(lambda: faults)  # of a button, so the contact is long over its time as well
    panel.close()
    assert len(invites) == 1
    assert [(p.button, p.others_down) for p in presses] == [(5, False), (4, False)]
    assert {fault.part for fault in faults} <= {"button-4", "button-5"}


def test_whoever_fails_on_an_invite_does_not_silence_the_panel(
    panel: SimulatedPanel, presses: list[Press], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: int) -> None:
        raise SystemExit("the screen has gone")

    panel.on_invite(fail)
    panel.driver.invite()
    panel.driver.press(5)
    panel.close()
    assert [p.button for p in presses] == [5]
    assert "the screen has gone" in caplog.text


def test_an_invite_that_nobody_asked_to_hear_is_dropped(
    panel: SimulatedPanel, presses: list[Press]
) -> None:
    panel.driver.invite()
    panel.close()
    assert presses == []


def test_an_invitation_blinks_all_lamps_together_and_beeps_twice(
    panel: SimulatedPanel, until: Until
) -> None:
    for _ in range(20):
        lamp, other, buzzer = pins(panel, 17, 27, 25)
        panel.invite()
        until(lambda: len(states(lamp)) > 1)  # noqa: B023  (called before the next round)
        until(lambda: is_over(panel))
        assert states(lamp) == states(other)
        # A busy machine may sleep through a blink or between the beeps: look, and try again.
        if states(lamp) == [False, *[True, False] * 4]:
            assert states(buzzer) == [False, True, False, True, False]
            return
    pytest.fail("this machine never blinked four times")


@pytest.mark.parametrize("beginning", [False, True])
def test_a_press_ends_the_invitation_and_its_second_beep(
    panel: SimulatedPanel, until: Until, monkeypatch: pytest.MonkeyPatch, beginning: bool
) -> None:
    monkeypatch.setattr(lamps, "INVITE_S", 3600.0)
    monkeypatch.setattr(lamps, "INVITE_BEEPS_S", (0.0, 3600.0))
    lamp, other, buzzer = pins(panel, 17, 27, 25)
    panel.invite()
    until(lambda: len(states(lamp)) >= (2 if beginning else 4))
    panel.acknowledge()
    until(lambda: is_over(panel) and panel._lamps._beeps == [])
    assert states(lamp) == states(other)
    assert states(buzzer) == [False, True, False]


def test_lamps_that_rest_lit_blink_dark_and_rest_lit_again(
    panel: SimulatedPanel, until: Until
) -> None:
    panel.idle(lit=True)
    until(lambda: panel.pin_factory.pin(27).state)
    lamp, other = pins(panel, 17, 27)
    panel.invite()
    until(lambda: not lamp.state)
    until(lambda: panel._lamps._invite_until <= time.monotonic() and lamp.state and other.state)
    assert states(lamp) == states(other)
    assert states(lamp)[:3] == [True, False, True]


def test_an_invitation_asked_for_again_lasts_longer_and_makes_no_more_noise(
    panel: SimulatedPanel, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lamps, "INVITE_S", 3600.0)
    (buzzer,) = pins(panel, 25)
    panel.invite()
    until(lambda: len(states(buzzer)) == 5)
    first_until = panel._lamps._invite_until
    for _ in range(50):
        panel.invite()
    panel.duty(True)  # taken after them
    until(lambda: panel.pin_factory.pin(12).state)
    assert panel._lamps._invite_until > first_until
    panel.acknowledge()
    until(lambda: is_over(panel))
    assert len(states(buzzer)) == 5
    panel.invite()  # the next citizen hears it again
    until(lambda: len(states(buzzer)) == 9)


def test_an_invitation_is_slow_and_about_six_seconds_long() -> None:
    assert 4 <= lamps.INVITE_S <= 8
    assert 1 / (2 * lamps.BLINK_S) < 1  # flashes a second; three can harm people
    assert lamps.INVITE_S % (2 * lamps.BLINK_S) == 0  # ends with a whole blink
    assert len(lamps.INVITE_BEEPS_S) == 2


def test_the_duty_lamp_says_who_is_signed_in_and_no_citizens_lamp_does(
    panel: SimulatedPanel, until: Until
) -> None:
    duty, *others = pins(panel, 12, 17, 27, 25)
    panel.duty(True)
    panel.duty(True)
    until(lambda: duty.state)
    panel.duty(False)
    until(lambda: not duty.state)
    assert states(duty) == [False, True, False]
    assert all(len(pin.states) == 1 for pin in others)


def test_the_duty_lamp_is_not_touched_by_presses_and_invitations_and_goes_out_in_the_end(
    panel: SimulatedPanel, until: Until
) -> None:
    panel.duty(True)
    until(lambda: panel.pin_factory.pin(12).state)
    duty, lamp, buzzer = pins(panel, 12, 17, 25)
    panel.invite()
    until(lambda: len(states(lamp)) > 2)
    panel.acknowledge()
    panel.beep()
    panel.idle(True)
    until(lambda: lamp.state and not buzzer.state)
    assert states(duty) == [True]
    panel.close()
    assert states(duty) == [True, False]


def test_a_duty_lamp_may_be_lit_by_a_low_pin(until: Until) -> None:
    wiring = parse_wiring("duty_lamp = 12\nduty_lamp_active = 'low'\n[buttons]\n5 = 5\n")
    with open_simulated("stdin", wiring) as panel:
        pin = panel.pin_factory.pin(12)
        until(lambda: pin.state)
        panel.duty(True)
        until(lambda: not pin.state)


def test_a_broken_lamp_keeps_neither_the_others_nor_the_duty_lamp_dark(
    until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    class Lamp:
        value = 0.0

        def close(self) -> None:
            pass

    class Broken(Lamp):
        @property
        def value(self) -> float:  # type: ignore[override]
            raise OSError("the lamp is broken")

    whole, duty = Lamp(), Lamp()
    row = lamps.Lamps([Broken(), whole], None, duty)
    row.wish("idle lit")
    row.wish("duty lit")
    until(lambda: (whole.value, duty.value) == (1.0, 1.0))
    row.close()
    assert (whole.value, duty.value) == (0.0, 0.0)
    assert "the lamp is broken" in caplog.text


def test_a_bare_panel_invites_and_knows_duty_without_effect() -> None:
    with open_simulated("stdin", parse_wiring("[buttons]\n5 = 5\n")) as panel:
        contract: Panel = panel
        told: list[Press] = []
        contract.on_press(told.append)
        contract.on_invite(lambda _: None)
        contract.invite()
        contract.duty(True)
        panel.driver.press(5)
    assert [p.button for p in told] == [5]
