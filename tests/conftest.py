"""For the whole suite: which database the server's tests run on; Kivy quiet, whoever imports it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from kiosk.screens.kivy_setup import ENVIRONMENT

os.environ.update(ENVIRONMENT)  # else it writes a log into the home and sets up all logging

# Hundreds of our programs are started here. Where Python is told to keep no bytecode, each of them
# would compile all of its source anew: a third of its start. It is kept out of the tree then.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    kept = Path(__file__).parents[1] / ".pytest_cache" / "bytecode"
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(kept))

# A slow machine is no failure; what is drawn is the same each time, so that a red run can be run
# again. New draws are for `python -m bench.fuzz` and for whoever changes a test.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgres"],
        default="sqlite",
        help="the database of tests/server and tests/journeys; postgres starts a real one, "
        "or uses HAILONG_TEST_DATABASE_URL",
    )


# Files that take half a minute and more, the longest first: begun last, one of them would leave the
# other processes without work. (`--no-loadscope-reorder`: xdist would begin with the most tests.)
LONGEST = (
    "journeys/test_chaos.py", "journeys/test_demo.py", "powercut/test_powercut.py",
    "journeys/test_accidents.py", "kiosk/screens/test_layouts.py", "journeys/test_press_to_page.py",
    "journeys/test_citizen.py", "kiosk/test_copies.py", "kiosk/test_clock_steps.py",
    "server/console/test_backup.py", "journeys/test_drill.py", "journeys/test_proof.py",
    "journeys/test_touch.py", "server/analytics/test_blocks.py", "journeys/test_fleet.py",
    "journeys/test_care.py", "journeys/test_audit.py", "server/web/test_in_a_browser.py",
    "server/votes/test_chunks.py", "server/ingest/test_line_door_fuzz.py",
)  # fmt: skip


def _place(item: pytest.Item) -> int:
    name = item.path.relative_to(Path(__file__).parent).as_posix()
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first. Screens and windows are the same over every database: one run shows
    them."""
    items.sort(key=_place)
    if config.getoption("--database") != "postgres":
        return
    once = [item for item in items if item.get_closest_marker("one_database")]
    config.hook.pytest_deselected(items=once)
    items[:] = [item for item in items if item not in set(once)]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL, one for each of pytest's processes."""
    from tests.server.postgres import running

    with running(tmp_path_factory.mktemp("postgres")) as url:
        yield url
