"""Opens this machine's GPIO header as a gpiozero pin factory; the one place that knows drivers."""

from __future__ import annotations

import atexit
import glob
import os
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

from .panel import NoGpio


def open_pins() -> Any:
    """A gpiozero pin factory on the first driver that works; the caller closes it.

    Raises NoGpio, whose sentence names the way without a Pi.
    """
    chips = sorted(glob.glob("/dev/gpiochip*"))
    if not chips:
        raise _no_gpio("there is no /dev/gpiochip*")
    if not any(os.access(chip, os.R_OK | os.W_OK) for chip in chips):
        raise _no_gpio(f"this user may not open {chips[0]}, group gpio may")
    failures = []
    for name, open_driver in DRIVERS:
        try:
            return open_driver()
        except Exception as e:  # noqa: BLE001  (each driver fails in its own way; all are told)
            failures.append(f"{name}: {e}")
    raise _no_gpio("; ".join(failures))


def _no_gpio(why: str) -> NoGpio:
    return NoGpio(
        f"No GPIO pins to be used here ({why}); run on a Raspberry Pi, or without one use "
        "--panel keys and press with the keyboard."
    )


def _open_lgpio() -> Any:
    # When imported, lgpio changes into $LG_WD (or stays) and makes a FIFO there. It gets a folder
    # it may write to, and we go back, so that nobody's relative paths change under them.
    came_from = os.getcwd()
    if "LG_WD" not in os.environ:
        folder = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        os.environ["LG_WD"] = folder or _temporary_folder()
    try:
        from gpiozero.pins.lgpio import LGPIOFactory

        return LGPIOFactory()
    finally:
        os.chdir(came_from)


def _temporary_folder() -> str:
    folder = tempfile.mkdtemp(prefix="hailong-lgpio-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


# First that works wins. A factory on gpiod, which costs less when idle, goes before lgpio.
DRIVERS: list[tuple[str, Callable[[], Any]]] = [("lgpio", _open_lgpio)]
