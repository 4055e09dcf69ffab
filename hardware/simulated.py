"""A panel without a Pi: the real GpioPanel on mock pins, pressed at the copper."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any, Literal

from gpiozero.pins.mock import MockFactory, MockPWMPin

from .crowd import Crowd
from .debounce import REARM_NS
from .gpio import GpioPanel
from .keys import Keys
from .wiring import USABLE_GPIOS, Wiring, load_wiring, pin_uses

__all__ = ["Crowd", "Keys", "Kind", "PinDriver", "SimulatedPanel", "open_simulated"]

RELEASED_S = REARM_NS / 1e9 + 0.005  # no finger is back sooner

Kind = Literal["keys", "stdin", "crowd"]


class PinDriver:
    """Presses mock pins as a finger would: drives the line, and everything above is real.

    Unknown buttons, and an invite input that the wiring lacks, raise ValueError with a sentence.
    """

    def __init__(self, factory: Any, wiring: Wiring):
        self.buttons = tuple(wiring.buttons)
        self._low = wiring.active == "low"
        self._pins = {b: factory.pin(gpio) for b, gpio in wiring.buttons.items()}
        self._invite = None if wiring.invite is None else factory.pin(wiring.invite)
        self._stopping = threading.Event()

    def press(self, button: int, hold_ms: int = 50, *, chatter: int = 0) -> None:
        """Down, hold, up, and off for so long that the next press counts; then returns.

        `chatter` adds that many bounces at both ends. A hold under 10 ms is a glitch.
        """
        self._press(self._pin(button), hold_ms, chatter)

    def invite(self, hold_ms: int = 50, *, chatter: int = 0) -> None:
        """The same on the invite input."""
        if self._invite is None:
            raise ValueError("This panel has no invite input.")
        self._press(self._invite, hold_ms, chatter)

    def down(self, button: int) -> None:
        self._drive(self._pin(button), active=True)

    def up(self, button: int) -> None:
        self._drive(self._pin(button), active=False)

    def wait(self, ms: int) -> bool:
        """Wait; False if stop() cut it short."""
        return not self._stopping.wait(ms / 1000)

    def stop(self) -> None:
        """Ends a wait() under way, and all to come."""
        self._stopping.set()

    def _pin(self, button: int) -> Any:
        pin = self._pins.get(button)
        if pin is None:
            raise ValueError(
                f"This panel has no button {button}, only {', '.join(map(str, self.buttons))}."
            )
        return pin

    def _press(self, pin: Any, hold_ms: int, chatter: int) -> None:
        self._bounce(pin, chatter)
        self._drive(pin, active=True)
        # Never cut short by stop(): a press that was begun stays one.
        threading.Event().wait(hold_ms / 1000)
        self._bounce(pin, chatter)
        self._drive(pin, active=False)
        threading.Event().wait(RELEASED_S)

    def _bounce(self, pin: Any, times: int) -> None:
        for _ in range(times):
            self._drive(pin, active=True)
            self._drive(pin, active=False)

    def _drive(self, pin: Any, *, active: bool) -> None:
        if active is self._low:
            pin.drive_low()
        else:
            pin.drive_high()


class SimulatedPanel(GpioPanel):
    """GpioPanel on mock pins of its own, with the `driver` that presses them.

    The mock pins have an invite input even if `wiring` has none: a key may always invite.
    """

    def __init__(self, kind: Kind, wiring: Wiring | None = None):
        # Mock pins ignore bounce_time and call back in the driver's thread: both are as good
        # as a noisy line to us, since our debounce stands above and the callback only queues.
        self.pin_factory = MockFactory(pin_class=MockPWMPin)
        given = wiring or load_wiring()
        mock = given if given.invite is not None else _with_invite(given)
        super().__init__(mock, self.pin_factory, source="keyboard" if kind == "keys" else "button")
        self.wiring = given
        self.simulated = True
        self.kind = kind
        self.driver = PinDriver(self.pin_factory, mock)

    def close(self) -> None:
        self.driver.stop()
        super().close()


def _with_invite(wiring: Wiring) -> Wiring:
    taken = {gpio for gpio, _ in pin_uses(wiring)}
    return replace(wiring, invite=max(set(USABLE_GPIOS) - taken))


def open_simulated(kind: Kind, wiring: Wiring | None = None) -> SimulatedPanel:
    """A simulated panel; press it through its `.driver`, by Keys or by a Crowd."""
    return SimulatedPanel(kind, wiring)
