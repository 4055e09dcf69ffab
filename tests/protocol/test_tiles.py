"""C2SP tlog-tiles: paths and widths as published, and a tree that grows tile by tile."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.checkpoint import read_checkpoint
from protocol.merkle import leaf_hash, root_of, verify_consistency, verify_inclusion
from protocol.tiles import (
    ENTRIES,
    BadTile,
    Edge,
    Tile,
    TiledTree,
    bundles_of,
    edge_widths,
    pack_entries,
    parse_tile_path,
    tile_path,
    tiles_of,
    unpack_entries,
)
from tests.protocol.vectors import raw, vectors

MIRROR = vectors("sunlight_mirror_tiles")
LEAVES = [leaf_hash(str(i).encode()) for i in range(70_000)]


def grown(size: int, *, step: int = 999) -> tuple[dict[Tile, bytes], Edge]:
    """The tiles of a tree that took in its leaves some at a time, begun anew each time."""
    tiles: dict[Tile, bytes] = {}
    edge = Edge(0, [])
    for at in range(0, size, step):
        held = [b"".join(hashes) for hashes in edge.tiles]
        edge = Edge(edge.size, held)  # as a process that was killed and started again
        tiles |= dict(edge.append(LEAVES[at : min(at + step, size)]))
    return tiles | dict(edge.partial()), edge


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1), "tile/0/001"),
        (Tile(0, 1, 5), "tile/0/001.p/5"),
        (Tile(5, 123456078), "tile/5/x123/x456/078"),
        (Tile(5, 123456078, 2), "tile/5/x123/x456/078.p/2"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(ENTRIES, 3057500), "tile/entries/x003/x057/500"),
        (Tile(1, 0, 1), "tile/1/000.p/1"),
    ],
)
def test_a_tile_has_one_path(tile: Tile, path: str) -> None:
    assert tile_path(tile) == path
    assert parse_tile_path(path) == tile


def test_the_examples_of_the_specification_are_met() -> None:
    index = vectors("sumdb_tlog")["c2sp_tiles_examples"]["index_1234067"]
    assert tile_path(Tile(0, 1234067)) == f"tile/0/{index}"
    assert edge_widths(70_000) == [112, 17, 1]
    assert edge_widths(256) == [0, 1]


@pytest.mark.parametrize(
    "path",
    [
        "tile/5/123/456/078", "tile/-1/123", "tile/0/1", "tile/0/x000/001", "tile/00/001",
        "tile/64/000", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/05", "tile/data/001",
        "tile/0/001/", "/tile/0/001", "tile/0/x00a/001", "", "tile/0/" + "x001/" * 40 + "001",
    ],
)  # fmt: skip
def test_another_path_names_no_tile(path: str) -> None:
    with pytest.raises(BadTile):
        parse_tile_path(path)


def test_the_mirrors_tiles_give_the_mirrors_root() -> None:
    checkpoint = read_checkpoint(MIRROR["mirror_checkpoint"].encode())
    tiles = {parse_tile_path(path): raw(text) for path, text in MIRROR["tiles"].items()}
    assert list(tiles_of(300)) == list(tiles)
    tree = TiledTree(300, tiles.__getitem__)
    assert tree.root() == checkpoint.root
    # It is a split view: the witness was shown another root for the same size.
    assert read_checkpoint(MIRROR["witness_checkpoint"].encode()).root != tree.root()


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 513, 65_535, 65_536, 65_537, 70_000])
def test_a_tree_grows_to_the_tiles_and_the_root_that_it_must_have(size: int) -> None:
    tiles, edge = grown(size)
    assert set(tiles) == set(tiles_of(size))
    assert edge.root() == root_of(LEAVES[:size]) == TiledTree(size, tiles.__getitem__).root()
    for tile, held in tiles.items():
        if tile.level == 0:
            assert held == b"".join(LEAVES[tile.number * 256 :][: tile.width])


TILES = grown(70_000)[0]


def fetch_at(size: int) -> Any:
    """As a log serves them at that size: a partial tile is the beginning of the full one."""

    def fetch(tile: Tile) -> bytes:
        whole = next(held for t, held in TILES.items() if t[:2] == tile[:2])
        return whole[: 32 * tile.width]

    return fetch


@given(st.data())
def test_proofs_from_tiles_prove(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70_000))
    tree = TiledTree(size, fetch_at(size))
    root = root_of(LEAVES[:size])
    index = data.draw(st.integers(0, size - 1))
    verify_inclusion(
        index=index, size=size, leaf=LEAVES[index], proof=tree.inclusion(index), root=root
    )
    old = data.draw(st.integers(1, size))
    verify_consistency(
        old=old, new=size, old_root=root_of(LEAVES[:old]), new_root=root,
        proof=tree.consistency(old),
    )  # fmt: skip


def test_proofs_for_an_earlier_size_come_from_later_tiles_too() -> None:
    tree = TiledTree(70_000, fetch_at(70_000))
    verify_inclusion(
        index=300, size=1_000, leaf=LEAVES[300], proof=tree.inclusion(300, 1_000),
        root=root_of(LEAVES[:1_000]),
    )  # fmt: skip
    assert tree.root(1_000) == root_of(LEAVES[:1_000])


@pytest.mark.parametrize("held", [b"", b"x" * 31, b"x" * 33, b"x" * 64])
def test_a_tile_of_another_length_is_refused(held: bytes) -> None:
    with pytest.raises(BadTile):
        TiledTree(1, lambda _: held).root()


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    assert unpack_entries(pack_entries(entries), len(entries)) == entries


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 4, 5])
def test_a_bundle_that_is_cut_short_is_refused(cut: int) -> None:
    bundle = pack_entries([b"one", b"two"])
    with pytest.raises(BadTile):
        unpack_entries(bundle[:-5] + bundle[-5 : len(bundle) - 5 + cut][:cut][:4], 2)


def test_bundles_cover_the_entries() -> None:
    assert list(bundles_of(0)) == []
    assert list(bundles_of(256)) == [Tile(ENTRIES, 0)]
    assert list(bundles_of(300)) == [Tile(ENTRIES, 0), Tile(ENTRIES, 1, 44)]


def test_an_edge_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(BadTile):
        Edge(3, [hashlib.sha256(b"").digest() * 2])
