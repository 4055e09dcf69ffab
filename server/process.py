"""Processes that belong together: one lock a folder, children that die with their parent."""

import ctypes
import fcntl
import os
import signal
import time
from pathlib import Path
from typing import IO

from server.folder import SetupError

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when process `parent` ends, SIGKILL included.

    granian's workers outlive a killed main process and keep its port: the next start would fail.
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the call above
        os._exit(1)


def end_with_parent() -> None:
    """For Popen(preexec_fn=…): SIGTERM when the parent ends, kill -9 of it included."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def lock_folder(path: Path, wait_s: float = 3.0) -> IO[str]:
    """Hold the folder's lock until this process ends; SetupError if another server holds it.

    The wait covers a server that was killed a moment ago and is still being cleared away.
    """
    try:
        file = (path / "server.lock").open("w")
    except OSError as error:
        raise SetupError(f"Cannot write to {path}: {error.strerror}.") from error
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except OSError:
            if time.monotonic() > deadline:
                raise SetupError(
                    f"Another server runs on {path}; stop it, or choose another HAILONG_DATA."
                ) from None
            time.sleep(0.05)
