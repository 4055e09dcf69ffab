"""The technician's commands."""

import subprocess
import sys
from pathlib import Path

import pytest

from hardware import pins
from hardware.__main__ import main
from hardware.selftest import watch_panel
from hardware.simulated import SimulatedPanel, open_simulated
from hardware.wiring import READY_MADE, load_wiring, parse_wiring


@pytest.mark.parametrize("name", READY_MADE)
def test_the_simulated_self_test_sees_every_button(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["selftest", "--simulated", "--wiring", name]) == 0
    out = capsys.readouterr().out
    assert "Tự kiểm tra" in out
    assert out.count("  seen") == len(load_wiring(name).buttons)
    assert "NOT SEEN" not in out


def states(panel: SimulatedPanel, gpio: int) -> list[bool]:
    return [bool(state.state) for state in panel.pin_factory.pin(gpio).states]


def test_a_button_that_was_not_seen_fails_the_self_test() -> None:
    panel = open_simulated("stdin")

    def press_all_but_one() -> None:
        for button in (5, 4, 3, 1):
            panel.driver.press(button)
        panel.driver.down(2)
        panel.driver.up(2)

    lines: list[str] = []
    assert not watch_panel(panel, seconds=0.01, say=lines.append, press=press_all_but_one)
    assert "NOT SEEN: 2. Check the plug and the wiring." in lines
    assert any("glitches only" in line for line in lines)


def test_buttons_and_lamps_answer_during_the_self_test() -> None:
    panel = open_simulated("stdin")
    lines: list[str] = []
    watch_panel(panel, seconds=0.01, say=lines.append, press=lambda: panel.driver.press(5))
    for gpio in panel.wiring.lamps.values():
        assert states(panel, gpio) == [False, True, False]
    assert "  button 5  Rất hài lòng" in lines


def official_side() -> SimulatedPanel:
    text = "invite = 16\nduty_lamp = 12\n[buttons]\n5 = 5\n4 = 6\n[lamps]\n5 = 17\n4 = 27\n"
    return open_simulated("stdin", parse_wiring(text))


def test_the_officials_side_is_tested_where_it_is_wired() -> None:
    panel = official_side()
    lines: list[str] = []

    def press_all() -> None:
        for button in panel.buttons:
            panel.driver.press(button)
        panel.driver.invite(chatter=3)

    assert watch_panel(panel, seconds=20, say=lines.append, press=press_all)
    assert "  invite    mời, phía cán bộ" in lines
    assert any(line.startswith("invite ") and line.endswith("seen") for line in lines)
    assert any("invite button once" in line for line in lines)
    assert any("duty lamp is lit until the end" in line for line in lines)
    assert lines[-1] == "All 3 inputs were seen."
    assert states(panel, 12) == [False, True, False]


def test_an_invite_input_that_was_not_seen_fails_the_self_test() -> None:
    panel = official_side()
    lines: list[str] = []

    def press_buttons() -> None:
        for button in panel.buttons:
            panel.driver.press(button)

    assert not watch_panel(panel, seconds=0.01, say=lines.append, press=press_buttons)
    assert lines[-1] == "NOT SEEN: invite. Check the plug and the wiring."


def test_the_simulated_self_test_presses_the_invite_input_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "box.toml"
    file.write_text("invite = 16\n[buttons]\n5 = 5\n")
    assert main(["selftest", "--simulated", "--wiring", str(file)]) == 0
    assert "All 2 inputs were seen." in capsys.readouterr().out


def test_without_a_pi_it_says_one_sentence_and_exits_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pins.glob, "glob", lambda _: [])
    assert main(["selftest"]) == 2
    captured = capsys.readouterr()
    assert "--panel keys" in captured.err and captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.mark.parametrize(
    "argv",
    [[], ["dance"], ["selftest", "--seconds", "0"], ["selftest", "--seconds", "soon"]],
)
def test_wrong_words_exit_two(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(argv)
    assert end.value.code == 2


@pytest.mark.parametrize("command", ["selftest", "wiring"])
def test_a_bad_wiring_exits_two(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--wiring", "/nowhere.toml"]) == 2
    assert "/nowhere.toml" in capsys.readouterr().err


def test_a_missing_gpiozero_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("gpio", "simulated", "selftest"):
        monkeypatch.delitem(sys.modules, f"hardware.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    assert main(["selftest", "--simulated"]) == 2
    assert "hailong[hardware]" in capsys.readouterr().err


def test_the_installed_command_draws_the_wiring() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hardware", "wiring"], capture_output=True, text=True, check=True
    )
    assert "button 5 = GPIO 5 [29|30] GND" in done.stdout
