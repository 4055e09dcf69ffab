"""The tree over what was read: every tile fits the one above, and together they have the root."""

import os
from collections.abc import Iterable

from auditor.place import Missing, Place
from auditor.report import MOST, Report
from protocol.checkpoint import Checkpoint
from protocol.merkle import HASH_BYTES, root_of
from protocol.tiles import WIDTH, BadTile, Tile, TiledTree, tile_path, tiles_of, unpack_hashes


def check_extent(place: Place, size: int, report: Report) -> bool:
    """Whether a log of `size` can be here at all: a size that somebody made up must not keep this
    machine busy for years with tiles that nobody has. A few missing ones are named one by one."""
    level, lenient = (1, 4) if place.sealed else (0, MOST)
    needed = -(-(size >> 8 * level) // WIDTH)
    here = sum(len(files) for _, _, files in os.walk(place.log / "tile" / str(level)))
    if needed - here <= lenient:
        return True
    report.against("tiles_few", size=size, needed=needed, here=here)
    return False


def check_tree(
    place: Place, checkpoint: Checkpoint, roots: Iterable[tuple[int, bytes]], report: Report
) -> TiledTree:
    """Compare each rebuilt tile root with its place one level up, and the whole with the root.

    roots: number and root of the tiles of level 0 that were rebuilt from entries.
    """
    tree = TiledTree(checkpoint.size, place.tile)
    below = dict(roots)
    level_below, rebuilt = 0, dict[int, bytes]()
    for tile in tiles_of(checkpoint.size):
        if tile.level == 0:
            continue
        if tile.level != level_below + 1:
            below, rebuilt, level_below = rebuilt, {}, tile.level - 1
        held = _held(place, tile, report)
        if held is None:
            continue
        hashes = unpack_hashes(held)
        for at, hash in enumerate(hashes):
            number = tile.number * 256 + at
            if below.get(number, hash) != hash:
                report.against(
                    "tile_above", tile=tile_path(tile), place=at,
                    below=tile_path(Tile(level_below, number)),
                )  # fmt: skip
        if tile.width == 256:
            rebuilt[tile.number] = root_of(hashes)
    _check_root(tree, checkpoint, report)
    return tree


def _held(place: Place, tile: Tile, report: Report) -> bytes | None:
    try:
        held = place.tile(tile)
    except BadTile as error:
        code = "tile_missing" if isinstance(error, Missing) else "tile_broken"
        report.against(code, tile=tile_path(tile), first=tile.number << 8 * (tile.level + 1))
        return None
    if len(held) != tile.width * HASH_BYTES:
        first = tile.number << 8 * (tile.level + 1)
        report.against("tile_broken", tile=tile_path(tile), first=first)
        return None
    return held


def _check_root(tree: TiledTree, checkpoint: Checkpoint, report: Report) -> None:
    try:
        root = tree.root()
    except BadTile as error:
        report.against("root_unread", why=str(error))
        return
    if root != checkpoint.root:
        report.against("root", size=checkpoint.size)
