"""Wirings: the ready-made ones are right, odd ones are refused with a sentence."""

import re
import subprocess
import sys
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from hardware.header import HEADER, LABELS, draw_wiring
from hardware.wiring import BOXES, READY_MADE, BadWiring, load_wiring, parse_wiring, pin_uses
from protocol.rating import SCALES, WORDS

BUTTONS = "[buttons]\n5 = 5\n4 = 6\n"


@pytest.mark.parametrize(
    ("name", "buttons"),
    [("3-buttons", (5, 4, 2)), ("4-buttons", (5, 4, 2, 1)), ("5-buttons", (5, 4, 3, 2, 1))],
)
def test_a_ready_made_wiring_has_the_buttons_of_its_scale(
    name: str, buttons: tuple[int, ...]
) -> None:
    wiring = load_wiring(name)
    assert tuple(wiring.buttons) == buttons == tuple(wiring.lamps)
    assert set(buttons) == set(SCALES[f"vn{len(buttons)}"])


def test_the_labels_are_the_words_of_the_ratings() -> None:
    # hardware may not import protocol, so it has its own copy; this keeps the two the same.
    assert {rating: words["vi"] for rating, words in WORDS.items()} == LABELS


def test_without_a_name_it_is_the_box_with_five_buttons() -> None:
    assert load_wiring() == load_wiring("5-buttons")


@pytest.mark.parametrize("box", BOXES)
def test_each_box_is_ready_made_for_buttons_to_ground_and_for_buttons_to_the_supply(
    box: str,
) -> None:
    low, high = load_wiring(box), load_wiring(f"{box}-high")
    assert (low.active, high.active) == ("low", "high")
    assert replace(high, active="low", title=low.title) == low
    assert "3.3 V" in high.title
    assert "connects its pin to ground" in "\n".join(draw_wiring(low))
    assert "connects its pin to 3.3 V" in "\n".join(draw_wiring(high))


def test_a_rating_keeps_its_pins_from_box_to_box() -> None:
    five = load_wiring("5-buttons")
    for name in READY_MADE:
        wiring = load_wiring(name)
        assert wiring.buttons.items() <= five.buttons.items()
        assert wiring.lamps.items() <= five.lamps.items()


def test_ready_made_wirings_leave_the_clock_chip_the_console_and_spi_alone() -> None:
    taken = {2, 3, 14, 15, *range(7, 12)}
    for name in READY_MADE:
        assert not taken & {gpio for gpio, _ in pin_uses(load_wiring(name))}


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    file.write_text('title = "Hộp"\nactive = "high"\nbrightness = 0.3\n' + BUTTONS, "utf-8")
    wiring = load_wiring(file)
    assert (wiring.title, wiring.active, wiring.brightness) == ("Hộp", "high", 0.3)
    assert (wiring.lamps, wiring.buzzer) == ({}, None)


def test_the_officials_side_is_optional_and_read(tmp_path: Path) -> None:
    bare = parse_wiring(BUTTONS)
    assert (bare.invite, bare.duty_lamp, bare.duty_lamp_active) == (None, None, "high")
    wired = parse_wiring("invite = 16\nduty_lamp = 12\nduty_lamp_active = 'low'\n" + BUTTONS)
    assert (wired.invite, wired.duty_lamp, wired.duty_lamp_active) == (16, 12, "low")
    assert pin_uses(wired)[-2:] == [(16, "invite"), (12, "duty lamp")]


@pytest.mark.parametrize("name", BOXES)
def test_what_a_ready_made_wiring_says_of_the_officials_side_can_be_taken_as_it_is(
    name: str,
) -> None:
    text = resources.files("hardware").joinpath("wirings", f"{name}.toml").read_text("utf-8")
    assert (load_wiring(name).invite, load_wiring(name).duty_lamp) == (None, None)
    wired = parse_wiring(re.sub("^# (?=(invite|duty_lamp))", "", text, flags=re.MULTILINE))
    assert (wired.invite, wired.duty_lamp) == (16, 12)


def test_the_drawing_tells_what_the_officials_side_is_for() -> None:
    wired = parse_wiring("invite = 16\nduty_lamp = 12\n" + BUTTONS)
    text = "\n".join(draw_wiring(wired))
    assert "[35|36] invite = GPIO 16" in text and "[31|32] duty lamp = GPIO 12" in text
    assert "queue system" in text and "signed in" in text
    assert "invite" not in "\n".join(draw_wiring(parse_wiring(BUTTONS)))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "buttons"),
        ("[buttons]", "no button"),
        ("[buttons]\n6 = 5", "'6'"),
        ("[buttons]\n05 = 5", "'05'"),
        ("[buttons]\n5 = 28", "28"),
        ("[buttons]\n5 = 1", "GPIO number"),
        ("[buttons]\n5 = true", "True"),
        ("[buttons]\n5 = '5'", "'5'"),
        ("[buttons]\n5 = 5\n4 = 5", "both"),
        ("buttons = 3", "table"),
        ("buzzer = 5\n" + BUTTONS, "both button 5 and buzzer"),
        ("colour = 1\n" + BUTTONS, "'colour'"),
        ("active = 'up'\n" + BUTTONS, "'up'"),
        ("brightness = 0\n" + BUTTONS, "brightness"),
        ("brightness = nan\n" + BUTTONS, "brightness"),
        ("brightness = true\n" + BUTTONS, "brightness"),
        ("title = 5\n" + BUTTONS, "title"),
        (BUTTONS + "[lamps]\n3 = 9", "lamp 3"),
        ("active = 'high'\n[buttons]\n5 = 2", "pulls up"),
        ("not toml", "Expected"),
        ("invite = 5\n" + BUTTONS, "both button 5 and invite"),
        ("invite = 16\nduty_lamp = 16\n" + BUTTONS, "both invite and duty lamp"),
        ("buzzer = 12\nduty_lamp = 12\n" + BUTTONS, "both buzzer and duty lamp"),
        ("invite = 28\n" + BUTTONS, "invite = 28"),
        ("invite = '16'\n" + BUTTONS, "'16'"),
        ("invite = [16]\n" + BUTTONS, "[16]"),
        ("duty_lamp = 0\n" + BUTTONS, "duty_lamp = 0"),
        ("duty_lamp = false\n" + BUTTONS, "False"),
        ("duty_lamp_active = 1\n" + BUTTONS, "duty_lamp_active"),
        ("active = 'high'\ninvite = 3\n" + BUTTONS, "invite is active high on GPIO 3"),
    ],
)
def test_an_odd_wiring_is_refused_with_a_sentence_that_names_it(text: str, word: str) -> None:
    with pytest.raises(BadWiring) as refusal:
        parse_wiring(text, name="box.toml")
    sentence = str(refusal.value)
    assert sentence.startswith("The wiring box.toml") and word in sentence
    assert sentence.endswith(".") and "\n" not in sentence


def test_a_missing_file_a_folder_and_a_picture_are_refused(tmp_path: Path) -> None:
    picture = tmp_path / "picture"
    picture.write_bytes(b"\xff\xd8\xff")
    for source in (tmp_path / "none.toml", tmp_path, picture):
        with pytest.raises(BadWiring, match="cannot be read"):
            load_wiring(source)


@pytest.mark.parametrize("name", READY_MADE)
def test_the_drawing_shows_each_wire_once_on_its_pin(name: str) -> None:
    lines = draw_wiring(load_wiring(name))
    for gpio, use in pin_uses(load_wiring(name)):
        (line,) = (line for line in lines if f"{use} = GPIO {gpio}" in line.replace("|", " "))
        assert str(HEADER.index(gpio) + 1) in line
    assert "\n".join(lines).count("[") == 20


def test_rule_wiring_and_header_need_no_gpiozero() -> None:
    code = (
        "import sys; sys.modules['gpiozero'] = sys.modules['lgpio'] = None\n"
        "import hardware.debounce, hardware.wiring, hardware.header, hardware.panel"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
