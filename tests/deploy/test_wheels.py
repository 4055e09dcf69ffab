"""Every package of a kiosk is there as a wheel for a Raspberry Pi: nothing is compiled on a unit.

uv resolves for another machine; pip cannot, for it reads markers as of the Python that runs it
(pip issue 11664). Needs the package index, as setting up does.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.pi import ROOT

CONSTRAINTS = ROOT / "deploy" / "constraints.txt"
UV = Path(sys.executable).parent / "uv"
# Raspberry Pi OS Bookworm has glibc 2.36; Trixie's 2.41 takes all wheels for 2.40, uv's newest.
BOOKWORM = ("3.11", "aarch64-manylinux_2_36")
TRIXIE = ("3.13", "aarch64-manylinux_2_40")


def index() -> dict[str, str]:
    """uv's variables for the index that pip is told to use, if it is told one; and the machine's
    own certificates, as an office's proxy may sign with its own."""
    told = {"PIP_INDEX_URL": "UV_DEFAULT_INDEX", "PIP_CERT": "SSL_CERT_FILE"}
    found = {ours: os.environ[theirs] for theirs, ours in told.items() if os.environ.get(theirs)}
    configured = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    named = {"UV_DEFAULT_INDEX": configured} if configured else {}
    return {"UV_NATIVE_TLS": "1"} | named | found


def resolve(system: tuple[str, str], wanted: Path, *options: str) -> tuple[dict[str, str], str]:
    """Name and version of every package that would be installed, wheels alone; or why not."""
    python, platform = system
    done = subprocess.run(
        [UV, "pip", "compile", wanted, *options, "--constraint", CONSTRAINTS, "--no-header",
         "--python-version", python, "--python-platform", platform, "--only-binary", ":all:",
         "--no-annotate", "--quiet"],
        env=os.environ | index(), cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    found = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", done.stdout, re.MULTILINE))
    return (found if done.returncode == 0 else {}), done.stderr


@pytest.fixture(scope="module", params=[BOOKWORM, TRIXIE], ids=["bookworm", "trixie"])
def kiosk(request: pytest.FixtureRequest) -> tuple[str, dict[str, str]]:
    """Python's version and what a kiosk gets on it."""
    found, why = resolve(request.param, ROOT / "pyproject.toml", "--extra", "kiosk")
    assert found, why
    return request.param[0], found


def test_a_raspberry_pi_gets_every_package_as_a_wheel(kiosk: tuple[str, dict[str, str]]) -> None:
    assert {"kivy", "gpiod", "gpiozero", "cryptography", "msgspec", "sqlite-utils"} <= set(kiosk[1])


def test_it_gets_the_versions_that_are_tested_here(kiosk: tuple[str, dict[str, str]]) -> None:
    pins = dict(re.findall(r"^([\w-]+)==(\S+)", CONSTRAINTS.read_text(), re.MULTILINE))
    pinned = {name.lower().replace("_", "-"): version for name, version in pins.items()}
    assert {name: version for name, version in kiosk[1].items() if name in pinned} == {
        name: pinned[name] for name in kiosk[1] if name in pinned
    }


def test_the_second_pin_driver_is_left_out_where_it_has_no_wheel(
    kiosk: tuple[str, dict[str, str]],
) -> None:
    assert ("lgpio" in kiosk[1]) == (kiosk[0] == "3.11")


def test_a_package_without_a_wheel_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "wanted.in").write_text("lgpio\n")
    found, why = resolve(TRIXIE, tmp_path / "wanted.in")
    assert not found
    assert "no wheels" in why or "no usable wheels" in why, why
