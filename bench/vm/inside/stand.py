"""The real panel on the simulated chip: with the product's pins, or with lgpio beside it."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from bench.vm.inside.chip import Chip
from bench.vm.inside.finger import Finger, Step, is_sound
from bench.vm.inside.told import wait_until
from hardware.gpio import GpioPanel
from hardware.panel import Fault, Press, boottime_ns
from hardware.wiring import Wiring, load_wiring

WIRING = replace(load_wiring("5-buttons"), invite=16, duty_lamp=12)
SETTLES_S = 0.15  # a doubled press would be told by then
TRIES = 12  # of one press until the host lets it come out as planned
PI_4 = 0xC03114


@dataclass(slots=True)
class Heard:
    """Whom the panel tells; when it told is kept beside each press."""

    presses: list[tuple[Press, int]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    invitations: list[int] = field(default_factory=list)
    fails: bool = False  # the next press is taken, and then the listener raises

    def press(self, press: Press) -> None:
        self.presses.append((press, boottime_ns()))
        if self.fails:
            self.fails = False
            raise RuntimeError("whoever listens fails")

    def buttons(self) -> list[int]:
        return [press.button for press, _ in self.presses]


@dataclass(slots=True)
class Stand:
    """One open panel, its chip, and a finger on it."""

    driver: str
    panel: GpioPanel
    heard: Heard
    finger: Finger
    chip: Chip
    wiring: Wiring

    def gpio(self, button: int) -> int:
        return self.wiring.buttons[button]

    def pressed_by(self, plan: Sequence[Step], *, count: int = 1) -> tuple[list[int], list[int]]:
        """The buttons that were heard while the finger did this, and when it did each step.

        Waits generously for `count` presses, then a moment for one too many.
        """
        before = len(self.heard.presses)
        times = self.finger.act(plan)
        wait_until(lambda: len(self.heard.presses) - before >= count, 5.0)
        time.sleep(SETTLES_S)
        return self.heard.buttons()[before:], times

    def sound_press(
        self, plan: Sequence[Step], *, sound: Callable[[Sequence[int]], bool] = is_sound
    ) -> list[int] | None:
        """The buttons heard in the first try that the host did not spoil; None if it spoils all."""
        for _ in range(TRIES):
            heard, times = self.pressed_by(plan)
            if sound(times):
                return heard
        return None


@contextmanager
def stand(driver: str, finger: Finger, wiring: Wiring = WIRING) -> Iterator[Stand]:
    """`driver` is "gpiod" (what open_pins() gives) or "lgpio"."""
    chip = Chip()
    os.environ["HAILONG_GPIOCHIP"] = chip.path
    pins = lgpio_pins() if driver == "lgpio" else None
    heard = Heard()
    panel = GpioPanel(wiring, pins)
    panel.on_press(heard.press)
    panel.on_fault(heard.faults.append)
    panel.on_invite(heard.invitations.append)
    try:
        yield Stand(driver, panel, heard, finger, chip, wiring)
    finally:
        panel.close()
        if pins is not None:
            pins.close()


def lgpio_pins() -> Any:
    """gpiozero's pins on lgpio, which must believe in a Raspberry Pi."""
    from gpiozero.pins.lgpio import LGPIOFactory

    class Pins(LGPIOFactory):  # type: ignore[misc]
        def _get_revision(self) -> int:
            return PI_4

    return Pins(chip=0)
