"""A log as protocol/ reads it: every hash from the entries up, every tile compared, every proof."""

from pathlib import Path

from protocol.checkpoint import LogKey, open_checkpoint
from protocol.errors import ProtocolError
from protocol.merkle import leaf_hash, verify_consistency, verify_inclusion
from protocol.tiles import Edge, Tile, TiledTree, bundles_of, tile_path, unpack_entries
from tests.peers.made import NOTHING, Asked, Refused, Seen, digest


def read(folder: Path, vkey: str, asked: Asked = NOTHING) -> Seen:
    """Refused if anything does not hold."""
    try:
        return _read(folder, vkey, asked)
    except (ProtocolError, OSError) as error:
        raise Refused(str(error)) from None


def _read(folder: Path, vkey: str, asked: Asked) -> Seen:
    checkpoint = open_checkpoint((folder / "checkpoint").read_bytes(), [LogKey.parse(vkey)])
    size, root = checkpoint.size, checkpoint.root
    leaves: list[bytes] = []
    for bundle in bundles_of(size):
        raw = (folder / tile_path(bundle)).read_bytes()
        leaves += map(leaf_hash, unpack_entries(raw, bundle.width))
    edge = Edge(0, [])
    for tile, hashes in [*edge.append(leaves), *edge.partial()]:
        if (folder / tile_path(tile)).read_bytes() != hashes:
            raise Refused(f"{tile_path(tile)} is not what its entries give.")

    def fetch(tile: Tile) -> bytes:
        return (folder / tile_path(tile)).read_bytes()

    tree = TiledTree(size, fetch)
    if tree.root() != root:
        raise Refused("The tiles do not give the root.")
    seen = Seen(size, root, digest(leaves), {}, {}, {})
    for index in asked.included:
        proof = seen.inclusion[index] = tree.inclusion(index)
        verify_inclusion(index=index, size=size, leaf=leaves[index], proof=proof, root=root)
    for old in asked.consistent:
        before, proof = tree.root(old), tree.consistency(old)
        seen.roots[old], seen.consistency[old] = before, proof
        verify_consistency(old=old, new=size, old_root=before, new_root=root, proof=proof)
    return seen
