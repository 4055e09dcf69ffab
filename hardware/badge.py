"""Badge readers and QR scanners: USB keyboards, read through evdev before any console sees them."""

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

from .typed import EVENT, Typed

BY_ID = Path("/dev/input/by-id")
INPUT_CLASS = Path("/sys/class/input")
EVIOCGRAB = 0x4004_4590  # linux/input.h: _IOW('E', 0x90, int)
LOOK_S = 2.0  # look again so often for a reader that is not there
PAUSE_S = 0.3  # a reader that sends no Enter is silent this long after its text
FORGET_S = 3.0  # else half a text, its Enter lost, would spoil the next badge
READ_BYTES = 64 * EVENT.size
ABSENT = (errno.ENOENT, errno.ENODEV, errno.ENXIO)

OnBadge = Callable[[str], None]
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


class BadgeReader:
    """Tells `on_badge`, on a thread of its own, each text that `device` types up to its Enter.

    With `by_pause` a pause of PAUSE_S ends a text as well. After start() nothing is raised: a
    device that is absent, unreadable or unplugged is said once in the log and looked for again.
    The texts themselves are secrets and are never logged.
    """

    def __init__(self, device: Path, on_badge: OnBadge, *, by_pause: bool = False):
        self._device, self._on_badge, self._by_pause = device, on_badge, by_pause
        self._said: set[str] = set()  # since the last text
        self._stopped = False
        self._wake_r, self._wake_w = os.pipe()
        self._thread = threading.Thread(target=self._run, name="badge", daemon=True)

    def start(self) -> None:
        self._thread.start()

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

    def _run(self) -> None:
        stopped = False
        while not stopped:
            try:
                stopped = self._read_device()
            except OSError as e:
                why = "is not there" if e.errno in ABSENT else f"cannot be read ({e.strerror})"
                self._say_once(logging.WARNING, f"{why}; it is looked for again")
            except Exception as e:  # noqa: BLE001  (whatever it is: said once, and the kiosk goes on)
                self._say_once(logging.ERROR, f"cannot be read ({e!r}); it is looked for again")
            stopped = stopped or bool(select.select([self._wake_r], [], [], LOOK_S)[0])
        os.close(self._wake_r)

    def _read_device(self) -> bool:
        """Reads until stop(), then True, or until the device has gone: OSError, or False."""
        fd = os.open(self._device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            self._grab(fd)
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
            self._say_once(logging.WARNING, what)
        else:
            self._say_once(logging.INFO, "is read")

    def _read(self, fd: int) -> bool:
        typed, rest, deadline = Typed(), b"", None
        patience_s = PAUSE_S if self._by_pause else FORGET_S
        while True:
            wait_s = None if deadline is None else max(0.0, deadline - time.monotonic())
            readable = select.select([fd, self._wake_r], [], [], wait_s)[0]
            if self._wake_r in readable:
                return True
            if not readable:
                text, deadline = typed.end(), None
                if self._by_pause:
                    self._tell(text)
                continue
            got = os.read(fd, READ_BYTES)
            if not got:
                return False
            whole = len(rest + got) // EVENT.size * EVENT.size
            events, rest = (rest + got)[:whole], (rest + got)[whole:]
            for text in typed.feed(events):
                self._tell(text)
            deadline = time.monotonic() + patience_s if typed.begun else None

    def _tell(self, text: str | None) -> None:
        if text is None:
            return
        self._said.clear()
        try:
            self._on_badge(text)
        except BaseException:
            log.exception("whoever was told of a badge failed; the reader goes on")

    def _say_once(self, level: int, what: str) -> None:
        if what not in self._said:
            self._said.add(what)
            log.log(level, "the badge reader %s %s", self._device, what)
