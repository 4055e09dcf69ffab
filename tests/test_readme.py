"""What the documents list is true: commands, rooms, pictures, environment."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "README.vi.md", *sorted(ROOT.glob("[a-z]*/README.md"))]


def help_of(module: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *words, "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_and_picture_exists(document: Path) -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", document.read_text("utf-8"))
    missing = [link for link in links if not (document.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("room", sorted(p.parent.name for p in ROOT.glob("[a-z]*/README.md")))
def test_every_room_has_a_short_readme_that_the_map_names(room: str) -> None:
    text = (ROOT / room / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 40
    assert f"({room}/README.md)" in README or f"`{room}/`" in README


def test_every_server_command_is_named_and_has_help() -> None:
    from server.__main__ import COMMANDS

    for command in COMMANDS:
        assert re.search(rf"hailong-server[^\n]*\b{re.escape(command)}\b", README), command
        assert "usage:" in help_of("server", command)


@pytest.mark.parametrize(
    "command", ["enrol", "run", "status", "flush", "export", "checkpoint", "out-of-order"]
)
def test_every_kiosk_command_is_named_and_has_help(command: str) -> None:
    assert re.search(rf"hailong-kiosk[^\n]*\b{command}\b", README)
    assert "usage:" in help_of("kiosk", command)


@pytest.mark.parametrize(
    ("module", "words"),
    [*(("hardware", (w,)) for w in ("selftest", "wiring", "readers", "cardtest")), ("auditor", ())],
)
def test_the_other_commands_have_help(module: str, words: tuple[str, ...]) -> None:
    assert "usage:" in help_of(module, *words)


def test_every_command_of_the_auditor_is_named_and_has_help() -> None:
    said = help_of("auditor")
    commands = re.findall(r"^    ([a-z]+) ", said, re.MULTILINE)
    assert {"verify", "pull", "figures", "compare", "prove", "cosign", "journal"} == set(commands)
    for command in commands:
        assert re.search(rf"hailong-audit[^\n]*\b{command}\b", README), command
        assert "usage:" in help_of("auditor", command)


def test_every_variable_that_the_server_reads_is_documented() -> None:
    read = set()
    for file in [*(ROOT / "server").rglob("*.py"), *(ROOT / "kiosk").rglob("*.py")]:
        read |= set(re.findall(r"environ(?:\.get\(|\[)\"(HAILONG_[A-Z_]+)\"", file.read_text()))
    inner = {"HAILONG_SERVER_PARENT", "HAILONG_SERVER_THREADS"}  # set by `run` for its workers
    text = README + (ROOT / "server" / "README.md").read_text("utf-8")
    assert {name for name in read - inner if name not in text} == set()


def test_the_two_commands_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in [*re.findall(r"^make (\w+)", README, re.MULTILINE), "install", "lint", "bench"]:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    assert (ROOT / ".ci" / "run").read_text().strip().endswith("make test")
