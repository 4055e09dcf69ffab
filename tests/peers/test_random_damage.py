"""Damage at random: what Go's x/mod, tlog-scales and protocol/ make of the same spoiled log."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.peers import ours, scales_peer
from tests.peers.go_peer import Go
from tests.peers.made import NOTHING, VKEY, Asked, Refused, Seen, write_log

Reader = Callable[[Path, str, Asked], Seen]

FILES = ["checkpoint", "tile/0/000", "tile/0/001.p/3", "tile/1/000.p/1",
         "tile/entries/000", "tile/entries/001.p/3"]  # fmt: skip
HURTS = st.tuples(
    st.sampled_from(["checkpoint", *FILES]),
    st.sampled_from(["change", "cut", "append", "insert", "swap", "remove"]),
    st.integers(0, 100_000),
    st.integers(1, 255),
)


def hurt(log: Path, name: str, how: str, at: int, value: int) -> None:
    path = log / name
    raw = bytearray(path.read_bytes()) if path.exists() else bytearray(b"\n")
    place = at % len(raw) if raw else 0
    if how == "change" and raw:
        raw[place] ^= value
    elif how == "cut":
        del raw[place:]
    elif how == "append":
        raw += raw[place:]
    elif how == "insert":
        raw.insert(place, value)
    elif how == "swap" and (log / FILES[at % len(FILES)]).exists():
        other = log / FILES[at % len(FILES)]
        raw, there = bytearray(other.read_bytes()), bytes(raw)
        other.write_bytes(there)
    path.write_bytes(raw)
    if how == "remove":
        path.unlink()


def verdict(reader: Reader, log: Path) -> Seen | None:
    try:
        return reader(log, VKEY, NOTHING)
    except Refused:
        return None


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    write_log(folder, [f"vote {index}".encode() for index in range(259)])
    return folder


@settings(max_examples=150, deadline=None)
@given(hurts=st.lists(HURTS, min_size=1, max_size=3))
def test_damage_at_random_finds_the_readers_of_one_mind(
    go: Go, small: Path, hurts: list[tuple[str, str, int, int]]
) -> None:
    """Never do they see another log than ours. Where only we refuse, the very same log was merely
    written in another way: both take loose base64, tlog-scales numbers and trailing bytes too."""
    untouched = ours.read(small, VKEY)
    with TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        shutil.copytree(small, log)
        for one in hurts:
            hurt(log, *one)
        mine = verdict(ours.read, log)
        assert mine in (None, untouched)
        for peer in (go.read, scales_peer.read):
            theirs = verdict(peer, log)
            assert theirs == mine or (mine is None and theirs == untouched)
        if not any("checkpoint" in (name, FILES[at % len(FILES)]) for name, _, at, _ in hurts):
            assert verdict(go.read, log) == mine
