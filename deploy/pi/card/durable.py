"""Files that are there whole or not at all, whenever the power goes."""

import os
from pathlib import Path


def replace_file(path: Path, content: bytes, *, mode: int | None) -> None:
    """Writes `content` beside `path`, then takes its place. `mode` None leaves rights alone, for
    file systems that have none (FAT)."""
    beside = path.with_name(f".{path.name}.new")
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if mode is None else mode)
    with os.fdopen(fd, "wb") as file:
        if mode is not None:
            os.fchmod(fd, mode)
        file.write(content)
        file.flush()
        os.fsync(fd)
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes names in `folder` durable."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
