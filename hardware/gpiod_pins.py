"""gpiozero pins on the kernel's own lines (libgpiod 2): kernel debounce, no cost while idle."""

from __future__ import annotations

import errno
import glob
import os
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import gpiod
from gpiod.line import Bias, Direction, Edge, Value
from gpiozero.exc import (
    GPIOPinInUse,
    PinInvalidBounce,
    PinInvalidFunction,
    PinInvalidPin,
    PinInvalidPull,
    PinPWMUnsupported,
    PinSetInput,
    PinUnknownPi,
)
from gpiozero.pins.local import get_pi_revision
from gpiozero.pins.pi import PiBoardInfo, PiFactory, PiPin

from .edge_reader import MOST_EVENTS, EdgeReader

CONSUMER = "hailong"  # what other programs are told when they ask who has the line
# The chip of the 40-pin header: Pi 5, Pi 4, and all before (a Zero 2 and a Pi 3 say 2835 too).
LABELS = ("pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835")
PLAIN_BOARD = 0xC03114  # a Pi 4: stands for any 40-pin header whose board we do not know
BIASES = {"up": Bias.PULL_UP, "down": Bias.PULL_DOWN, "floating": Bias.DISABLED}
EDGES = {"both": Edge.BOTH, "rising": Edge.RISING, "falling": Edge.FALLING, "none": Edge.NONE}


def find_chip(named: str | None = None) -> str:
    """The device of the 40-pin header, found by its label: the numbers differ between kernels.

    `named` ("gpiochip4" or a path) is taken as it is. Raises PermissionError if the chips may not
    be opened, LookupError if none of them is a header.
    """
    if named:
        return named if "/" in named else f"/dev/{named}"
    labels: dict[str, str] = {}
    refusal = None
    for path in sorted(glob.glob("/dev/gpiochip*"), key=_number):
        try:
            with _open_chip(path) as chip:
                labels.setdefault(chip.get_info().label, path)
        except PermissionError as e:
            refusal = e
        except OSError:  # another one may be whole
            continue
    if found := _header_of(labels):
        return found
    if refusal:
        raise refusal
    raise LookupError(f"no header among the chips {', '.join(sorted(labels)) or 'that open'}")


def _header_of(labels: dict[str, str]) -> str | None:
    others = [label for label in labels if label.startswith("pinctrl-")]
    return next((labels[label] for label in (*LABELS, *others) if label in labels), None)


def _number(path: str) -> tuple[int, str]:
    digits = re.search(r"\d+$", path)
    return int(digits[0]) if digits else 0, path


def _open_chip(path: str) -> Any:
    try:
        return gpiod.Chip(path)
    except OSError as e:
        raise OSError(e.errno, os.strerror(e.errno or 0), path) from e  # gpiod does not name it


class GpiodFactory(PiFactory):  # type: ignore[misc]
    """Pins of one chip, and one thread that tells their edges.

    Ticks are CLOCK_MONOTONIC nanoseconds, as the kernel stamps edges. Raises OSError if the chip
    cannot be opened.
    """

    has_pwm = False

    def __init__(self, chip: str):
        super().__init__()
        self.pin_class = GpiodPin
        self.chip = _open_chip(chip)
        self.reader = EdgeReader()
        self._board: Any = None

    def close(self) -> None:
        super().close()
        self.reader.close()
        self.chip.close()

    def check_alive(self, answer: Callable[[], None]) -> None:
        """`answer` is called from the thread that tells edges: not at all, if it has died."""
        self.reader.ask(answer)

    def ticks(self) -> int:
        return time.monotonic_ns()

    def ticks_diff(self, later: int, earlier: int) -> float:
        return (later - earlier) / 1e9

    def _get_board_info(self) -> Any:
        if self._board is None:
            try:
                self._board = PiBoardInfo.from_revision(get_pi_revision())
            except (PinUnknownPi, OSError, ValueError):
                self._board = PiBoardInfo.from_revision(PLAIN_BOARD)
        return self._board


class GpiodPin(PiPin):  # type: ignore[misc]
    """One line, taken when it is first used and given back by close(). It has no PWM.

    `lost` counts the edges that the kernel had no room for, before those that it tells.
    """

    def __init__(self, factory: GpiodFactory, info: Any):
        super().__init__(factory, info)
        lines = factory.chip.get_info().num_lines
        if self._number >= lines:
            raise PinInvalidPin(f"this chip has lines 0 to {lines - 1} only")
        self._request: Any = None
        self._function, self._pull, self._edges = "input", "floating", "both"
        self._bounce: float | None = None
        self._lit = self._listening = False
        self.lost = self._sequence = 0

    def close(self) -> None:
        self.when_changed = None
        if self._request is not None:
            self._request.release()
            self._request = None

    def output_with_state(self, state: float) -> None:
        self._function, self._lit = "output", bool(state)
        self._apply()

    def input_with_pull(self, pull: str) -> None:
        self._function = "input"
        self._set_pull(pull)

    def _apply(self) -> None:
        """Has the kernel set the line as we know it, without its debounce if it has none."""
        try:
            self._configure(self._bounce)
        except OSError as e:
            if not (self._bounce and self._listening) or e.errno == errno.EBUSY:
                raise
            self._configure(None)

    def _configure(self, bounce_s: float | None) -> None:
        if self._function == "output":
            value = Value.ACTIVE if self._lit else Value.INACTIVE
            settings = gpiod.LineSettings(direction=Direction.OUTPUT, output_value=value)
        else:
            settings = gpiod.LineSettings(direction=Direction.INPUT, bias=BIASES[self._pull])
            if self._listening:
                settings.edge_detection = EDGES[self._edges]
                settings.debounce_period = timedelta(seconds=bounce_s or 0)
        if self._request is None:
            self._request = self._claim(settings)
        else:
            self._request.reconfigure_lines({self._number: settings})

    def _claim(self, settings: Any) -> Any:
        chip, self._sequence = self._factory.chip, 0
        try:
            return chip.request_lines(
                {self._number: settings}, consumer=CONSUMER, event_buffer_size=MOST_EVENTS
            )
        except OSError as e:
            if e.errno != errno.EBUSY:
                raise
            consumer = chip.get_line_info(self._number).consumer or "the kernel"
            raise GPIOPinInUse(f"it is used by {consumer}") from e

    def _enable_event_detect(self) -> None:
        self._listening = True
        self._apply()
        self._factory.reader.watch(self._request.fd, self._request, self._tell)

    def _disable_event_detect(self) -> None:
        self._listening = False
        if self._request is not None:
            self._factory.reader.forget(self._request.fd)
            self._apply()

    def _tell(self, event: Any) -> None:
        self.lost += max(0, event.line_seqno - self._sequence - 1)
        self._sequence = event.line_seqno
        handler = self.when_changed
        if handler is not None:
            handler(event.timestamp_ns, int(event.event_type == event.Type.RISING_EDGE))

    # What gpiozero's properties call

    def _get_function(self) -> str:
        return self._function

    def _set_function(self, value: str) -> None:
        if value not in ("input", "output"):
            raise PinInvalidFunction(f"a line is an input or an output, not {value!r}")
        self._function = value
        self._apply()

    def _get_state(self) -> bool:
        return bool(self._request.get_value(self._number) == Value.ACTIVE)

    def _set_state(self, value: float) -> None:
        if self._function == "input":
            raise PinSetInput(f"{self!r} is an input")
        self._lit = bool(value)
        self._request.set_value(self._number, Value.ACTIVE if self._lit else Value.INACTIVE)

    def _get_frequency(self) -> None:
        return None

    def _set_frequency(self, value: float | None) -> None:
        if value is not None:
            raise PinPWMUnsupported(f"{self!r} is on or off; kernel lines have no PWM")

    def _get_pull(self) -> str:
        return self._pull

    def _set_pull(self, value: str) -> None:
        if value not in BIASES:
            raise PinInvalidPull(f"a pull is one of {', '.join(BIASES)}, not {value!r}")
        self._pull = value
        self._apply()

    def _get_bounce(self) -> float | None:
        return self._bounce

    def _set_bounce(self, value: float | None) -> None:
        if value is not None and value < 0:
            raise PinInvalidBounce("bounce is a time in seconds, or None")
        self._bounce = value
        if self._listening:
            self._apply()

    def _get_edges(self) -> str:
        return self._edges

    def _set_edges(self, value: str) -> None:
        self._edges = value
        if self._listening:
            self._apply()


def open_gpiod() -> GpiodFactory:
    """Pins of the header, or of the chip that $HAILONG_GPIOCHIP names; raises as find_chip."""
    return GpiodFactory(find_chip(os.environ.get("HAILONG_GPIOCHIP")))
