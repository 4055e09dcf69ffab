"""C2SP tlog-tiles: the tree's hashes in tiles of 256, its entries in bundles of 256."""

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from protocol.errors import ProtocolError
from protocol.merkle import (
    HASH_BYTES,
    consistency_proof,
    inclusion_proof,
    root_of,
    subtree_hash,
)

WIDTH: Final = 256
HEIGHT: Final = 8  # 2**8 = WIDTH: a tile's hashes stand on tree level 8 * its own
MAX_LEVEL: Final = 63
_PATH: Final = re.compile(
    r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([0-9]{1,3}))?"
)


class BadTile(ProtocolError):
    """A path that names no tile, or bytes that are no tile of that width."""


class Tile(NamedTuple):
    """Tile `number` of a level, as wide as it is at some size of the tree: 1 to 256 hashes.

    level -1 is the bundle of the entries themselves.
    """

    level: int
    number: int
    width: int = WIDTH


ENTRIES: Final = -1


def tile_path(tile: Tile) -> str:
    """`tile/<level>/<number>[.p/<width>]`, the number in groups of three digits."""
    level, number, width = tile
    digits = f"{number:03d}"
    digits = digits.zfill(-len(digits) // 3 * -3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    part = "" if width == WIDTH else f".p/{width}"
    return f"tile/{'entries' if level == ENTRIES else level}/{name}{part}"


def parse_tile_path(path: str) -> Tile:
    """The tile that a path names; BadTile if it names none, or is not the one way to write it."""
    found = _PATH.fullmatch(path) if len(path) <= 100 else None
    if found:
        level = ENTRIES if found[1] == "entries" else int(found[1])
        number = int(found[2].replace("x", "").replace("/", ""))
        tile = Tile(level, number, int(found[3]) if found[3] else WIDTH)
        if level <= MAX_LEVEL and tile.width >= 1 and tile_path(tile) == path:
            return tile
    raise BadTile("This is no path of a tile.")


def tiles_of(size: int) -> Iterator[Tile]:
    """Every hash tile of a tree of `size` entries, partial ones at its right edge."""
    level = 0
    while size:
        for number in range(size // WIDTH):
            yield Tile(level, number)
        if size % WIDTH:
            yield Tile(level, size // WIDTH, size % WIDTH)
        size, level = size // WIDTH, level + 1


def bundles_of(size: int) -> Iterator[Tile]:
    """Every bundle of entries of a tree of `size` entries."""
    for number in range(-(-size // WIDTH)):
        yield Tile(ENTRIES, number, min(WIDTH, size - number * WIDTH))


def width_at(level: int, number: int, size: int) -> int:
    """How wide a hash tile is in a tree of `size` entries; 0: it is not there."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - number * WIDTH))


def pack_entries(entries: Iterable[bytes]) -> bytes:
    """A bundle: each entry behind its length in two bytes, big-endian."""
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def unpack_entries(bundle: bytes, width: int) -> list[bytes]:
    """The `width` entries of a bundle; BadTile if there are more or fewer."""
    entries, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2])
        if end > len(bundle):
            raise BadTile("The bundle ends in the middle of an entry; fetch it again.")
        entries.append(bundle[at + 2 : end])
        at = end
    if len(entries) != width:
        raise BadTile(f"The bundle holds {len(entries)} entries instead of {width}.")
    return entries


def unpack_hashes(tile: bytes) -> list[bytes]:
    """The hashes of a tile's bytes."""
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


class TiledTree:
    """A tree of `size` entries read from its tiles: root and proofs.

    `fetch(tile)` gives the bytes of a tile, of the very width asked for. Tiles are kept: make a
    new TiledTree rather than one for ever. Raises BadTile for bytes of another length.
    """

    def __init__(self, size: int, fetch: Callable[[Tile], bytes]) -> None:
        self.size = size
        self._fetch = fetch
        self._tiles: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, number: int) -> bytes:
        """The hash of a complete subtree, see merkle.Node."""
        tile_level, row = divmod(level, HEIGHT)
        first = number << row
        held = self._tile(tile_level, first // WIDTH)
        at = first % WIDTH * HASH_BYTES
        hashes = held[at : at + (HASH_BYTES << row)]
        if len(hashes) != HASH_BYTES << row:
            raise ValueError(f"Node {number} of level {level} is not complete in {self.size}.")
        return hashes if row == 0 else root_of(unpack_hashes(hashes))

    def root(self, size: int | None = None) -> bytes:
        """The root of the first `size` entries, of all without it."""
        return subtree_hash(0, self.size if size is None else size, self.node)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The audit path of an entry in the tree of `size`, of all entries without it."""
        return inclusion_proof(index, self.size if size is None else size, self.node)

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """That the tree of `size` entries, of all without it, extends that of `old`."""
        return consistency_proof(old, self.size if size is None else size, self.node)

    def _tile(self, level: int, number: int) -> bytes:
        held = self._tiles.get((level, number))
        if held is None:
            width = width_at(level, number, self.size)
            if not width:
                raise ValueError(f"A tree of {self.size} has no tile {level}/{number}.")
            held = self._tiles[level, number] = self._fetch(Tile(level, number, width))
            if len(held) != width * HASH_BYTES:
                raise BadTile(
                    f"{tile_path(Tile(level, number, width))} has {len(held)} bytes instead of "
                    f"{width * HASH_BYTES}."
                )
        return held


class Edge:
    """The right edge of a growing tree: the last, partial tile of each level.

    `tiles` holds at most 255 hashes a level; a tile that is full is handed out by `append` and its
    root goes up a level.
    """

    def __init__(self, size: int, tiles: Sequence[bytes]) -> None:
        self.size = size
        self.tiles = [unpack_hashes(tile) for tile in tiles]
        widths = [len(hashes) for hashes in self.tiles]
        if widths != edge_widths(size):
            raise BadTile(f"These are not the partial tiles of a tree of {size} entries.")

    def append(self, leaves: Iterable[bytes]) -> list[tuple[Tile, bytes]]:
        """Take in leaf hashes; the tiles that became full, with their bytes."""
        full: list[tuple[Tile, bytes]] = []
        new, at = list(leaves), 0
        while at < len(new):
            # As many as the last tile has room for: one call for each costs as much as hashing.
            room = WIDTH - len(self.tiles[0]) if self.tiles else WIDTH
            some = new[at : at + room]
            self._extend(0, some, full)
            at += room
        return full

    def partial(self) -> list[tuple[Tile, bytes]]:
        """The tiles that are not full, with their bytes; without those that hold nothing."""
        return [
            (Tile(level, self.size >> (HEIGHT * (level + 1)), len(hashes)), b"".join(hashes))
            for level, hashes in enumerate(self.tiles)
            if hashes
        ]

    def root(self) -> bytes:
        """The root of all entries."""
        hash: bytes | None = None
        for hashes in self.tiles:
            row = hashes if hash is None else [*hashes, hash]
            # What is below stands to the right of whole tiles: it is the last, smaller subtree.
            hash = root_of(row) if row else None
        return root_of([]) if hash is None else hash

    def _extend(self, level: int, some: Sequence[bytes], full: list[tuple[Tile, bytes]]) -> None:
        """Hashes behind a level's last tile, no more than it has room for."""
        if level == len(self.tiles):
            self.tiles.append([])
        hashes = self.tiles[level]
        hashes += some
        if level == 0:
            self.size += len(some)
        if len(hashes) == WIDTH:
            number = (self.size >> (HEIGHT * (level + 1))) - 1
            full.append((Tile(level, number), b"".join(hashes)))
            self.tiles[level] = []
            self._extend(level + 1, [root_of(hashes)], full)


def edge_widths(size: int) -> list[int]:
    """How many hashes the partial tile of each level holds in a tree of `size` entries."""
    widths = []
    while size:
        widths.append(size % WIDTH)
        size //= WIDTH
    return widths
