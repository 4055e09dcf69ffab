"""`hailong-server demo`, unattended: what was pressed is what was counted, from end to end."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.journeys.river import free_port, module

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


def demo(tmp_path: Path, *options: str, display: str | None = None) -> Any:
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "SDL_VIDEODRIVER")}
    if display:
        environment["DISPLAY"] = display
    command = module("server", "demo", "--port", str(free_port()), "--data", str(tmp_path / "demo"))
    return subprocess.run(
        [*command, *options],
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def report_of(tmp_path: Path, *options: str, display: str | None = None) -> dict[str, Any]:
    file = tmp_path / "report.json"
    done = demo(tmp_path, "--report", str(file), *options, display=display)
    assert done.returncode == 0, done.stderr[-3000:]
    report: dict[str, Any] = json.loads(file.read_text())
    assert list(report) == KEYS
    assert report["equal"] is True
    return report


def test_the_demo_counts_equal_and_a_second_run_goes_on_where_the_first_ended(
    tmp_path: Path,
) -> None:
    first = report_of(tmp_path, "--for", "12")
    assert first["votes_in_journals"] > 1
    assert first["attributed"] == first["votes_on_server"], "an official signs in at the start"
    assert first["history_votes"] > 3_000
    second = report_of(tmp_path, "--for", "6")
    assert second["history_votes"] == first["history_votes"] + first["votes_on_server"]


def test_the_demo_says_that_no_display_was_found(tmp_path: Path) -> None:
    done = demo(tmp_path, "--for", "1")
    assert "no display found" in done.stderr
    for account in ("supervisor", "supervisor2", "admin"):
        assert f"sign in   {account}" in done.stderr


def test_a_window_that_cannot_open_is_one_sentence(tmp_path: Path) -> None:
    done = demo(tmp_path, "--window", "--for", "1")
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
    assert not (tmp_path / "demo").exists()
