"""The test clock: days pass for a sample, never for a real server."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from server import clock
from server.folder import Folder, SetupError


def _run(folder: Path, file: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        env={
            **os.environ, "HAILONG_DATA": str(folder), "HAILONG_DATABASE_URL": "",
            "HAILONG_TEST_CLOCK": str(file),
        },
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_a_server_with_real_data_is_never_served_by_a_test_clock(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    file.write_text('{"ahead_ms": 0}')
    Folder(tmp_path / "real").make(name="that.example", sample=False)
    for command in ("run", "work", "votes"):
        done = _run(tmp_path / "real", file, command)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
        assert "HAILONG_TEST_CLOCK" in done.stderr


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"ahead_ms": "x"}'])
def test_a_test_clock_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    file = tmp_path / "clock.json"
    if content is not None:
        file.write_text(content)
    Folder(tmp_path).make(name=None, sample=True)
    monkeypatch.setattr(clock, "TEST_CLOCK", str(file))
    with pytest.raises(SetupError, match="correct it"):
        clock.refuse_test_clock(Folder(tmp_path))


def test_days_pass_as_the_file_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "clock.json"
    monkeypatch.setattr(clock, "TEST_CLOCK", str(file))
    for days in (0, 3):
        file.write_text(json.dumps({"ahead_ms": days * 86_400_000}))
        now_ms = time.time_ns() // 1_000_000
        assert 0 <= clock.now_ms() - now_ms - days * 86_400_000 < 5_000
