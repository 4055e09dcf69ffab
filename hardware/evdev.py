"""One evdev device, kept from the consoles and read on a thread of its own; it may come and go."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import select
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .typed import EVENT

BY_ID = Path("/dev/input/by-id")
INPUT_CLASS = Path("/sys/class/input")
EVIOCGRAB = 0x4004_4590  # linux/input.h: _IOW('E', 0x90, int)
LOOK_S = 2.0  # look again so often for a device that is not there
READ_BYTES = 64 * EVENT.size
ABSENT = (errno.ENOENT, errno.ENODEV, errno.ENXIO)

log = logging.getLogger(__name__)


def find_readers(by_id: Path = BY_ID, input_class: Path = INPUT_CLASS) -> list[tuple[Path, str]]:
    """(device, name) of all USB keyboards, real ones too; the name is empty if it is unknown."""
    return [
        (device, _name(input_class / device.resolve().name / "device/name"))
        for device in sorted(by_id.glob("*-event-kbd"))
    ]


def _name(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


class EventReader:
    """Hands whole events of a device to its hooks, which subclasses override, on its own thread.

    After start() nothing is raised: a device that is absent, unreadable or unplugged is said in
    the log when that changes, and looked for again. What is read is secret and never logged.
    """

    what = "device"  # for the log: "the badge reader"

    def __init__(self, device: Path | None) -> None:
        self._device = device
        self._state = ""  # what was said last
        self._errands: list[Callable[[], None]] = []
        self._stopped = False
        self._wake_r, self._wake_w = os.pipe()
        self._thread = threading.Thread(target=self._run, name=self.what, daemon=True)

    # What subclasses override

    def find(self) -> Path:
        """The device to open; OSError with a sentence if there is none."""
        if self._device is None:
            raise FileNotFoundError(errno.ENOENT, "no device is named")
        return self._device

    def begin(self, fd: int) -> None:
        """The device was opened, and kept from others where that can be."""

    def take(self, events: bytes) -> None:
        """Whole events, as they came."""

    def patience_s(self) -> float | None:
        """How long take() waits for more until be_silent() is called; None is for ever."""
        return None

    def be_silent(self) -> None:
        """Nothing came within patience_s()."""

    def lose(self) -> None:
        """The device has gone, or could not be opened."""

    # For its owner

    def start(self) -> None:
        self._thread.start()

    def ask(self, answer: Callable[[], None]) -> None:
        """Calls `answer` soon from the thread, if it lives."""
        if not self._stopped:
            self._errands.append(answer)
            os.write(self._wake_w, b"?")

    def stop(self) -> None:
        """Gives the device back. May be called twice, or unstarted."""
        if self._stopped:
            return
        self._stopped = True
        os.close(self._wake_w)
        if self._thread.ident is None:
            os.close(self._wake_r)
        elif threading.current_thread() is not self._thread:
            self._thread.join()

    # The thread

    def _run(self) -> None:
        stopped = False
        while not stopped:
            try:
                stopped = self._read_device()
            except OSError as e:
                why = "is not there" if e.errno in ABSENT else f"cannot be read ({e.strerror})"
                self._say(logging.WARNING, f"{why}; plug it in or name another of those that "
                          "`hailong-hardware readers` lists; it is looked for again")  # fmt: skip
            except Exception as e:  # noqa: BLE001  (whatever it is: said once, and all else goes on)
                self._say(logging.ERROR, f"cannot be read ({e!r}); it is looked for again")
            if not stopped:
                self.lose()
                stopped = self._wait(LOOK_S)
        os.close(self._wake_r)

    def _wait(self, seconds: float) -> bool:
        """True if stop() cut it short."""
        end = time.monotonic() + seconds
        while (left_s := end - time.monotonic()) > 0:
            if select.select([self._wake_r], [], [], left_s)[0] and self._is_called():
                return True
        return False

    def _is_called(self) -> bool:
        """Does what was asked for; True if it was stop()."""
        called = os.read(self._wake_r, 512)
        while self._errands:
            self._errands.pop(0)()
        return not called

    def _read_device(self) -> bool:
        """Reads until stop(), then True, or until the device has gone: OSError, or False."""
        fd = os.open(self.find(), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            self._grab(fd)
            self.begin(fd)
            return self._read(fd)
        finally:
            os.close(fd)  # ends the grab

    def _grab(self, fd: int) -> None:
        mode = os.fstat(fd).st_mode
        if not (stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)):
            raise OSError(errno.ENOTTY, "it is no input device")
        try:
            fcntl.ioctl(fd, EVIOCGRAB, 1)
        except OSError as e:
            what = f"is read, but cannot be kept from typing elsewhere ({e.strerror})"
            self._say(logging.WARNING, what)
        else:
            self._say(logging.INFO, "is read")

    def _read(self, fd: int) -> bool:
        rest = b""
        while True:
            readable = select.select([fd, self._wake_r], [], [], self.patience_s())[0]
            if self._wake_r in readable and self._is_called():
                return True
            if not readable:
                self.be_silent()
            if fd not in readable:
                continue
            got = os.read(fd, READ_BYTES)
            if not got:
                return False
            whole = len(rest + got) // EVENT.size * EVENT.size
            events, rest = (rest + got)[:whole], (rest + got)[whole:]
            self.take(events)

    def _say(self, level: int, what: str) -> None:
        if what != self._state:
            self._state = what
            name = self.what if self._device is None else f"{self.what} {self._device}"
            log.log(level, "the %s %s", name, what)
