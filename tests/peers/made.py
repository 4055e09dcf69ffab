"""Logs as static files in C2SP layout, written with protocol/ alone, and what a reader sees."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.checkpoint import Checkpoint, sign_checkpoint
from protocol.keys import public_bytes
from protocol.merkle import leaf_hash
from protocol.note import vkey
from protocol.tiles import WIDTH, Edge, TiledTree, bundles_of, pack_entries, tile_path

KEY = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
ORIGIN = "dvc.example/log"
VKEY = vkey(ORIGIN, public_bytes(KEY.public_key()))
SIZES = [0, 1, 2, 255, 256, 257, 1_000, 70_000]
LAST = 70_000


class Asked(NamedTuple):
    """Which inclusion proofs, and consistency proofs from which sizes, a reader is to show."""

    included: Sequence[int] = ()
    consistent: Sequence[int] = ()


NOTHING = Asked()


class Seen(NamedTuple):
    """What a reader found in a log that holds. entries: SHA-256 of all leaf hashes, in hex."""

    size: int
    root: bytes
    entries: str
    inclusion: dict[int, list[bytes]]
    roots: dict[int, bytes]
    consistency: dict[int, list[bytes]]


class Refused(Exception):
    """The log does not hold, as this reader sees it."""


def entry(index: int) -> bytes:
    """Entries of many lengths, none and the longest that a bundle can hold among them."""
    if index in (3, 300):
        return b"\xff" * 65_535 if index == 3 else b""
    return f'{{"v":1,"seq":{index}}}'.encode() * (1 + index % 3)


def write_log(folder: Path, entries: Sequence[bytes], key: Ed25519PrivateKey = KEY) -> Checkpoint:
    """checkpoint, hash tiles and bundles of these entries, signed by `key`."""
    edge = Edge(0, [])
    tiles = dict(edge.append([leaf_hash(entry) for entry in entries])) | dict(edge.partial())
    for tile, hashes in tiles.items():
        put(folder / tile_path(tile), hashes)
    for bundle in bundles_of(len(entries)):
        at = bundle.number * WIDTH
        put(folder / tile_path(bundle), pack_entries(entries[at : at + bundle.width]))
    root = TiledTree(len(entries), tiles.__getitem__).root()
    checkpoint = Checkpoint(ORIGIN, len(entries), root)
    put(folder / "checkpoint", sign_checkpoint(checkpoint, [key]))
    return checkpoint


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def digest(leaves: Sequence[bytes]) -> str:
    return hashlib.sha256(b"".join(leaves)).hexdigest()


def interesting(size: int) -> Asked:
    """Entries and sizes at the edges of the tree and of its tiles, and a few others."""
    near = {0, 1, 2, 3, 254, 255, 256, 257, 511, 512, size // 2, size // 3, size - 2, size - 1}
    near |= {size & -size, 1 << max(0, size.bit_length() - 1), 65_535, 65_536, 65_792}
    return Asked(sorted(n for n in near if 0 <= n < size), sorted(n for n in near if 0 < n <= size))
