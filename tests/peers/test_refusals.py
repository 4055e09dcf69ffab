"""What protocol/ refuses, Go's x/mod and tlog-scales refuse too, attack by attack."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from protocol.merkle import leaf_hash
from protocol.tiles import pack_entries, unpack_entries
from tests.peers import ours, scales_peer
from tests.peers.go_peer import Go
from tests.peers.made import KEY, NOTHING, ORIGIN, VKEY, Asked, Refused, Seen, entry, put, write_log

SIZE = 600
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes([8]) * 32)
Reader = Callable[[Path, str, Asked], Seen]


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("honest")
    write_log(folder, [entry(index) for index in range(SIZE)])
    return folder


@pytest.fixture(params=["protocol", "go", "tlog-scales"])
def reader(request: pytest.FixtureRequest) -> Reader:
    if request.param == "go":
        peer: Go = request.getfixturevalue("go")
        return peer.read
    return ours.read if request.param == "protocol" else scales_peer.read


def change(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-32])


def swap(one: Path, other: Path) -> None:
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def rewrite_entry(log: Path) -> None:
    """A vote is changed and its leaf hash with it; the tiles above and the checkpoint stand."""
    bundle, tile = log / "tile/entries/001", log / "tile/0/001"
    entries = unpack_entries(bundle.read_bytes(), 256)
    entries[10] = b'{"rating":5}'
    bundle.write_bytes(pack_entries(entries))
    hashes = bytearray(tile.read_bytes())
    hashes[320:352] = leaf_hash(entries[10])
    tile.write_bytes(hashes)


def resign(log: Path, key: Ed25519PrivateKey, *, origin: str = ORIGIN, size: int = SIZE) -> None:
    root = read_checkpoint((log / "checkpoint").read_bytes()).root
    put(log / "checkpoint", sign_checkpoint(Checkpoint(origin, size, root), [key]))


ATTACKS: dict[str, Callable[[Path], object]] = {
    "a byte of a full tile": lambda log: change(log / "tile/0/001", 4_000),
    "a byte of a partial tile": lambda log: change(log / "tile/0/002.p/88", 2_000),
    "a byte of a tile above": lambda log: change(log / "tile/1/000.p/2", 40),
    "a byte of an entry": lambda log: change(log / "tile/entries/001", 1_000),
    "a byte of the last entry": lambda log: change(log / "tile/entries/002.p/88", -2),
    "a byte of the root": lambda log: change(log / "checkpoint", len(ORIGIN) + 15),
    "a byte of the signature": lambda log: change(log / "checkpoint", -20),
    "a tile cut short": lambda log: cut(log / "tile/0/002.p/88"),
    "a bundle cut short": lambda log: cut(log / "tile/entries/002.p/88"),
    "a tile that is gone": lambda log: (log / "tile/1/000.p/2").unlink(),
    "a bundle that is gone": lambda log: (log / "tile/entries/000").unlink(),
    "two tiles swapped": lambda log: swap(log / "tile/0/000", log / "tile/0/001"),
    "two bundles swapped": lambda log: swap(log / "tile/entries/000", log / "tile/entries/001"),
    "an entry rewritten with its hash": rewrite_entry,
    "a stranger's signature": lambda log: resign(log, STRANGER),
    "another log's name": lambda log: resign(log, KEY, origin="other.example/log"),
    "one entry fewer under the same root": lambda log: resign(log, KEY, size=SIZE - 1),
    "one entry more under the same root": lambda log: resign(log, KEY, size=SIZE + 1),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_reader_refuses(attack: str, reader: Reader, honest: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    shutil.copytree(honest, log)
    ATTACKS[attack](log)
    with pytest.raises(Refused):
        reader(log, VKEY, NOTHING)


def test_every_reader_takes_the_log_that_nobody_touched(reader: Reader, honest: Path) -> None:
    assert reader(honest, VKEY, NOTHING).size == SIZE
