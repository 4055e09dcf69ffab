"""The panel on GPIO pins: gpiozero below, our own debounce above, one thread that tells."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any

from gpiozero import LED, Buzzer, InputDevice

from .debounce import Debounce
from .devices import Devices
from .inputs import Inputs
from .lamps import Lamps
from .panel import HardwareError, OnFault, OnInvite, OnPress, Panel, Source, boottime_ns
from .pins import open_pins
from .telling import INVITE, Teller, part_of
from .wiring import Level, Wiring, load_wiring

log = logging.getLogger(__name__)


class GpioPanel(Panel):
    """Panel on `pin_factory` (a gpiozero factory), by default this machine's header.

    A pin that cannot be had is a fault, and the panel lives with what is left. Raises NoGpio
    without a header, HardwareError if no button can be had.
    """

    def __init__(
        self, wiring: Wiring | None = None, pin_factory: Any = None, *, source: Source = "button"
    ):
        self.wiring = wiring or load_wiring()
        self.buttons = tuple(self.wiring.buttons)
        self.simulated = False
        self._own_factory = pin_factory is None
        self._factory = open_pins() if pin_factory is None else pin_factory
        self._closed = False
        self._devices = Devices(self._factory)
        self._teller = Teller(source, taken=lambda button: self._inputs.taken(button))
        self._inputs = Inputs(self._factory, self._teller.put)
        try:
            self._open_inputs(low=self.wiring.active == "low")
            self._lamps = self._open_outputs()
        except BaseException:
            self._free_pins()
            raise
        for refusal in self._devices.refusals:
            log.warning("%s", refusal)
        held, now_ns = self._inputs.held(), boottime_ns()
        self._rule = Debounce(self._inputs, now_ns=now_ns, held=held, apart={INVITE})
        look = partial(self._inputs.look, self._rule)
        self._teller.start(self._rule, look=look, faults=self._devices.faults)

    # The contract of panel.Panel

    def on_press(self, callback: OnPress) -> None:
        self._teller.on_press(callback)

    def on_fault(self, callback: OnFault) -> None:
        self._teller.on_fault(callback)

    def on_invite(self, callback: OnInvite) -> None:
        self._teller.on_invite(callback)

    def check_alive(self, answer: Callable[[], None]) -> None:
        ask_driver = getattr(self._factory, "check_alive", None)
        if ask_driver is None:  # it has no thread of its own
            self._teller.put(answer)
        else:
            ask_driver(partial(self._teller.put, answer))

    def acknowledge(self) -> None:
        self._lamps.wish("acknowledge")

    def invite(self) -> None:
        self._lamps.wish("invite")

    def duty(self, signed_in: bool) -> None:
        self._lamps.wish("duty lit" if signed_in else "duty dark")

    def idle(self, lit: bool) -> None:
        self._lamps.wish("idle lit" if lit else "idle dark")

    def breathe(self, on: bool) -> None:
        self._lamps.wish("breathe" if on else "breathe no more")

    def beep(self) -> None:
        self._lamps.wish("beep")

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._inputs.silence()
        self._teller.end()
        self._lamps.close()
        self._free_pins()

    def __enter__(self) -> GpioPanel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    # For the self-test; INVITE counts as a button

    def presses(self, button: int) -> int:
        """Presses of this button since the panel was opened."""
        return self._rule.presses(button) if button in self._inputs else 0

    def bounces(self, button: int) -> int:
        """Contacts of this button that were chatter or glitches."""
        return self._rule.bounces(button) if button in self._inputs else 0

    # Pins

    def _open_inputs(self, *, low: bool) -> None:
        wired = dict(self.wiring.buttons)
        if self.wiring.invite is not None:
            wired[INVITE] = self.wiring.invite
        for button, gpio in wired.items():
            line = self._devices.open(part_of(button), InputDevice, gpio, pull_up=low)
            if line is not None:
                self._inputs.add(button, line, low=low)
        if not set(self.buttons) & set(self._inputs):
            first = self._devices.refusals[0]
            raise HardwareError(f"No button of this panel can be had: {first}")

    def _open_outputs(self) -> Lamps:
        wiring = self.wiring
        high = wiring.lamps_active == "high"
        lamps = [
            self._devices.open_lamp(f"lamp-{button}", gpio, active_high=high)
            for button, gpio in wiring.lamps.items()
        ]
        buzzer = self._open_output("buzzer", Buzzer, wiring.buzzer, wiring.buzzer_active)
        duty = self._open_output("duty-lamp", LED, wiring.duty_lamp, wiring.duty_lamp_active)
        self.has_buzzer = buzzer is not None
        had = [lamp for lamp in lamps if lamp is not None]
        return Lamps(had, buzzer, duty, brightness=wiring.brightness)

    def _open_output(self, part: str, device_class: Any, gpio: int | None, active: Level) -> Any:
        if gpio is None:
            return None
        return self._devices.open(part, device_class, gpio, active_high=active == "high")

    def _free_pins(self) -> None:
        self._devices.close()
        if self._own_factory:
            self._factory.close()
