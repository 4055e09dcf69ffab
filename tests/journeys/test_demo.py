"""`hailong-server demo`, unattended: what was pressed is what was counted, from end to end."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.journeys.river import free_port, module, until

pytestmark = pytest.mark.one_database  # a demo's folder holds its own SQLite file

KEYS = [
    "presses",
    "votes_in_journals",
    "revised",
    "suppressed",
    "lines_in_journals",
    "lines_acknowledged",
    "votes_on_server",
    "attributed",
    "unattributed",
    "tallied",
    "history_votes",
    "equal",
]


def demo(tmp_path: Path, *options: str) -> Any:
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "SDL_VIDEODRIVER")}
    command = module("server", "demo", "--port", str(free_port()), "--data", str(tmp_path / "demo"))
    return subprocess.run(
        [*command, *options],
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


class Run(NamedTuple):
    """A demo that ended by itself: its report and what it said."""

    report: dict[str, Any]
    told: str


def run(tmp_path: Path, *options: str) -> Run:
    file = tmp_path / "report.json"
    done = demo(tmp_path, "--report", str(file), *options)
    assert done.returncode == 0, done.stderr[-3000:]
    report: dict[str, Any] = json.loads(file.read_text())
    assert list(report) == KEYS
    assert report["equal"] is True
    return Run(report, done.stderr)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    """The first run of a demo, which made its month of history, and its folder."""
    folder = tmp_path_factory.mktemp("first")
    return run(folder, "--for", "14"), folder / "demo"


@pytest.fixture
def again(ended: tuple[Run, Path], tmp_path: Path) -> Path:
    """Where that demo goes on: in a copy of its folder."""
    shutil.copytree(ended[1], tmp_path / "demo")
    return tmp_path


def test_the_demo_counts_equal_and_a_second_run_goes_on_where_the_first_ended(
    ended: tuple[Run, Path], again: Path
) -> None:
    first = ended[0].report
    assert first["votes_in_journals"] > 1
    assert first["attributed"] == first["votes_on_server"], "an official signs in at the start"
    assert first["history_votes"] > 3_000
    second = run(again, "--for", "6").report
    assert second["history_votes"] == first["history_votes"] + first["votes_on_server"]


def test_the_demo_says_that_no_display_was_found(ended: tuple[Run, Path]) -> None:
    assert "no display found" in ended[0].told
    for account in ("supervisor", "supervisor2", "admin"):
        assert f"sign in   {account}" in ended[0].told


def test_a_window_that_cannot_open_is_one_sentence(tmp_path: Path) -> None:
    done = demo(tmp_path, "--window", "--for", "1")
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
    assert not (tmp_path / "demo").exists()


def processes_of(folder: Path) -> list[int]:
    """Every kiosk process that works in the demo's folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if b"kiosk" in words and any(str(folder).encode() in word for word in words):
                found.append(int(entry.name))
    return found


@contextlib.contextmanager
def running(tmp_path: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A demo in the background whose kiosks run; ended afterwards whatever happened."""
    command = module("server", "demo", "--port", str(free_port()), "--data", str(tmp_path / "demo"))
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([*command, *options], stdout=log, stderr=log)
    try:
        until("the kiosks run", lambda: processes_of(tmp_path / "demo" / "kiosks"))
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_kiosk_killed_in_the_demo_comes_back_and_the_count_is_still_equal(
    again: Path,
) -> None:
    demo, file, log = again / "demo", again / "report.json", again / "log"
    before = pressed(demo)
    with running(again, "--for", "15", "--report", str(file)) as process:
        until("it has pressed", lambda: pressed(demo) > before)
        os.kill(processes_of(demo / "kiosks")[0], signal.SIGKILL)
        assert process.wait(120) == 0, log.read_text()[-2000:]
    assert "it starts again" in log.read_text()
    assert json.loads(file.read_text())["equal"] is True


def test_a_demo_that_is_killed_leaves_nothing_running(again: Path) -> None:
    with running(again) as process:
        process.kill()
        until("the kiosks are gone", lambda: not processes_of(again / "demo" / "kiosks"))


def pressed(folder: Path) -> int:
    """How many votes are in the journals of the demo's kiosks."""
    found = 0
    for journal in folder.glob("kiosks/*/journal.sqlite3"):
        # A kiosk that has just begun to enrol has a file without tables.
        missing = contextlib.suppress(sqlite3.OperationalError)
        with missing, contextlib.closing(sqlite3.connect(journal)) as connection:
            (votes,) = connection.execute(
                "SELECT count(*) FROM line WHERE type = 'vote'"
            ).fetchone()
            found += votes
    return found
