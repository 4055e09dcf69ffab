"""A GPIO chip as libgpiod shows it, without a kernel that has one: real descriptors, made-up lines.

Stands where gpiod.Chip would; everything above it is real. The kernel's part is kept to what its
documentation promises: a buffer per request whose oldest events are lost, EBUSY, EPERM.
"""

import errno
import os
import threading
import time
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest
from gpiod import EdgeEvent, LineSettings
from gpiod.line import Direction, Edge, Value

from hardware import gpiod_pins

CHIP = "/dev/gpiochip0"
RISING, FALLING = EdgeEvent.Type.RISING_EDGE.value, EdgeEvent.Type.FALLING_EDGE.value


class KernelLine:
    """One line; `level` is what the copper says, or what the line drives."""

    def __init__(self) -> None:
        self.level = 1
        self.levels: list[int] = []  # driven, in order
        self.request: Request | None = None
        self.consumer = ""


class KernelChip:
    """All lines of one chip. `refuses` is the errno with which a debounce is refused."""

    def __init__(self, label: str = "pinctrl-bcm2711", lines: int = 58, refuses: int = 0):
        self.label, self.refuses, self.closed = label, refuses, False
        self.lines = [KernelLine() for _ in range(lines)]
        self.forbidden: set[int] = set()

    def __enter__(self) -> "KernelChip":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def close(self) -> None:
        self.closed = True

    def get_info(self) -> SimpleNamespace:
        return SimpleNamespace(label=self.label, num_lines=len(self.lines))

    def get_line_info(self, offset: int) -> SimpleNamespace:
        return SimpleNamespace(consumer=self.lines[offset].consumer)

    def request_lines(
        self, config: dict[int, LineSettings], consumer: str, event_buffer_size: int
    ) -> "Request":
        ((offset, settings),) = config.items()
        line = self.lines[offset]
        if offset in self.forbidden:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
        if line.consumer:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        line.request = Request(self, line, settings, event_buffer_size)
        line.consumer = consumer
        return line.request

    def drive(self, offset: int, level: int) -> None:
        """The copper changes, now."""
        line = self.lines[offset]
        if level != line.level:
            line.level = level
            if line.request is not None:
                line.request.edge(level)

    def press(self, offset: int, hold_s: float = 0.05) -> None:
        """A button to ground: down, hold, up, and off for so long that the next press counts."""
        self.drive(offset, 0)
        threading.Event().wait(hold_s)
        self.drive(offset, 1)
        threading.Event().wait(0.03)


class Request:
    """A line that somebody has, and its events behind a real descriptor."""

    def __init__(self, chip: KernelChip, line: KernelLine, settings: LineSettings, room: int):
        self._chip, self._line = chip, line
        self._events: deque[EdgeEvent] = deque(maxlen=room)
        self._lock = threading.Lock()
        self.fd = os.eventfd(0, os.EFD_NONBLOCK)
        self.broken = False
        self._sequence = 0
        self._configure(settings)

    def reconfigure_lines(self, config: dict[int, LineSettings]) -> None:
        self._configure(*config.values())

    def _configure(self, settings: LineSettings) -> None:
        if settings.debounce_period and self._chip.refuses:
            raise OSError(self._chip.refuses, os.strerror(self._chip.refuses))
        self.settings = settings
        if settings.direction == Direction.OUTPUT:
            self._put(settings.output_value)

    def _put(self, value: Value) -> None:
        self._line.level = int(value == Value.ACTIVE)
        self._line.levels.append(self._line.level)

    def get_value(self, _: int) -> Value:
        return Value.ACTIVE if self._line.level else Value.INACTIVE

    def set_value(self, _: int, value: Value) -> None:
        self._put(value)

    def edge(self, level: int) -> None:
        if self.settings.edge_detection == Edge.NONE:
            return
        self._sequence += 1
        kind, at_ns = RISING if level else FALLING, time.monotonic_ns()
        event = EdgeEvent(kind, at_ns, 0, self._sequence, self._sequence)
        with self._lock:
            self._events.append(event)
            os.eventfd_write(self.fd, 1)

    def wait_edge_events(self, _: float) -> bool:
        return self.broken or bool(self._events)

    def read_edge_events(self, most: int) -> list[EdgeEvent]:
        if self.broken:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        with self._lock:
            some = [self._events.popleft() for _ in range(min(most, len(self._events)))]
            if not self._events:
                os.eventfd_read(self.fd)
            return some

    def unplug(self) -> None:
        """The chip goes away under the line."""
        self.broken = True
        os.eventfd_write(self.fd, 1)

    def release(self) -> None:
        self._line.request, self._line.consumer = None, ""
        os.close(self.fd)


def plug(monkeypatch: pytest.MonkeyPatch, chip: KernelChip) -> KernelChip:
    """Makes `chip` the only one of this machine."""
    found = {CHIP: chip}
    monkeypatch.setattr(gpiod_pins.glob, "glob", lambda _: list(found))
    monkeypatch.setattr(gpiod_pins.gpiod, "Chip", chips(found))
    monkeypatch.delenv("HAILONG_GPIOCHIP", raising=False)
    return chip


def chips(found: dict[str, Any]) -> Any:
    """Stands for gpiod.Chip: opens `found` by path; an exception there is raised."""

    def open_chip(path: str) -> KernelChip:
        chip = found.get(path, OSError(errno.ENOENT, os.strerror(errno.ENOENT)))
        if isinstance(chip, Exception):
            raise chip
        return chip  # type: ignore[no-any-return]

    return open_chip
