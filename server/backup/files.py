"""Writing a file that is whole or not there, and that only its owner may read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from server.folder import SetupError


@contextmanager
def written_beside(path: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """A file that takes its name `path` once all of it is on the disk; SetupError if it cannot.

    What stands there already stays until then, and stays for ever without `force`.
    """
    if path.exists() and not force:
        raise SetupError(f"{path} exists already; choose another name, or say --force.")
    part = path.with_name(path.name + ".part")
    try:
        with open(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            os.fchmod(file.fileno(), 0o600)  # one left by a crash may be anybody's
            yield file
            file.flush()
            os.fsync(file.fileno())
        # A crash before this line leaves a .part, which the next try overwrites.
        os.replace(part, path)
        sync_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SetupError(f"Cannot write {path}: {error.strerror}.") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Names in `folder` survive a power cut from here on."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
