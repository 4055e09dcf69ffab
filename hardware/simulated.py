"""A panel without a Pi: the real GpioPanel on mock pins, pressed at the copper."""

from __future__ import annotations

import threading
from typing import Any, Literal

from gpiozero.pins.mock import MockFactory, MockPWMPin

from .crowd import Crowd
from .debounce import REARM_NS
from .gpio import GpioPanel
from .keys import Keys
from .wiring import Wiring

__all__ = ["Crowd", "Keys", "Kind", "PinDriver", "SimulatedPanel", "open_simulated"]

RELEASED_S = REARM_NS / 1e9 + 0.005  # no finger is back sooner

Kind = Literal["keys", "stdin", "crowd"]


class PinDriver:
    """Presses mock pins as a finger would: drives the line, and everything above is real.

    Unknown buttons raise ValueError with a sentence.
    """

    def __init__(self, factory: Any, wiring: Wiring):
        self.buttons = tuple(wiring.buttons)
        self._low = wiring.active == "low"
        self._pins = {b: factory.pin(gpio) for b, gpio in wiring.buttons.items()}
        self._stopping = threading.Event()

    def press(self, button: int, hold_ms: int = 50, *, chatter: int = 0) -> None:
        """Down, hold, up, and off for so long that the next press counts; then returns.

        `chatter` adds that many bounces at both ends. A hold under 10 ms is a glitch.
        """
        self._bounce(button, chatter)
        self.down(button)
        # Never cut short by stop(): a press that was begun stays one.
        threading.Event().wait(hold_ms / 1000)
        self._bounce(button, chatter)
        self.up(button)
        threading.Event().wait(RELEASED_S)

    def down(self, button: int) -> None:
        self._drive(button, active=True)

    def up(self, button: int) -> None:
        self._drive(button, active=False)

    def wait(self, ms: int) -> bool:
        """Wait; False if stop() cut it short."""
        return not self._stopping.wait(ms / 1000)

    def stop(self) -> None:
        """Ends a wait() under way, and all to come."""
        self._stopping.set()

    def _bounce(self, button: int, times: int) -> None:
        for _ in range(times):
            self.down(button)
            self.up(button)

    def _drive(self, button: int, *, active: bool) -> None:
        pin = self._pins.get(button)
        if pin is None:
            raise ValueError(
                f"This panel has no button {button}, only {', '.join(map(str, self.buttons))}."
            )
        if active is self._low:
            pin.drive_low()
        else:
            pin.drive_high()


class SimulatedPanel(GpioPanel):
    """GpioPanel on mock pins of its own, with the `driver` that presses them."""

    def __init__(self, kind: Kind, wiring: Wiring | None = None):
        # Mock pins ignore bounce_time and call back in the driver's thread: both are as good
        # as a noisy line to us, since our debounce stands above and the callback only queues.
        self.pin_factory = MockFactory(pin_class=MockPWMPin)
        super().__init__(
            wiring, self.pin_factory, source="keyboard" if kind == "keys" else "button"
        )
        self.simulated = True
        self.kind = kind
        self.driver = PinDriver(self.pin_factory, self.wiring)

    def close(self) -> None:
        self.driver.stop()
        super().close()


def open_simulated(kind: Kind, wiring: Wiring | None = None) -> SimulatedPanel:
    """A simulated panel; press it through its `.driver`, by Keys or by a Crowd."""
    return SimulatedPanel(kind, wiring)
