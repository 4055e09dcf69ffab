"""Real servers and kiosks for the journeys, each in a folder of its own."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.finger import HEIGHT, WIDTH
from tests.journeys.river import Kiosk, Server


@pytest.fixture
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """SQLite in the folder, or a PostgreSQL database of our own (--database postgres)."""
    if request.config.getoption("--database") == "sqlite":
        yield {"HAILONG_DATABASE_URL": ""}
        return
    from tests.server.postgres import fresh_database

    with fresh_database(tmp_path / "postgres") as url:
        yield {"HAILONG_DATABASE_URL": url}


@pytest.fixture
def server(tmp_path: Path, environment: dict[str, str]) -> Iterator[Server]:
    """A server that runs; what a test starts it with is stopped afterwards."""
    made = Server(tmp_path / "server", environment)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def kiosk(tmp_path: Path, server: Server) -> Iterator[Kiosk]:
    """A kiosk at counter 99001-1 on which every press is a vote, not yet started."""
    made = Kiosk(tmp_path / "kiosk", server)
    made.settings(undo_s=0)
    yield made
    if made.process and made.process.poll() is None:
        made.kill()
    made.close()


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where journeys keep what people shall look at."""
    folder = Path(__file__).parents[2] / "artefacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def display() -> Iterator[str]:
    """An X server of our own; its display's name."""
    read, write = os.pipe()
    screen = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"]
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), *screen],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as told:
        name = f":{told.readline().strip()}"
    yield name
    process.terminate()
    process.wait(20)
