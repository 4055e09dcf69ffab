"""Is there a display to draw on? Answered cheaply, without Kivy."""

import ctypes
import os
import socket
from pathlib import Path
from typing import Literal

Driver = Literal["x11", "kmsdrm", "offscreen"]

NO_DISPLAY = (
    "no display found; start it on a machine with a screen (or with DISPLAY set), "
    "or use --headless."
)


class NoDisplay(Exception):
    """There is nothing to draw on; str() is one sentence that says what to do."""

    def __init__(self, sentence: str = NO_DISPLAY) -> None:
        super().__init__(sentence)


def display_answers() -> bool:
    """Whether run_window would find a display: an X server that accepts, or a connected screen."""
    return find_driver() is not None


def find_driver() -> Driver | None:
    """The SDL video driver to use, or None. SDL left alone may fall through to an unseen one."""
    wanted = os.environ.get("SDL_VIDEODRIVER", "")
    if wanted == "offscreen":
        return "offscreen"
    display = os.environ.get("DISPLAY", "")
    if wanted in ("", "x11") and display:
        return "x11" if _x_server_accepts(display) else None
    # Under a Wayland session without Xwayland the screen is taken, and our SDL speaks no Wayland.
    taken = "WAYLAND_DISPLAY" in os.environ
    if wanted.lower() in ("", "kmsdrm") and not taken and _screen_connected():
        return "kmsdrm"
    return None


def x11_screen_size() -> tuple[int, int] | None:
    """Width and height of the X screen; None if Xlib does not tell.

    Without a window manager nobody enlarges a window to the screen: it must be asked for as large.
    """
    try:
        xlib = ctypes.CDLL("libX11.so.6")
    except OSError:
        return None
    xlib.XOpenDisplay.restype = ctypes.c_void_p
    display = xlib.XOpenDisplay(None)
    if not display:
        return None
    pointer = ctypes.c_void_p(display)
    screen = xlib.XDefaultScreen(pointer)
    size = xlib.XDisplayWidth(pointer, screen), xlib.XDisplayHeight(pointer, screen)
    xlib.XCloseDisplay(pointer)
    return size


def _x_server_accepts(display: str) -> bool:
    host, _, rest = display.rpartition(":")
    number = rest.split(".")[0]
    if not number.isdigit():
        return False
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 (where X servers listen, by convention)
        return _connects(socket.AF_UNIX, path) or _connects(socket.AF_UNIX, "\0" + path)
    return _connects(socket.AF_INET, (host, 6000 + int(number)))


def _connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.settimeout(1.0)
            tried.connect(address)
    except OSError:
        return False
    return True


def _screen_connected(sys_drm: Path = Path("/sys/class/drm"), dev: Path = Path("/dev/dri")) -> bool:
    for status in sorted(sys_drm.glob("card*-*/status")):
        card = dev / status.parent.name.partition("-")[0]
        try:
            if status.read_text().strip() == "connected" and os.access(card, os.R_OK | os.W_OK):
                return True
        except OSError:
            continue
    return False
