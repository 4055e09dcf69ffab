"""The technician's self-test: does every input count once, do the lamps and the buzzer work."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from functools import partial

from .checklist import checklist
from .gpio import GpioPanel
from .header import INVITE_LABEL, LABELS, PIN_OF_GPIO
from .panel import Fault, Press
from .simulated import SimulatedPanel, open_simulated
from .telling import INVITE, part_of
from .wiring import Wiring, is_output, pin_uses

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
    for line in checklist(wiring, passed=passed) if protocol else ():
        say(line)
    return passed


def watch_panel(
    panel: GpioPanel, *, seconds: float, say: Say, press: Callable[[], None] = lambda: None
) -> bool:
    """The self-test on an open panel, which it closes; `press` stands in for the technician."""
    watch = _Watch(panel, say)
    with panel:
        panel.on_press(watch.see_press)
        panel.on_invite(watch.see_invite)
        panel.on_fault(watch.see_fault)
        say("Tự kiểm tra bảng nút bấm")
        say(f"Panel self-test: {panel.wiring.title}")
        say(_outputs_sentence(panel.wiring))
        say(f"Press {_inputs_phrase(panel.wiring)} once, within {seconds:g} seconds.")
        panel.duty(True)
        panel.acknowledge()
        panel.beep()
        press()
        watch.wait(seconds)
    # Closed: every press has been told, so the table is whole.
    for line in watch.table():
        say(line)
    return watch.passed()


class _Watch:
    """What was seen of each button and of the invite input, if it is wired."""

    def __init__(self, panel: GpioPanel, say: Say):
        self._panel, self._say = panel, say
        self._inputs = dict(panel.wiring.buttons)
        if panel.wiring.invite is not None:
            self._inputs[INVITE] = panel.wiring.invite
        self._faults: dict[str, str] = {}  # part -> kind, newest
        self._pressed: set[int] = set()
        self._all_seen = threading.Event()

    def see_press(self, press: Press) -> None:
        self._panel.acknowledge()
        self._panel.beep()
        together = ", while another was down" if press.others_down else ""
        self._say(f"  button {press.button}  {LABELS[press.button]}{together}")
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
        return [b for b in self._inputs if b not in self._pressed]

    def passed(self) -> bool:
        return not self.missing() and not self._faults

    def table(self) -> list[str]:
        lines = ["", "input                           GPIO  pin  presses  bounces  result"]
        for button, gpio in self._inputs.items():
            seen, bounces = self._panel.presses(button), self._panel.bounces(button)
            label = INVITE_LABEL if button == INVITE else LABELS[button]
            lines.append(
                f"{_short(button):<6} {label:<22} {gpio:>6} {PIN_OF_GPIO[gpio]:>4} {seen:>8} "
                f"{bounces:>8}  {self._result(button, seen, bounces)}"
            )
        outputs = [(use, gpio) for gpio, use in pin_uses(self._panel.wiring) if is_output(use)]
        if outputs:
            lines += ["", "output                          GPIO  pin  result"]
        for use, gpio in outputs:
            kind = self._faults.get(use.replace(" ", "-"))
            result = kind.upper() if kind else "look and listen"
            lines.append(f"{use:<29} {gpio:>6} {PIN_OF_GPIO[gpio]:>4}  {result}")
        return [*lines, "", *self._verdict()]

    def _verdict(self) -> list[str]:
        lines = [f"FAULT: {part.replace('-', ' ')} is {_KINDS[kind]}"
                 for part, kind in self._faults.items()]  # fmt: skip
        if missing := self.missing():
            names = ", ".join(map(_short, missing))
            return [*lines, f"NOT SEEN: {names}. Check the plug and the wiring."]
        return [*lines, f"All {len(self._inputs)} inputs were seen."]

    def _result(self, button: int, seen: int, bounces: int) -> str:
        if kind := self._faults.get(part_of(button)):
            return kind.upper()
        if seen:
            return "seen"
        return "NOT SEEN, glitches only" if bounces else "NOT SEEN"


_KINDS = {
    "stuck": "stuck: it is held down, or its wire touches another.",
    "noisy": "noisy: it chatters by itself, as a loose wire or water does.",
    "missing": "missing: its pin cannot be had, the sentence above says why.",
}


def _short(button: int) -> str:
    return "invite" if button == INVITE else str(button)


def _inputs_phrase(wiring: Wiring) -> str:
    buttons = f"each of the {len(wiring.buttons)} buttons"
    return buttons if wiring.invite is None else f"{buttons} and the official's invite button"


def _outputs_sentence(wiring: Wiring) -> str:
    lamps = (
        f"All {len(wiring.lamps)} lamps flash together" if wiring.lamps else "No lamps are wired"
    )
    sound = "the buzzer sounds" if wiring.buzzer is not None else "no buzzer is wired"
    duty = "" if wiring.duty_lamp is None else " The duty lamp is lit until the end."
    return f"{lamps}, {sound}: now, and at each press.{duty}"


def _press_each(panel: SimulatedPanel) -> None:
    rng = random.Random(1)  # noqa: S311  (only how badly the contacts chatter)
    for button in panel.buttons:
        panel.driver.press(button, chatter=rng.randint(0, 5))
    if panel.wiring.invite is not None:
        panel.driver.invite(chatter=rng.randint(0, 5))
