"""The ways to press a panel without a Pi: a script, a pretend crowd, the keyboard."""

import io
import itertools
import os
import pty
import random
import termios
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from hardware.crowd import CHANGES_MIND, PRESSES_TWICE, WEIGHTS, Citizen, Crowd, citizens
from hardware.keys import Keys
from hardware.panel import Press
from hardware.simulated import PinDriver, SimulatedPanel, open_simulated
from hardware.wiring import load_wiring, parse_wiring

Until = Callable[[Callable[[], object]], None]
OFFICIALS = [("CB-0101", "0101"), ("CB-0102", "0102")]
AT_ONCE = (0.0, 0.0)


def test_an_unknown_button_is_refused_with_a_sentence() -> None:
    with open_simulated("stdin", load_wiring("4-buttons")) as panel:
        for deed in (panel.driver.press, panel.driver.down, panel.driver.up):
            with pytest.raises(ValueError, match="no button 3, only 5, 4, 2, 1"):
                deed(3)


def test_a_wait_ends_by_itself_or_when_the_panel_closes(panel: SimulatedPanel) -> None:
    assert panel.driver.wait(1) is True
    results = []
    waiter = threading.Thread(target=lambda: results.append(panel.driver.wait(3_600_000)))
    waiter.start()
    panel.close()
    waiter.join(60)
    assert results == [False]


def test_every_press_of_the_crowd_becomes_one_press_of_the_panel(until: Until) -> None:
    with open_simulated("crowd") as panel:
        told: list[Press] = []
        panel.on_press(told.append)
        crowd = Crowd(7, panel.driver, lambda *_: None, OFFICIALS, AT_ONCE, undo_s=0)
        crowd.start()
        until(lambda: crowd.presses >= 12)
        crowd.stop()
        crowd.stop()
    assert len(told) == crowd.presses >= 12


def test_an_official_signs_in_before_the_first_citizen(until: Until) -> None:
    deeds: list[object] = []

    class Driver:
        buttons = (5, 1)

        def press(self, button: int) -> None:
            deeds.append(button)

    crowd = Crowd(1, Driver(), lambda *o: deeds.append(o), OFFICIALS, AT_ONCE, undo_s=0)
    crowd.start()
    until(lambda: len(deeds) > 5)
    crowd.stop()
    assert deeds[0] in OFFICIALS and deeds[1] in (5, 1)


def test_a_sign_in_that_fails_does_not_send_the_crowd_home(
    panel: SimulatedPanel, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(code: str, pin: str) -> None:
        raise RuntimeError("the counter is closed")

    crowd = Crowd(2, panel.driver, refuse, OFFICIALS, AT_ONCE, undo_s=0)
    crowd.start()
    until(lambda: crowd.presses)
    crowd.stop()
    assert "the counter is closed" in caplog.text


def test_the_crowd_stops_without_waiting_for_the_next_citizen(panel: SimulatedPanel) -> None:
    crowd = Crowd(3, panel.driver, lambda *_: None, OFFICIALS, (3600, 3600))
    crowd.start()
    crowd.stop()
    assert crowd.presses == 0
    Crowd(3, panel.driver, lambda *_: None, []).stop()  # never started


def test_a_citizen_in_hand_finishes_when_the_crowd_is_stopped() -> None:
    class Driver:
        buttons = (5, 4)
        stop: threading.Thread | None = None

        def __init__(self) -> None:
            self.pressed: Counter[int] = Counter()

        def press(self, button: int) -> None:
            self.pressed[button] += 1
            if self.stop is None:
                self.stop = threading.Thread(target=crowd.stop)
                self.stop.start()

    driver = Driver()
    seed = next(
        s for s in itertools.count() if len(first_citizen(s, (5, 4), OFFICIALS).presses) == 2
    )
    crowd = Crowd(seed, driver, lambda *_: None, OFFICIALS, AT_ONCE, undo_s=0)
    crowd.start()
    crowd._thread.join(60)
    assert crowd.presses == driver.pressed.total() == 2
    assert driver.stop is not None
    driver.stop.join(60)


def first_citizen(seed: int, buttons: tuple[int, ...], officials: list[tuple[str, str]]) -> Citizen:
    rng = random.Random(seed)
    rng.choice(officials)  # the sign-in at the start comes from the same generator
    return next(citizens(rng, buttons, AT_ONCE))


def test_the_same_seed_gives_the_same_citizens_and_another_gives_others() -> None:
    def some(seed: int) -> list[object]:
        return list(itertools.islice(citizens(random.Random(seed), (5, 4, 2), (2.5, 5)), 50))

    assert some(1) == some(1) != some(2)


def test_the_crowd_rates_and_wavers_as_often_as_it_should() -> None:
    count = 30_000
    crowd = list(itertools.islice(citizens(random.Random(5), (5, 4, 3, 2, 1), (2.5, 5)), count))
    first = Counter(c.presses[0][1] for c in crowd)
    for rating, per_cent in WEIGHTS.items():
        assert abs(first[rating] / count - per_cent / 100) < 0.01
    second = [(c.presses[0][1], *c.presses[1]) for c in crowd if len(c.presses) == 2]
    twice = [s for s in second if s[0] == s[2]]
    assert abs(len(twice) / count - PRESSES_TWICE) < 0.005
    assert abs((len(second) - len(twice)) / count - CHANGES_MIND) < 0.005
    assert abs(sum(c.relieved for c in crowd) / count - 1 / 25) < 0.005
    assert all(0.4 <= wait_s <= 1.1 for _, wait_s, _ in second)
    assert all(2.5 <= c.pause_s <= 5 for c in crowd)


def test_a_box_without_neutral_never_gets_a_neutral_press() -> None:
    crowd = itertools.islice(citizens(random.Random(6), (5, 4, 2, 1), AT_ONCE), 2000)
    assert {b for c in crowd for _, b in c.presses} == {5, 4, 2, 1}


def test_keys_typed_in_a_terminal_press_their_buttons(until: Until) -> None:
    master, slave = pty.openpty()
    with open(slave, encoding="utf-8") as terminal, open_simulated("keys") as panel:
        told: list[Press] = []
        panel.on_press(told.append)
        before = termios.tcgetattr(slave)
        keys = Keys(panel.driver, terminal)
        keys.start()
        until(lambda: termios.tcgetattr(slave) != before)
        os.write(master, "4x9é5\n".encode())
        until(lambda: len(told) == 2)
        keys.stop()
        assert termios.tcgetattr(slave) == before
    os.close(master)
    assert [(p.button, p.source) for p in told] == [(4, "keyboard"), (5, "keyboard")]


def test_the_key_i_invites_whether_the_wiring_has_an_input_or_not() -> None:
    wired = "invite = 16\n[buttons]\n5 = 5\n"
    for wiring in (None, parse_wiring(wired), parse_wiring("active = 'high'\n" + wired)):
        with open_simulated("keys", wiring) as panel:
            invites: list[int] = []
            told: list[Press] = []
            panel.on_invite(invites.append)
            panel.on_press(told.append)
            keys = Keys(panel.driver, None)
            keys.start()
            for key in "iI5i":
                keys.key(key)
            keys.stop()
        assert len(invites) == 2 and [p.button for p in told] == [5]
        assert invites[0] < told[0].mono_ns < invites[1]


def test_a_simulated_panel_has_the_wiring_that_it_was_given() -> None:
    with open_simulated("keys") as panel:
        assert panel.wiring == load_wiring()


def test_a_driver_of_pins_without_an_invite_input_says_so() -> None:
    with pytest.raises(ValueError, match="no invite input"):
        PinDriver(MockFactory(), load_wiring()).invite()


def test_keys_from_a_window_need_no_terminal(panel: SimulatedPanel, presses: list[Press]) -> None:
    keys = Keys(panel.driver, None)
    keys.start()
    for key in "135":
        keys.key(key)
    keys.stop()
    panel.close()
    assert [p.button for p in presses] == [1, 3, 5]


def test_keys_live_on_when_the_terminal_goes_away(panel: SimulatedPanel, until: Until) -> None:
    master, slave = pty.openpty()
    with open(slave, encoding="utf-8") as terminal:
        keys = Keys(panel.driver, terminal)
        keys.start()
        os.close(master)
        keys.key("5")
        until(lambda: panel.presses(5))
        keys.stop()


def test_a_file_on_standard_input_is_no_terminal(panel: SimulatedPanel, tmp_path: Path) -> None:
    file = tmp_path / "script"
    file.write_text("5")
    with file.open() as stream:
        assert isinstance(stream, io.TextIOBase)
        keys = Keys(panel.driver, stream)
        keys.start()
        keys.stop()
    panel.close()
    assert panel.presses(5) == 0
