"""A log as files: the folder of `log-export` or of a sealed export, its tiles and its entries."""

import errno
import os
import stat
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from auditor.errors import Unable
from protocol.tiles import ENTRIES, WIDTH, BadTile, Tile, tile_path, unpack_entries, width_at

MANIFEST = "manifest.json"
MAX_NOTES_BYTES = 4_000_000
MAX_BUNDLE_BYTES = WIDTH * (2 + 65_535)


class Missing(BadTile):
    """A file of the log that is not there; str() of a tile is its path in the log."""


class Place(NamedTuple):
    """`log` holds checkpoint and tile/; `sealed`: the export's folder, None for a whole log."""

    log: Path
    sealed: Path | None

    @property
    def listed(self) -> Path:
        """The entries of a sealed export."""
        return self.log / "entries.txt"

    def note(self, name: str) -> bytes | None:
        """The bytes of `checkpoint`, `cosigned` or `rotations`; None if there is none."""
        try:
            return read(self.log / name, MAX_NOTES_BYTES)
        except Missing:
            return None

    def tile(self, tile: Tile) -> bytes:
        """The bytes of a tile or bundle; Missing (a BadTile) names its path.

        A partial tile may stand there in a wider form: its beginning is the same.
        """
        limit = WIDTH * 32 if tile.level != ENTRIES else MAX_BUNDLE_BYTES
        path = tile_path(tile)
        try:
            return read(self.log / path, limit)
        except Missing:
            raise Missing(path) from None

    def has_entries(self) -> bool:
        """Whether entries can be read here at all."""
        if self.sealed:
            return self.listed.is_file()
        return (self.log / "tile" / "entries").is_dir()

    def bundle(self, number: int, size: int) -> list[bytes]:
        """The entries of bundle `number` in a log of `size`; BadTile names what is wrong."""
        width = width_at(0, number, size)
        return _unpack(self.tile(Tile(ENTRIES, number, width)), width)


def open_folder(folder: Path) -> Place:
    """What a folder holds; Unable if it is no log."""
    if (folder / MANIFEST).is_file():
        return Place(folder / "log", folder)
    for log in (folder, folder / "log"):
        if (log / "checkpoint").is_file():
            return Place(log, None)
    raise Unable("no_log", where=str(folder))


def open_file(path: Path) -> FileIO:
    """A regular file, unbuffered; OSError for a pipe or device, which might never end."""
    file = open(path, "rb", buffering=0, opener=_open)  # noqa: SIM115 - the caller closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "is no file")
    return file


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe makes nobody wait


def read(path: Path, limit: int) -> bytes:
    """A file of at most `limit` bytes; Missing if it is not there, BadTile if it is larger."""
    try:
        with open_file(path) as file:
            length = os.fstat(file.fileno()).st_size
            found = file.read(length) if length <= limit else b""
    except OSError as error:
        raise Missing(f"{path}: {os.strerror(error.errno or 0)}") from None
    if length > limit:
        raise BadTile(f"{path} is larger than {limit:,} bytes.")
    return found


def _unpack(bundle: bytes, width: int) -> list[bytes]:
    """As tiles.unpack_entries, which names what is wrong, but quicker where nothing is."""
    entries, at, end = [], 0, len(bundle)
    while at + 1 < end:
        low = at + 2
        at = low + (bundle[at] << 8 | bundle[at + 1])
        entries.append(bundle[low:at])
    return entries if at == end and len(entries) == width else unpack_entries(bundle, width)


def offsets_of(file_path: Path, parts: int) -> Iterator[tuple[int, int]]:
    """Byte ranges of about equal length in the entries of a sealed export, cut between lines."""
    end = file_path.stat().st_size
    step = max(1 << 20, -(-end // max(1, parts)))
    with file_path.open("rb") as file:
        low = 0
        while low < end:
            file.seek(min(end, low + step))
            file.readline()
            high = file.tell()
            yield low, high
            low = high
