"""Opens this machine's GPIO header as a gpiozero pin factory; the one place that knows drivers."""

from __future__ import annotations

import atexit
import glob
import os
import pwd
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

from .panel import NoGpio


def open_pins() -> Any:
    """A gpiozero pin factory on the first driver that works; the caller closes it.

    Raises NoGpio, whose sentence names the way without a Pi, or to a permission that lacks.
    """
    if not os.environ.get("HAILONG_GPIOCHIP") and not glob.glob("/dev/gpiochip*"):
        raise _no_gpio("there is no /dev/gpiochip*")
    failures = []
    for name, open_driver in DRIVERS:
        try:
            return open_driver()
        except PermissionError as e:
            raise _forbidden(e.filename or "/dev/gpiochip*") from e
        except Exception as e:  # noqa: BLE001  (each driver fails in its own way; all are told)
            failures.append(f"{name}: {e}")
    raise _no_gpio("; ".join(failures))


def _no_gpio(why: str) -> NoGpio:
    # Whoever reads it ran the kiosk or the self-test: each finds its own way without a Pi.
    return NoGpio(
        f"No GPIO pins can be used here ({why}); run on a Raspberry Pi, or without one try "
        "`hailong-kiosk run --panel keys` or `hailong-hardware selftest --simulated`."
    )


def _forbidden(chip: str) -> NoGpio:
    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        user = f"'#{os.geteuid()}'"
    return NoGpio(
        f"The user {user} may not open {chip}, the group gpio may: run "
        f"`sudo usermod -aG gpio {user}` and log in again."
    )


def _open_gpiod() -> Any:
    from .gpiod_pins import open_gpiod

    return open_gpiod()


def _open_lgpio() -> Any:
    # When imported, lgpio changes into $LG_WD (or stays) and makes a FIFO there. It gets a folder
    # it may write to, and we go back, so that nobody's relative paths change under them.
    came_from = os.getcwd()
    if "LG_WD" not in os.environ:
        folder = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        os.environ["LG_WD"] = folder or _temporary_folder()
    try:
        import lgpio
        from gpiozero.pins.lgpio import LGPIOFactory
    finally:
        os.chdir(came_from)

    class Pins(LGPIOFactory):  # type: ignore[misc]
        def check_alive(self, answer: Callable[[], None]) -> None:
            """lgpio cannot be asked, but an exception ends its one thread: that can be seen."""
            if lgpio._notify_thread.is_alive():
                answer()

    return Pins()


def _temporary_folder() -> str:
    folder = tempfile.mkdtemp(prefix="hailong-lgpio-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


# First that works wins. gpiod costs nothing while idle and lives through any exception; lgpio
# wakes 2000 times a second, and has no wheel for Python 3.13.
DRIVERS: list[tuple[str, Callable[[], Any]]] = [("gpiod", _open_gpiod), ("lgpio", _open_lgpio)]
