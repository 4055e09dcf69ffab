"""Our logs, read by Go's golang.org/x/mod/sumdb and by tlog-scales: the same, hash by hash."""

from pathlib import Path

import pytest

from tests.peers import ours, scales_peer
from tests.peers.go_peer import Go
from tests.peers.made import LAST, SIZES, VKEY, entry, interesting, write_log


@pytest.fixture(params=SIZES, ids=lambda size: f"{size:,} entries")
def size(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def log(size: int, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    if size == LAST:
        return Path(request.getfixturevalue("large"))
    write_log(tmp_path, [entry(index) for index in range(size)])
    return tmp_path


def test_go_finds_the_same_root_entries_and_proofs(go: Go, log: Path, size: int) -> None:
    asked = interesting(size)
    seen = go.read(log, VKEY, asked)
    assert seen.size == size and seen.inclusion.keys() == set(asked.included)
    assert seen == ours.read(log, VKEY, asked)


def test_tlog_scales_finds_the_same_root_entries_and_proofs(log: Path, size: int) -> None:
    asked = interesting(size)
    seen = scales_peer.read(log, VKEY, asked)
    assert seen.size == size and seen.consistency.keys() == set(asked.consistent)
    assert seen == ours.read(log, VKEY, asked)
