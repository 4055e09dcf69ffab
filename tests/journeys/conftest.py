"""Real servers and kiosks for the journeys, each in a folder of its own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.finger import HEIGHT, WIDTH
from tests.journeys.river import Kiosk, Sample, Server


@contextmanager
def database(request: pytest.FixtureRequest, like: str = "") -> Iterator[str]:
    """ "" for SQLite in the folder, or the URL of a PostgreSQL database (--database postgres)."""
    if request.config.getoption("--database") == "sqlite":
        yield ""
        return
    from tests.server.postgres import made_database

    with made_database(request.getfixturevalue("postgres"), like=like) as url:
        yield url


@pytest.fixture(scope="session")
def sample(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sample]:
    """What `init --sample` makes, made once: the servers of the journeys begin as copies of it."""
    with database(request) as url:
        yield Sample(tmp_path_factory.mktemp("sample") / "server", {"HAILONG_DATABASE_URL": url})


@pytest.fixture
def environment(request: pytest.FixtureRequest, sample: Sample) -> Iterator[dict[str, str]]:
    """For Server(…, sample): SQLite in its folder, or a PostgreSQL database that holds the sample
    already."""
    with database(request, like=sample.environment["HAILONG_DATABASE_URL"]) as url:
        yield {"HAILONG_DATABASE_URL": url}


@pytest.fixture
def server(tmp_path: Path, environment: dict[str, str], sample: Sample) -> Iterator[Server]:
    """A server that runs; what a test starts it with is stopped afterwards."""
    made = Server(tmp_path / "server", environment, sample)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def enroller(
    tmp_path_factory: pytest.TempPathFactory, sample: Sample, request: pytest.FixtureRequest
) -> Iterator[Server]:
    """A server for a whole file of tests that look at kiosks alone: it enrols them."""
    with database(request, like=sample.environment["HAILONG_DATABASE_URL"]) as url:
        folder = tmp_path_factory.mktemp("enroller") / "server"
        made = Server(folder, {"HAILONG_DATABASE_URL": url}, sample)
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
    process.wait(60)
