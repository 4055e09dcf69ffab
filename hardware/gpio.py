"""The panel on GPIO pins: gpiozero below, our own debounce above, one thread that tells."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any

from gpiozero import LED, PWMLED, Buzzer, InputDevice

from .debounce import Change, Debounce
from .lamps import Lamps
from .panel import (
    Fault,
    HardwareError,
    OnFault,
    OnInvite,
    OnPress,
    Panel,
    Press,
    Source,
    boottime_ns,
)
from .pins import open_pins
from .wiring import Level, Wiring, load_wiring

log = logging.getLogger(__name__)

LOOK_S = 1.0  # look at the levels this often, in case an edge was lost
LATE_S = 0.01  # look again so soon while a level and its edges disagree
LOST_NS = 50_000_000  # after this long the edge is lost, not late
MAX_AGE_S = 10.0  # older edges than this cannot be: the driver counts time differently

INVITE = 0  # stands for the invite input among the buttons; no rating has this number

Edge = tuple[int, bool, int]  # button, active, CLOCK_BOOTTIME ns


class GpioPanel(Panel):
    """Panel on `pin_factory` (a gpiozero factory), by default this machine's header.

    Raises NoGpio without a header, HardwareError if a pin of the wiring cannot be had.
    """

    def __init__(
        self, wiring: Wiring | None = None, pin_factory: Any = None, *, source: Source = "button"
    ):
        self.wiring = wiring or load_wiring()
        self.buttons = tuple(self.wiring.buttons)
        self.has_buzzer = self.wiring.buzzer is not None
        self.simulated = False
        self._source: Source = source
        self._on_press: OnPress | None = None
        self._on_fault: OnFault | None = None
        self._on_invite: OnInvite | None = None
        self._own_factory = pin_factory is None
        self._factory = open_pins() if pin_factory is None else pin_factory
        self._edges: queue.SimpleQueue[Edge | None] = queue.SimpleQueue()
        self._astray_ns: int | None = None
        self._handlers: list[object] = []  # pins keep only weak references to them
        self._closed = False
        self._devices: list[Any] = []
        try:
            self._lines = {b: self._open_button(b, g) for b, g in self._inputs().items()}
            self._lamps = self._open_outputs()
        except BaseException:
            self._free_pins()
            raise
        held = {b for b, line in self._lines.items() if line.is_active}
        self._rule = Debounce(self._lines, now_ns=boottime_ns(), held=held, apart={INVITE})
        self._thread = threading.Thread(target=self._consume, name="buttons", daemon=True)
        self._thread.start()

    # The contract of panel.Panel

    def on_press(self, callback: OnPress) -> None:
        self._on_press = callback

    def on_fault(self, callback: OnFault) -> None:
        self._on_fault = callback

    def on_invite(self, callback: OnInvite) -> None:
        self._on_invite = callback

    def acknowledge(self) -> None:
        self._lamps.wish("acknowledge")

    def invite(self) -> None:
        self._lamps.wish("invite")

    def duty(self, signed_in: bool) -> None:
        self._lamps.wish("duty lit" if signed_in else "duty dark")

    def idle(self, lit: bool) -> None:
        self._lamps.wish("idle lit" if lit else "idle dark")

    def beep(self) -> None:
        self._lamps.wish("beep")

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        for line in self._lines.values():
            line.pin.when_changed = None
        self._edges.put(None)  # behind every edge seen until now
        if threading.current_thread() is not self._thread:
            self._thread.join()
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
        return self._rule.presses(button)

    def bounces(self, button: int) -> int:
        """Contacts of this button that were chatter or glitches."""
        return self._rule.bounces(button)

    # Pins

    def _inputs(self) -> dict[int, int]:
        invite = self.wiring.invite
        return self.wiring.buttons if invite is None else {**self.wiring.buttons, INVITE: invite}

    def _open_button(self, button: int, gpio: int) -> Any:
        low = self.wiring.active == "low"
        line = self._open(_name(button), InputDevice, gpio, pull_up=low)
        # The pin's own event and not a Button's: it hands us when the kernel saw the edge. With
        # the time of our being told, a busy process would see a press as a glitch.
        handler = self._edge_handler(button, low)
        self._handlers.append(handler)
        line.pin.bounce = None
        line.pin.edges = "both"
        line.pin.when_changed = handler
        return line

    def _edge_handler(self, button: int, low: bool) -> Callable[[float, int], None]:
        factory, edges = self._factory, self._edges

        def changed(ticks: float, state: int) -> None:
            # An exception here would end lgpio's only thread, and with it every button.
            try:
                age_s = factory.ticks_diff(factory.ticks(), ticks)
                age_ns = int(age_s * 1e9) if 0 <= age_s <= MAX_AGE_S else 0
                edges.put((button, bool(state) is not low, boottime_ns() - age_ns))
            except BaseException:
                log.exception("an edge of %s was lost", _name(button))

        return changed

    def _open_outputs(self) -> Lamps:
        wiring = self.wiring
        led = LED if wiring.brightness == 1 else PWMLED
        high = wiring.lamps_active == "high"
        return Lamps(
            [
                self._open(f"lamp {button}", led, gpio, active_high=high)
                for button, gpio in wiring.lamps.items()
            ],
            self._open_output("buzzer", Buzzer, wiring.buzzer, wiring.buzzer_active),
            self._open_output("duty lamp", LED, wiring.duty_lamp, wiring.duty_lamp_active),
            brightness=wiring.brightness,
        )

    def _open_output(self, what: str, device_class: Any, gpio: int | None, active: Level) -> Any:
        if gpio is None:
            return None
        return self._open(what, device_class, gpio, active_high=active == "high")

    def _open(self, what: str, device_class: Any, gpio: int, **options: bool) -> Any:
        try:
            device = device_class(gpio, pin_factory=self._factory, **options)
        except Exception as e:
            raise HardwareError(
                f"GPIO {gpio} cannot serve as {what} ({e}); end the program that uses it, or "
                "correct the wiring."
            ) from e
        self._devices.append(device)
        return device

    def _free_pins(self) -> None:
        for device in self._devices:
            device.close()
        self._handlers.clear()
        if self._own_factory:
            self._factory.close()

    # The one thread that tells

    def _consume(self) -> None:
        while True:
            try:
                edge = self._edges.get(timeout=self._wait_s())
            except queue.Empty:
                self._tell_all(self._let_time_pass)
                continue
            if edge is None:
                self._tell_all(lambda: self._rule.advance(boottime_ns()))
                return
            self._tell_all(partial(self._rule.edge, *edge))

    def _wait_s(self) -> float:
        if self._astray_ns is not None:
            return LATE_S
        deadline = self._rule.deadline()
        if deadline is None:
            return LOOK_S
        return min(LOOK_S, max(0, deadline - boottime_ns()) / 1e9)

    def _let_time_pass(self) -> list[Change]:
        """Nothing came. Time passes only if the levels agree: else an edge is late, or lost."""
        now_ns = boottime_ns()
        astray = [b for b in self._lines if self._is_active(b) != self._rule.is_active(b)]
        if not astray:
            self._astray_ns = None
            return self._rule.advance(now_ns)
        if self._astray_ns is None:
            self._astray_ns = now_ns
        if now_ns - self._astray_ns < LOST_NS:
            return []
        self._astray_ns = None
        log.warning("an edge of %s was lost", ", ".join(map(_name, astray)))
        return [
            change
            for b in astray
            for change in self._rule.edge(b, not self._rule.is_active(b), now_ns)
        ]

    def _is_active(self, button: int) -> bool:
        try:
            return bool(self._lines[button].is_active)
        except Exception as e:  # noqa: BLE001  (closing, or a driver's fault: trust the edges)
            log.debug("the level of %s cannot be read: %s", _name(button), e)
            return self._rule.is_active(button)

    def _tell_all(self, conclude: Callable[[], list[Change]]) -> None:
        try:
            changes = conclude()
        except BaseException:
            log.exception("the debounce rule failed; the buttons go on")
            return
        for change in changes:
            try:
                self._tell(change)
            except BaseException:
                # Not which button: logs are read by more people than votes.
                log.exception("whoever was told of a %s failed; the buttons go on", change.kind)

    def _tell(self, change: Change) -> None:
        button, at_ns = change.button, change.at_ns
        if button == INVITE:
            # Never stuck: a queue system may keep its contact closed as long as it likes.
            if change.kind == "press" and self._on_invite:
                self._on_invite(at_ns)
        elif change.kind == "press":
            if self._on_press:
                self._on_press(Press(button, at_ns, change.others_down, self._source))
        elif (change.kind == "stuck" or change.was_stuck) and self._on_fault:
            cleared = change.kind == "release"
            self._on_fault(Fault(f"button-{button}", "stuck", at_ns, cleared))


def _name(button: int) -> str:
    return "invite" if button == INVITE else f"button {button}"
