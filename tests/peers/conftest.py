"""The readers that others wrote, and one log that the tests of this room share."""

import shutil
from pathlib import Path

import pytest

from tests.peers.go_peer import PACKAGES, Go, build
from tests.peers.made import LAST, entry, write_log


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory) -> Go:
    found = shutil.which("go")
    if not found or not (PACKAGES / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip("Go is not installed here: apt install golang-go golang-golang-x-mod-dev")
    return Go(build(found, tmp_path_factory.mktemp("go")))


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of three levels of tiles."""
    folder = tmp_path_factory.mktemp("large")
    write_log(folder, [entry(index) for index in range(LAST)])
    return folder
