"""The kiosk's folder: made, and held by one process that may write lines."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.errors import KioskError

PATIENCE_S = 1.0


def make_folder(folder: Path) -> None:
    """Creates the folder if need be; KioskError if nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise KioskError(
            f"The folder {folder} cannot be written ({error.strerror}); choose another with --data."
        ) from None


@contextmanager
def held(folder: Path, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """The folder's lock; KioskError if another process has it. It goes with the process, however
    that ends. A moment's patience: `status` takes it for an instant, to see whether it is held."""
    deadline = time.monotonic() + patience_s
    while (fd := try_hold(folder)) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    if fd is None:
        raise KioskError(f"Another hailong-kiosk is running on {folder}; end it first.")
    try:
        yield
    finally:
        os.close(fd)


def is_held(folder: Path) -> bool:
    """Whether another process holds the folder just now."""
    fd = try_hold(folder)
    if fd is not None:
        os.close(fd)
    return fd is None


def try_hold(folder: Path) -> int | None:
    """A descriptor that holds the folder until it is closed; None if another process does."""
    try:
        fd = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise KioskError(f"The folder {folder} cannot be opened ({error.strerror}).") from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd
