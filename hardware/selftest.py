"""The technician's self-test: does every input count once, do the lamps and the buzzer work."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from .checklist import checklist
from .findings import KEYPAD, Seen, Tested, instructions, pressed, table, tested_of, verdict
from .gpio import GpioPanel
from .header import INVITE_LABEL
from .keypad import KeypadPanel
from .panel import Fault, Press
from .simulated import SimulatedPanel, open_simulated
from .telling import INVITE
from .wiring import Wiring

Say = Callable[[str], None]


def run_selftest(
    wiring: Wiring, *, simulated: bool, seconds: float, say: Say, protocol: bool = False
) -> bool:
    """Watch each input until all were pressed or `seconds` are over; True if all were, and no
    part of the wiring is at fault. With `protocol`, a checklist to be signed ends it.

    Raises NoGpio or HardwareError if no button can be had.
    """
    if simulated:
        panel = open_simulated("stdin", wiring)
        passed = watch_panel(panel, seconds=seconds, say=say, press=partial(_press_each, panel))
    else:
        passed = watch_panel(GpioPanel(wiring), seconds=seconds, say=say)
    if protocol:
        _say_checklist(wiring.title, passed, say)
    return passed


def run_keypad_test(
    device: Path | None, *, seconds: float, say: Say, protocol: bool = False
) -> bool:
    """The same for a USB keypad: that device, or the one that is plugged in. Raises nothing: a
    keypad that is absent, and stays so, is a fault."""
    passed = watch_panel(KeypadPanel(device), seconds=seconds, say=say)
    if protocol:
        _say_checklist(KEYPAD.title, passed, say)
    return passed


def watch_panel(
    panel: GpioPanel | KeypadPanel,
    *,
    seconds: float,
    say: Say,
    press: Callable[[], None] = lambda: None,
) -> bool:
    """The self-test on an open panel, which it closes; `press` stands in for the technician."""
    tested = tested_of(panel.wiring) if isinstance(panel, GpioPanel) else KEYPAD
    watch = _Watch(panel, tested, say)
    with closing(panel):
        for line in instructions(tested, seconds):
            say(line)
        panel.on_press(watch.see_press)
        panel.on_invite(watch.see_invite)
        panel.on_fault(watch.see_fault)
        panel.duty(True)
        panel.acknowledge()
        panel.beep()
        press()
        watch.wait(seconds)
    # Closed: every press has been told, so the table is whole.
    for line in watch.report():
        say(line)
    return watch.passed()


class _Watch:
    """What was seen of each button and of the invite input, if it is wired."""

    def __init__(self, panel: GpioPanel | KeypadPanel, tested: Tested, say: Say):
        self._panel, self._tested, self._say = panel, tested, say
        self._faults: dict[str, str] = {}  # part -> kind, newest
        self._pressed: set[int] = set()
        self._all_seen = threading.Event()

    def see_press(self, press: Press) -> None:
        self._panel.acknowledge()
        self._panel.beep()
        self._say(pressed(press))
        self._count(press.button)

    def see_invite(self, mono_ns: int) -> None:
        self._panel.invite()
        self._say(f"  invite    {INVITE_LABEL}")
        self._count(INVITE)

    def see_fault(self, fault: Fault) -> None:
        if not fault.cleared:
            self._faults[fault.part] = fault.kind
        elif self._faults.get(fault.part) == fault.kind:
            del self._faults[fault.part]

    def _count(self, button: int) -> None:
        self._pressed.add(button)
        if not self.missing():
            self._all_seen.set()

    def wait(self, seconds: float) -> None:
        # Ctrl-C ends the wait, not the report on what was seen until then.
        try:
            self._all_seen.wait(seconds)
        except KeyboardInterrupt:
            self._say("")

    def missing(self) -> list[int]:
        return [b for b in self._tested.inputs if b not in self._pressed]

    def passed(self) -> bool:
        return not self.missing() and not self._faults

    def report(self) -> list[str]:
        seen = [
            Seen(b, self._panel.presses(b), self._panel.bounces(b)) for b in self._tested.inputs
        ]
        rows = table(self._tested, seen, self._faults)
        return rows + verdict(self._tested, self.missing(), self._faults)


def _say_checklist(title: str, passed: bool, say: Say) -> None:
    for line in checklist(title, passed=passed):
        say(line)


def _press_each(panel: SimulatedPanel) -> None:
    rng = random.Random(1)  # noqa: S311  (only how badly the contacts chatter)
    for button in panel.buttons:
        panel.driver.press(button, chatter=rng.randint(0, 5))
    if panel.wiring.invite is not None:
        panel.driver.invite(chatter=rng.randint(0, 5))
