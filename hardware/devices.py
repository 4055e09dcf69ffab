"""gpiozero devices of one panel: what cannot be had is a fault, and the others live."""

from __future__ import annotations

import logging
from typing import Any

from gpiozero import LED, PWMLED
from gpiozero.exc import PinInvalidPin

from .panel import Fault, boottime_ns

log = logging.getLogger(__name__)


class Devices:
    """Opens devices on `factory` and frees them together."""

    def __init__(self, factory: Any):
        self.factory = factory
        self.faults: list[Fault] = []
        self.refusals: list[str] = []  # the same as sentences
        self._opened: list[Any] = []

    def open(self, part: str, device_class: Any, gpio: int, **options: bool) -> Any | None:
        """The device, or None and a fault "missing" of `part`, told with the remedy."""
        try:
            device = device_class(gpio, pin_factory=self.factory, **options)
        except Exception as e:  # noqa: BLE001  (each driver refuses in its own way; all are told)
            self._refuse(part, gpio, e)
            return None
        self._opened.append(device)
        return device

    def open_lamp(self, part: str, gpio: int, *, active_high: bool) -> Any | None:
        """A lamp that dims where these pins can, else one that is on or off."""
        lamp = None
        if getattr(self.factory, "has_pwm", True):  # a try would light what lights by a low level
            try:
                lamp = PWMLED(gpio, pin_factory=self.factory, active_high=active_high)
            except Exception as e:  # noqa: BLE001  (no PWM; if it is worse, the LED says so)
                log.debug("GPIO %d cannot dim: %s", gpio, e)
        if lamp is None:
            return self.open(part, LED, gpio, active_high=active_high)
        self._opened.append(lamp)
        return lamp

    def close(self) -> None:
        for device in self._opened:
            device.close()

    def _refuse(self, part: str, gpio: int, e: Exception) -> None:
        why: object = e
        if isinstance(e, PinInvalidPin) and gpio not in _gpios(self.factory):
            why = "this board has no such pin"
        elif isinstance(e, OSError) and e.strerror:
            why = e.strerror
        self.refusals.append(
            f"GPIO {gpio} cannot serve as {part.replace('-', ' ')} ({why}); end the program that "
            "uses it, or correct the wiring."
        )
        self.faults.append(Fault(part, "missing", boottime_ns()))


def _gpios(factory: Any) -> set[int]:
    board = factory.board_info
    return {
        int(pin.name.removeprefix("GPIO"))
        for header in board.headers.values()
        for pin in header.pins.values()
        if pin.name.startswith("GPIO")
    }
