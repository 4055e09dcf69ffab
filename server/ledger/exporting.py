"""The log as static files in C2SP tlog-tiles layout: what a web server or an auditor reads."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from protocol.checkpoint import read_checkpoint
from protocol.note import BadNote
from protocol.tiles import (
    WIDTH,
    Tile,
    bundles_of,
    pack_entries,
    tile_path,
    tiles_of,
)
from server.folder import SetupError, write_durably
from server.ledger.cosigning import NOTHING_SIGNED
from server.ledger.keys import all_rotations, read_log
from server.ledger.models import SignedCheckpoint
from server.ledger.signing import check_fits, cosigned_checkpoint, newest_checkpoint
from server.ledger.tree import HASH_BYTES, fetch_tile, open_tree, read_entries

MODE = 0o600  # entries are votes of named officials


def newest_to_export(folder: Path, *, now_ms: int) -> SignedCheckpoint:
    """The checkpoint that an export into `folder` ends at.

    SetupError if there is none, or another log stands there; Refused if what was exported there
    before is not how this log begins.
    """
    origin = read_log(now_ms=now_ms).origin
    newest = newest_checkpoint(origin)
    if newest is None:
        raise SetupError(NOTHING_SIGNED)
    path = folder / "checkpoint"
    try:
        before = path.read_bytes()
        held = read_checkpoint(before)
    except FileNotFoundError:
        if folder.is_dir() and any(folder.iterdir()) and not (folder / "tile").is_dir():
            raise SetupError(f"{folder} holds other files; choose an empty folder.") from None
        return newest
    except (OSError, BadNote) as error:
        raise SetupError(f"{path} is no checkpoint ({error}); choose an empty folder.") from error
    if held.origin != origin:
        raise SetupError(f"{folder} holds the log {held.origin}; choose an empty folder.")
    check_fits(before, open_tree(newest.size), f"stands in {folder}")
    return newest


def lacks_entries(folder: Path, size: int) -> bool:
    """Whether an export of that size will write entries, in which votes stand."""
    return any(_is_lacking(folder, tile) for tile in bundles_of(size))


def export_log(folder: Path, newest: SignedCheckpoint) -> int:
    """Write what is not there yet, the checkpoint last; how many files.

    A power cut before that leaves the log that stood there, with some tiles more.
    """
    try:
        written = _put_tiles(folder, newest.size)
        for name, content in _notes(newest):
            write_durably(folder / name, content, MODE)
            written += 1
        _sweep(folder, newest.size)
    except OSError as error:
        raise SetupError(f"Cannot write to {folder}: {error.strerror}.") from error
    return written


def _notes(newest: SignedCheckpoint) -> Iterator[tuple[str, bytes]]:
    if rotations := all_rotations():
        yield "rotations", b"".join(note + b"\n" for note in rotations)
    cosigned = cosigned_checkpoint(newest.origin)
    if cosigned is not None and cosigned.size <= newest.size:
        yield "cosigned", bytes(cosigned.note)
    yield "checkpoint", bytes(newest.note)


def _put_tiles(folder: Path, size: int) -> int:
    written, changed = 0, {folder}
    folder.mkdir(parents=True, exist_ok=True)
    for tile, content in _contents(folder, size):
        path = folder / tile_path(tile)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        changed |= {above for above in path.parents if above.is_relative_to(folder)}
        written += 1
    _sync(changed)  # once a folder, not once a tile: the checkpoint comes after all of them
    return written


def _contents(folder: Path, size: int) -> Iterator[tuple[Tile, bytes]]:
    for tile in tiles_of(size):
        if _is_lacking(folder, tile):
            yield tile, fetch_tile(tile)
    for tile in bundles_of(size):
        if _is_lacking(folder, tile):
            low = tile.number * WIDTH
            yield tile, pack_entries(read_entries(low, low + tile.width))


def _is_lacking(folder: Path, tile: Tile) -> bool:
    """A file stands under its name only when all of it is on the disk, and never changes."""
    try:
        held = (folder / tile_path(tile)).stat().st_size
    except OSError:
        return True
    return tile.level >= 0 and held != tile.width * HASH_BYTES


def _sync(folders: Iterable[Path]) -> None:
    for folder in folders:
        directory = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _sweep(folder: Path, size: int) -> None:
    """Partial tiles of smaller sizes, and parts that a power cut left."""
    partial = {tile_path(t) for t in (*tiles_of(size), *bundles_of(size)) if t.width < WIDTH}
    for path in sorted((folder / "tile").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and (name.endswith(".part") or (".p/" in name and name not in partial)):
            path.unlink()
    for path in sorted((folder / "tile").rglob("*.p")):
        if not any(path.iterdir()):
            path.rmdir()
