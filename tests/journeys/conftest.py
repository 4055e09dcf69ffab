"""Real servers and kiosks for the journeys, each in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where journeys keep what people shall look at."""
    folder = Path(__file__).parents[2] / "artefacts"
    folder.mkdir(exist_ok=True)
    return folder
