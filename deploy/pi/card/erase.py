"""Takes the used code off the boot partition, where anybody with a card reader could see it.

In place, character for character: a new file would leave the old one's sectors readable, and would
change the FAT and the folder, which nothing repairs after a power cut. A sector is old or new.
"""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import CardError
from .read import ERASED, NAME, Card


def erase_code(card: Card, folder: Path) -> None:
    """Overwrites the code durably; an erased one, or none, is left alone.

    A crash before the fsync: old code, new stars, or a part of each; the next start ends it.
    """
    start, end = card.span
    if card.code is None and not card.half_erased:
        return
    try:
        with _writable(folder / NAME) as fd:
            os.pwrite(fd, ERASED.encode() * (end - start), start)
            os.fsync(fd)
    except OSError as error:
        raise CardError(
            f"The used code in {NAME} could not be erased ({error.strerror}); erase it by hand."
        ) from None


@contextmanager
def _writable(path: Path) -> Iterator[int]:
    """The file, for which a boot partition that is mounted read-only is made writable meanwhile."""
    remounted = False
    try:
        fd = os.open(path, os.O_RDWR)
    except OSError as error:
        if error.errno != errno.EROFS:
            raise
        _remount(path.parent, "rw")
        remounted = True
        fd = os.open(path, os.O_RDWR)
    try:
        yield fd
    finally:
        os.close(fd)
        if remounted:
            _remount(path.parent, "ro")


def _remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=False)  # noqa: S603, S607
