"""A USB numeric keypad as a panel: keys 1 to 5 are the buttons."""

from __future__ import annotations

import errno
import fcntl
import re
import struct
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from . import evdev
from .debounce import Debounce
from .evdev import EventReader
from .lampless import LamplessPanel
from .panel import Fault, boottime_ns
from .telling import Teller
from .typed import EV_KEY, EV_SYN, EVENT, PRESSED, RELEASED, SYN_DROPPED

EVIOCSCLOCKID = 0x4004_45A0  # linux/input.h: _IOW('E', 0xa0, int)
# Key codes of the row of digits and of the keypad's own digits, whatever Num Lock says.
KEYS = {2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 79: 1, 80: 2, 81: 3, 75: 4, 76: 5}
LOOKS_LIKE_ONE = re.compile("key ?pad|num(ber|eric)?[ _-]?pad|numeric", re.IGNORECASE)


class KeypadPanel(LamplessPanel):
    """The keys of `device` (an event device), by default the keypad that is plugged in.

    A key's press counts at once: keyboards debounce themselves. Unplugged it is a fault of
    "keypad", which ends when it is plugged in again. Nothing is raised.
    """

    def __init__(self, device: str | Path | None = None, buttons: Sequence[int] = (1, 2, 3, 4, 5)):
        teller = Teller()
        super().__init__(buttons, teller)
        named = None if device is None else Path(device)
        self._reader = _KeyReader(named, self.buttons, teller)
        self._rule = Debounce(self.buttons, now_ns=boottime_ns(), stable_ns=0)
        teller.start(self._rule)
        self._reader.start()

    def check_alive(self, answer: Callable[[], None]) -> None:
        self._reader.ask(lambda: self._teller.put(answer))

    def close(self) -> None:
        self._reader.stop()
        super().close()

    # For the self-test

    def presses(self, button: int) -> int:
        """Presses of this key since the panel was opened."""
        return self._rule.presses(button)

    def bounces(self, button: int) -> int:
        """Contacts of this key that were chatter."""
        return self._rule.bounces(button)


class _KeyReader(EventReader):
    """Turns key events into edges for `teller`. Key repeats are none.

    Events carry the kernel's time where it can be asked for CLOCK_BOOTTIME, else the time at
    which they were read: then keys that a busy process reads late are told late.
    """

    what = "keypad"

    def __init__(self, device: Path | None, buttons: Sequence[int], teller: Teller):
        super().__init__(device)
        self._buttons, self._teller = buttons, teller
        self._has_time = False

    def find(self) -> Path:
        return super().find() if self._device else find_keypad(evdev.find_readers())

    def begin(self, fd: int) -> None:
        self._has_time = False
        with suppress(OSError):
            fcntl.ioctl(fd, EVIOCSCLOCKID, struct.pack("i", time.CLOCK_BOOTTIME))
            self._has_time = True
        self._teller.tell_fault(Fault("keypad", "missing", boottime_ns(), cleared=True))

    def take(self, events: bytes) -> None:
        for seconds, micros, kind, code, value in EVENT.iter_unpack(events):
            at_ns = seconds * 10**9 + micros * 1000 if self._has_time else boottime_ns()
            if kind == EV_SYN and code == SYN_DROPPED:
                self._release_all()  # a release may have been dropped
            elif kind == EV_KEY and KEYS.get(code) in self._buttons and value in _EDGES:
                self._teller.put((KEYS[code], value == PRESSED, at_ns, False))

    def lose(self) -> None:
        self._release_all()
        self._teller.tell_fault(Fault("keypad", "missing", boottime_ns()))

    def _release_all(self) -> None:
        for button in self._buttons:
            self._teller.put((button, False, boottime_ns(), False))


_EDGES = (RELEASED, PRESSED)


def find_keypad(keyboards: Sequence[tuple[Path, str]]) -> Path:
    """The one of these USB keyboards that is called a keypad, else the only one; or OSError."""
    called = [path for path, name in keyboards if LOOKS_LIKE_ONE.search(f"{path.name} {name}")]
    candidates = called or [path for path, _ in keyboards]
    if not candidates:
        raise FileNotFoundError(errno.ENOENT, "no keypad is plugged in")
    if len(candidates) > 1:
        raise OSError(errno.ENOTUNIQ, f"{len(candidates)} devices may be it")
    return candidates[0]
