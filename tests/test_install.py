"""What each machine gets: a kiosk no Django, a server no Kivy, an auditor neither."""

import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent


def needed_for(extra: str) -> set[str]:
    """Every distribution that `pip install 'hailong[extra]'` would bring, by installed metadata."""
    found: set[str] = set()
    todo = [Requirement(f"hailong[{extra}]" if extra else "hailong")]
    while todo:
        wanted = todo.pop()
        name = wanted.name.lower()
        key = f"{name}[{','.join(sorted(wanted.extras))}]"
        if key in found:
            continue
        found |= {key, name}
        try:
            lines = requires(name) or []
        except PackageNotFoundError:
            continue
        for line in lines:
            requirement = Requirement(line)
            extras = wanted.extras or {""}
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": each}) for each in extras):
                todo.append(requirement)
    return found


@pytest.mark.parametrize(
    ("extra", "has", "lacks"),
    [
        ("", {"msgspec", "cryptography"}, {"django", "kivy", "gpiozero", "requests"}),
        ("auditor", {"msgspec", "cryptography"}, {"django", "kivy", "gpiozero", "requests"}),
        ("hardware", {"gpiozero", "gpiod"}, {"django", "kivy"}),
        ("kiosk", {"kivy", "requests", "sqlite-utils", "apscheduler"}, {"django", "granian"}),
        ("server", {"django", "granian", "whitenoise"}, {"kivy", "gpiozero", "sqlite-utils"}),
    ],
)
def test_an_install_brings_what_its_machine_needs_and_no_more(
    extra: str, has: set[str], lacks: set[str]
) -> None:
    needed = needed_for(extra)
    assert has <= needed
    assert not lacks & needed


BLOCKED = """
import importlib.abc, sys
class Wall(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Wall())
sys.argv = ["x", "--help"]
import importlib
importlib.import_module({module!r}).main()
"""


@pytest.mark.parametrize(
    ("module", "blocked"),
    [
        ("kiosk.__main__", {"django", "granian", "server", "kivy"}),
        ("hardware.__main__", {"django", "kivy", "kiosk", "server", "protocol"}),
        ("auditor.__main__", {"django", "kivy", "kiosk", "server", "gpiozero", "requests"}),
        ("server.__main__", {"kivy", "gpiozero", "kiosk", "hardware"}),
    ],
)
def test_a_command_starts_without_the_others_packages(module: str, blocked: set[str]) -> None:
    script = BLOCKED.format(blocked=blocked, module=module)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage:")


def test_a_missing_extra_is_one_sentence(tmp_path: Path) -> None:
    script = (
        BLOCKED.format(blocked={"django"}, module="server.__main__")
        .replace('["x", "--help"]', '["x", "votes"]')
        .replace(").main()", ").main() == 2 or sys.exit(1)")
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "hailong[server]" in done.stderr
    assert "Traceback" not in done.stderr


def test_everything_pinned_is_exact() -> None:
    lines = (ROOT / "deploy" / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all("==" in line for line in pins)


def test_the_four_commands_are_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(project["scripts"]) == {
        "hailong-kiosk",
        "hailong-server",
        "hailong-hardware",
        "hailong-audit",
    }


@pytest.mark.parametrize("purpose", ["base", "demo", "test"])
def test_the_list_of_system_packages_has_a_section_for_each_purpose(purpose: str) -> None:
    text = (ROOT / "deploy" / "apt.txt").read_text()
    assert any(line.startswith(f"[{purpose}] ") for line in text.splitlines())
