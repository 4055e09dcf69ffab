"""The backlight's files, in a folder made like Linux's own."""

import os
from pathlib import Path

import pytest

from kiosk.backlight import find_backlight
from kiosk.errors import KioskError


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    place = tmp_path / "10-0045"
    place.mkdir()
    (place / "max_brightness").write_text("31\n")
    (place / "brightness").write_text("31\n")
    return place


def test_percent_and_steps_of_the_panel_are_turned_into_each_other(panel: Path) -> None:
    light = find_backlight(panel.parent)
    assert light
    assert light.percent() == 100
    light.set_percent(50)
    assert (panel / "brightness").read_text() == "16"
    assert light.percent() == 52


@pytest.mark.parametrize(("asked", "written"), [(-5, "3"), (0, "3"), (10, "3"), (250, "31")])
def test_a_screen_is_never_dimmed_until_it_is_lost(panel: Path, asked: int, written: str) -> None:
    light = find_backlight(panel.parent)
    assert light
    light.set_percent(asked)
    assert (panel / "brightness").read_text() == written


def test_without_a_backlight_there_is_none(tmp_path: Path) -> None:
    assert find_backlight(tmp_path) is None
    assert find_backlight(tmp_path / "absent") is None


@pytest.mark.parametrize("full", ["0\n", "much\n"])
def test_one_that_makes_no_sense_is_passed_over(panel: Path, full: str) -> None:
    (panel / "max_brightness").write_text(full)
    assert find_backlight(panel.parent) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_one_that_may_not_be_written_is_passed_over(panel: Path) -> None:
    (panel / "brightness").chmod(0o444)
    assert find_backlight(panel.parent) is None


def test_one_that_has_gone_answers_with_a_sentence(panel: Path) -> None:
    light = find_backlight(panel.parent)
    assert light
    (panel / "brightness").unlink()
    panel.joinpath("brightness").mkdir()
    with pytest.raises(KioskError, match="how bright"):
        light.percent()
    with pytest.raises(KioskError, match="dimmed"):
        light.set_percent(50)
