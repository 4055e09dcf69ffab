"""The self-test that needs nobody at the unit: all that can be tried without a finger."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from hardware.panel import HardwareError, Panel
from kiosk.clock import Clock
from kiosk.core import Core
from kiosk.door import NoAnswer
from kiosk.errors import KioskError
from kiosk.journal_file import Journal
from kiosk.journal_store import Writer
from kiosk.orders import Findings, Outcome
from kiosk.technician import disk_is_filling, disk_is_low

ANSWERS_WITHIN_S = 5.0
LAMPS_S = 0.5  # so soon a lamp that cannot be lit is a fault
FINE = frozenset({"ok", "none", "synchronized", "unsynchronized"})

Ask = Callable[[Callable[[], None]], None]


class SelfCheck:
    """For the sending thread, after the server has answered."""

    def __init__(
        self, folder: Path, *, panel: Panel, core: Core, writer: Writer, clock: Clock,
        reserve_bytes: int, ask_screen: Ask | None,
    ) -> None:  # fmt: skip
        """`ask_screen` calls back from the window's thread; None: there is no screen."""
        self._folder, self._panel, self._core, self._writer = folder, panel, core, writer
        self._clock, self._reserve_bytes, self._ask_screen = clock, reserve_bytes, ask_screen

    def run(self) -> tuple[Outcome, Findings]:
        """Part to a short word. NoAnswer while somebody is there: light and sound would thank
        them for nothing."""
        if not self._core.is_free:
            raise NoAnswer("somebody is at the kiosk")
        asked: dict[str, Ask] = {
            "panel": self._panel.check_alive,
            "core": self._core.check_alive,
            "journal": self._writer.check_alive,
        }
        if self._ask_screen is not None:
            asked["screen"] = self._ask_screen
        findings = {"screen": "none"} | who_answers(asked)
        findings |= self._light() | self._look()
        return "done" if FINE.issuperset(findings.values()) else "failed", findings

    def _light(self) -> Findings:
        """Lamps and sound once, as for a vote; what the panel says of its parts then."""
        findings = {"lamps": "ok", "sound": "ok" if self._panel.has_buzzer else "none"}
        try:
            self._panel.acknowledge()
            self._panel.beep()
        except HardwareError:
            findings["lamps"] = "broken"
        time.sleep(LAMPS_S)
        findings |= {f"button-{button}": "ok" for button in self._panel.buttons}
        return findings | dict(self._core.faults())

    def _look(self) -> Findings:
        full = disk_is_low(self._folder, self._reserve_bytes)
        low = disk_is_filling(self._folder)
        findings = {
            "disk": "full" if full else "low" if low else "ok",
            "clock": "synchronized" if self._clock.read().sync else "unsynchronized",
            "server": "ok",  # it has just answered
        }
        if word := self._broken_journal():
            findings["journal"] = word
        return findings

    def _broken_journal(self) -> str:
        """Whether its newest lines are what was written, and another could be."""
        try:
            journal = Journal(self._folder)
            try:
                journal.check(thorough=False)
            finally:
                journal.close()
            failure = self._writer.try_out().exception(timeout=ANSWERS_WITHIN_S)
        except TimeoutError:
            return "silent"
        except KioskError:
            return "damaged"
        return "unwritable" if failure else ""


def who_answers(asked: Mapping[str, Ask], within_s: float = ANSWERS_WITHIN_S) -> Findings:
    """Asks all at once; "silent" for who has not called back in time."""
    answered = {part: threading.Event() for part in asked}
    for part, ask in asked.items():
        ask(answered[part].set)
    deadline = time.monotonic() + within_s
    return {
        part: "ok" if event.wait(max(0.0, deadline - time.monotonic())) else "silent"
        for part, event in answered.items()
    }
