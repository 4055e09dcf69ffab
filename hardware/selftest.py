"""The technician's self-test: does every button count once, do the lamps and the buzzer work."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from functools import partial

from .gpio import GpioPanel
from .header import LABELS, PIN_OF_GPIO
from .panel import Fault, Press
from .simulated import SimulatedPanel, open_simulated
from .wiring import Wiring

Say = Callable[[str], None]


def run_selftest(wiring: Wiring, *, simulated: bool, seconds: float, say: Say) -> bool:
    """Watch each button until all were pressed or `seconds` are over; True if all were.

    Raises NoGpio or HardwareError if the pins cannot be had.
    """
    if not simulated:
        return watch_panel(GpioPanel(wiring), seconds=seconds, say=say)
    panel = open_simulated("stdin", wiring)
    return watch_panel(panel, seconds=seconds, say=say, press=partial(_press_each, panel))


def watch_panel(
    panel: GpioPanel, *, seconds: float, say: Say, press: Callable[[], None] = lambda: None
) -> bool:
    """The self-test on an open panel, which it closes; `press` stands in for the technician."""
    watch = _Watch(panel, say)
    with panel:
        panel.on_press(watch.see_press)
        panel.on_fault(watch.see_fault)
        say("Tự kiểm tra bảng nút bấm")
        say(f"Panel self-test: {panel.wiring.title}")
        say(_outputs_sentence(panel.wiring))
        say(f"Press each of the {len(panel.buttons)} buttons once, within {seconds:g} seconds.")
        panel.acknowledge()
        panel.beep()
        press()
        watch.wait(seconds)
    # Closed: every press has been told, so the table is whole.
    for line in watch.table():
        say(line)
    return not watch.missing()


class _Watch:
    """What was seen of each button."""

    def __init__(self, panel: GpioPanel, say: Say):
        self._panel, self._say = panel, say
        self._stuck: set[int] = set()
        self._pressed: set[int] = set()
        self._all_seen = threading.Event()

    def see_press(self, press: Press) -> None:
        self._panel.acknowledge()
        self._panel.beep()
        self._pressed.add(press.button)
        together = ", while another was down" if press.others_down else ""
        self._say(f"  button {press.button}  {LABELS[press.button]}{together}")
        if not self.missing():
            self._all_seen.set()

    def see_fault(self, fault: Fault) -> None:
        button = int(fault.part.removeprefix("button-"))
        (self._stuck.discard if fault.cleared else self._stuck.add)(button)

    def wait(self, seconds: float) -> None:
        # Ctrl-C ends the wait, not the report on what was seen until then.
        try:
            self._all_seen.wait(seconds)
        except KeyboardInterrupt:
            self._say("")

    def missing(self) -> list[int]:
        return [b for b in self._panel.buttons if b not in self._pressed]

    def table(self) -> list[str]:
        wiring = self._panel.wiring
        lines = ["", "button                     GPIO  pin  presses  bounces  result"]
        for button, gpio in wiring.buttons.items():
            seen, bounces = self._panel.presses(button), self._panel.bounces(button)
            lines.append(
                f"{button}  {LABELS[button]:<22} {gpio:>6} {PIN_OF_GPIO[gpio]:>4} {seen:>8} "
                f"{bounces:>8}  {self._result(button, seen, bounces)}"
            )
        if missing := self.missing():
            numbers = ", ".join(map(str, missing))
            lines.append(f"NOT SEEN: {numbers}. Check the plug and the wiring.")
        else:
            lines.append(f"All {len(wiring.buttons)} buttons were seen.")
        return lines

    def _result(self, button: int, seen: int, bounces: int) -> str:
        if button in self._stuck:
            return "STUCK"
        if seen:
            return "seen"
        return "NOT SEEN, glitches only" if bounces else "NOT SEEN"


def _outputs_sentence(wiring: Wiring) -> str:
    lamps = (
        f"All {len(wiring.lamps)} lamps flash together" if wiring.lamps else "No lamps are wired"
    )
    sound = "the buzzer sounds" if wiring.buzzer is not None else "no buzzer is wired"
    return f"{lamps}, {sound}: now, and at each press."


def _press_each(panel: SimulatedPanel) -> None:
    rng = random.Random(1)  # noqa: S311  (only how badly the contacts chatter)
    for button in panel.buttons:
        panel.driver.press(button, chatter=rng.randint(0, 5))
