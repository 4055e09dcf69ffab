"""An X server of our own, and a finger on it (XTEST); without Xvfb the windows are offscreen."""

import ctypes
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.told import now_ms

SIZE = (800, 480)
TAP_S = 0.06


def has_display() -> bool:
    """Whether a touch can be made here."""
    return shutil.which("Xvfb") is not None


@contextmanager
def display() -> Iterator[dict[str, str]]:
    """What the environment must say to draw there."""
    if not has_display():
        yield {"SDL_VIDEODRIVER": "offscreen"}
        return
    reading, writing = os.pipe()
    screen = f"{SIZE[0]}x{SIZE[1]}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", screen, "-nolisten", "tcp"],
        pass_fds=[writing], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    try:
        yield {"DISPLAY": f":{number}", "SDL_VIDEODRIVER": "x11"}
    finally:
        server.terminate()
        server.wait()


class Finger:
    """Touches the screen as a panel under X does: it lands where it presses, all at once."""

    def __init__(self, name: str) -> None:
        self._x, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._display = ctypes.c_void_p(self._x.XOpenDisplay(name.encode()))

    def tap(self, x: int, y: int) -> float:
        """Presses and lets go; when it pressed, in ms."""
        self._test.XTestFakeMotionEvent(self._display, -1, x, y, ctypes.c_ulong(0))
        at_ms = now_ms()
        self._button(True)
        time.sleep(TAP_S)
        self._button(False)
        return at_ms

    def close(self) -> None:
        self._x.XCloseDisplay(self._display)

    def _button(self, down: bool) -> None:
        self._test.XTestFakeButtonEvent(self._display, 1, down, ctypes.c_ulong(0))
        self._x.XFlush(self._display)


def pause(least_s: float) -> None:
    """So long and up to 100 ms more, so that no press falls in step with the frames."""
    time.sleep(least_s + random.uniform(0, 0.1))
