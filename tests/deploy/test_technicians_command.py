"""The installed `sudo hailong-hardware`: about this unit's own box."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.pi import ROOT

COMMAND = ROOT / "deploy/pi/files/always/usr/local/bin/hailong-hardware"
BOX = """title = "A box of our own"
[buttons]
5 = 20
1 = 21
"""


class Installed:
    """The command with its folders below one of ours; everybody is the kiosk's user."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "var/lib/hailong/kiosk"
        self.folder.mkdir(parents=True)
        self.command = root / "command"
        text = COMMAND.read_text()
        for place in ("/var/lib/hailong", "/opt/hailong"):
            assert place in text
            text = text.replace(place, f"{root}{place}")
        self._program("command", text.removeprefix("#!/bin/sh\n"))
        self._program("bin/runuser", 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"\n')
        there = root / "opt/hailong/current/bin"
        self._program(there / "python", f'exec {sys.executable} "$@"\n')
        self._program(there / "hailong-hardware", f'exec {sys.executable} -m hardware "$@"\n')

    def _program(self, name: str | Path, script: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}")
        path.chmod(0o755)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.root / 'bin'}:{os.environ['PATH']}"
        return subprocess.run(
            [self.command, *words], env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True,
        )  # fmt: skip


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


def test_the_wiring_drawn_is_the_one_that_the_kiosk_uses(installed: Installed) -> None:
    (installed.folder / "kiosk.toml").write_text('wiring = "3-buttons"  # the small box\n')
    assert "Three buttons" in installed.run("wiring").stdout


def test_a_wiring_in_a_file_beside_kiosk_toml_is_found(installed: Installed) -> None:
    (installed.folder / "kiosk.toml").write_text("wiring = 'box.toml'\n")
    (installed.folder / "box.toml").write_text(BOX)
    assert "A box of our own" in installed.run("wiring").stdout


def test_the_self_test_is_of_the_same_wiring(installed: Installed) -> None:
    (installed.folder / "kiosk.toml").write_text('wiring = "box.toml"\n')
    (installed.folder / "box.toml").write_text(BOX)
    assert "A box of our own" in installed.run("selftest", "--simulated", "--protocol").stdout


def test_a_wiring_that_the_technician_names_comes_first(installed: Installed) -> None:
    (installed.folder / "kiosk.toml").write_text("not = [toml\n")
    assert "Four buttons" in installed.run("wiring", "--wiring", "4-buttons").stdout


def test_a_unit_that_names_no_wiring_has_the_usual_one(installed: Installed) -> None:
    assert "Five buttons" in installed.run("wiring").stdout


def test_settings_that_cannot_be_read_are_one_sentence(installed: Installed) -> None:
    (installed.folder / "kiosk.toml").write_text("not = [toml\n")
    done = installed.run("wiring")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--wiring" in done.stderr


def test_what_is_not_about_the_box_goes_without_settings(installed: Installed) -> None:
    (installed.folder / "kiosk.toml").write_text("not = [toml\n")
    assert "usage:" in installed.run("cardtest", "--help").stdout
