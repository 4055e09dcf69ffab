"""docs/mounting.md shows what the commands of today draw and offer."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from tests.deploy.pi import ROOT

PAGE = (ROOT / "docs" / "mounting.md").read_text("utf-8")
DRAWN = re.findall(
    r"`hailong-hardware wiring --wiring (\S+)`\n\n```text\n(.*?)```", PAGE, re.DOTALL
)


def hardware(*words: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "hardware", *words], capture_output=True, text=True, check=True
    ).stdout


def test_the_page_draws_wirings() -> None:
    assert {name for name, _ in DRAWN} >= {"3-buttons", "5-buttons"}


@pytest.mark.parametrize(("name", "drawn"), DRAWN, ids=[name for name, _ in DRAWN])
def test_the_wiring_on_the_page_is_the_one_that_the_command_draws(name: str, drawn: str) -> None:
    assert drawn.strip() == hardware("wiring", "--wiring", name).strip()


def test_the_commands_of_the_page_exist() -> None:
    for command in set(re.findall(r"hailong-hardware (\w+)", PAGE)):
        assert "usage:" in hardware(command, "--help")
    assert "--protocol" in hardware("selftest", "--help")


def test_what_the_self_test_prints_for_signing_is_the_list_of_the_page() -> None:
    printed = hardware("selftest", "--simulated", "--protocol")
    items = re.findall(r"^\[.\] (.*)$", printed, re.MULTILINE)
    page = re.findall(r"^- \[ \] (.*)$", PAGE, re.MULTILINE)
    assert len(page) > 5
    assert items == [item.replace("`", "") for item in page]


def test_a_hood_is_no_roof_in_vietnamese() -> None:
    assert "vách che" in PAGE
    assert "mái che" not in PAGE.lower()


def test_the_card_test_of_the_page_is_the_commands() -> None:
    for deed, options in re.findall(r"hailong-hardware cardtest (\w+)((?: --\w+ \S+)*)", PAGE):
        offered = hardware("cardtest", deed, "--help")
        for option in re.findall(r"--\w+", options):
            assert option in offered


def test_the_drawing_is_there_and_well_formed() -> None:
    (name,) = re.findall(r"\]\((mounting/[^)]+\.svg)\)", PAGE)
    root = ElementTree.parse(ROOT / "docs" / name).getroot()  # noqa: S314
    assert root.tag.endswith("svg")
