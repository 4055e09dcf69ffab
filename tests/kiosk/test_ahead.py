"""Days pass for a kiosk by a test clock, and only where nobody real could press."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.__main__ import main
from kiosk.ahead import VARIABLE
from protocol.journal import read_line

DAY_MS = 86_400_000


def set_ahead(file: Path, ms: int) -> None:
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps({"ahead_ms": ms}))
    beside.replace(file)


def test_both_clocks_of_a_run_jump_with_the_file(
    server: Any, enrolled: Path, start: Callable[..., Any], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    file = tmp_path / "ahead.json"
    set_ahead(file, 0)
    monkeypatch.setenv(VARIABLE, str(file))
    kiosk = start(enrolled)
    kiosk.wait_for("ready")
    kiosk.say("press 5")
    kiosk.wait_for("thanks")
    set_ahead(file, 3 * DAY_MS)
    kiosk.say("press 1")
    kiosk.wait_for("thanks", 2)
    kiosk.say("quit")
    assert kiosk.end() == 0
    first, second = (
        line for entry in server.lines if (line := read_line(entry.line)).type == "vote"
    )
    for apart in (second.mono_ms - first.mono_ms, second.wall_ms - first.wall_ms):
        assert 0 <= apart - 3 * DAY_MS < 60_000


@pytest.mark.parametrize("panel", ["touch", "keypad", "gpio"])
def test_a_unit_that_citizens_could_press_refuses_to_pretend(
    enrolled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], panel: str,
) -> None:  # fmt: skip
    file = tmp_path / "ahead.json"
    set_ahead(file, 0)
    monkeypatch.setenv(VARIABLE, str(file))
    assert main(["run", "--headless", "--panel", panel, "--data", str(enrolled)]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"{VARIABLE} is for a simulated panel; unset it, or use --panel stdin."
    )


@pytest.mark.parametrize("text", [None, "{}", "3", '{"ahead_ms": "3"}', '{"ahead_ms": true}'])
def test_a_test_clock_that_says_nothing_ends_the_start(
    enrolled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], text: str | None,
) -> None:  # fmt: skip
    file = tmp_path / "ahead.json"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv(VARIABLE, str(file))
    assert main(["run", "--headless", "--panel", "stdin", "--data", str(enrolled)]) == 2
    assert "cannot be read" in capsys.readouterr().err
