"""The technician's commands."""

import io
import os
import re
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from hardware import pins
from hardware.__main__ import main
from hardware.checklist import checklist
from hardware.gpio import GpioPanel
from hardware.selftest import watch_panel
from hardware.simulated import PinDriver, SimulatedPanel, open_simulated
from hardware.wiring import READY_MADE, load_wiring, parse_wiring


@pytest.mark.parametrize("name", READY_MADE)
def test_the_simulated_self_test_sees_every_button(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["selftest", "--simulated", "--wiring", name]) == 0
    out = capsys.readouterr().out
    assert "Tự kiểm tra" in out
    assert out.count("  thấy / seen") == len(load_wiring(name).buttons)
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
    assert "  nút / button 5  Rất hài lòng" in lines


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
    assert any(line.startswith("invite ") and line.endswith("thấy / seen") for line in lines)
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


def test_a_part_that_is_missing_or_noisy_fails_the_self_test_and_is_named() -> None:
    old_board = MockFactory(revision="000e", pin_class=MockPWMPin)  # without GPIO 19 and 26
    wiring = parse_wiring("buzzer = 26\n[buttons]\n5 = 17\n4 = 18\n[lamps]\n5 = 19\n4 = 22\n")
    panel = GpioPanel(wiring, old_board)

    def press_and_chatter() -> None:
        driver = PinDriver(old_board, wiring)
        driver.press(5)
        driver.press(4)
        while not panel._rule.is_noisy(4):
            driver.down(4)
            driver.up(4)
            threading.Event().wait(0.001)

    lines: list[str] = []
    assert not watch_panel(panel, seconds=0.01, say=lines.append, press=press_and_chatter)
    table = "\n".join(lines)
    assert re.search(r"^4 +Hài lòng .*  CHẬP CHỜN / NOISY$", table, re.MULTILINE)
    assert re.search(r"^đèn 5 / lamp 5 +19 +35  THIẾU / MISSING$", table, re.MULTILINE)
    assert re.search(r"^đèn 4 / lamp 4 +22 +15  nhìn, nghe / look and listen$", table, re.MULTILINE)
    assert re.search(r"^còi / buzzer +26 +37  THIẾU / MISSING$", table, re.MULTILINE)
    assert {"LỖI: đèn 5 không dùng được, xem câu báo ở trên.",
            "LỖI: nút 4 chập chờn: dây lỏng hoặc có nước."} <= set(lines)  # fmt: skip
    assert {line.split(":")[1].split(" is ")[0] for line in lines if line.startswith("FAULT")} == {
        " lamp 5", " buzzer", " button 4",
    }  # fmt: skip
    assert lines[-1] == "All 2 inputs were seen."


@pytest.mark.parametrize("wired", ["", "buzzer = 25\ninvite = 16\nduty_lamp = 12\n"])
def test_every_line_of_the_self_test_is_there_for_a_vietnamese_reader(wired: str) -> None:
    panel = open_simulated("stdin", parse_wiring(f"{wired}[buttons]\n5 = 5\n4 = 6\n"))
    lines: list[str] = []
    watch_panel(panel, seconds=0.01, say=lines.append, press=lambda: panel.driver.press(5))
    vietnamese = "[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳýỵỷỹàáãèéìíòóõùú]"
    for line, translation in pairwise(["", *lines]):
        if translation and not re.search(vietnamese, translation.lower()):
            assert re.search(vietnamese, line), f"only in English: {translation}"
    assert "KHÔNG THẤY" in lines[-2] and "NOT SEEN" in lines[-1]


def test_the_protocol_is_for_the_technicians_eyes_and_signature(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["selftest", "--simulated", "--protocol"]) == 0
    _, protocol = capsys.readouterr().out.split("BIÊN BẢN LẮP ĐẶT / INSTALLATION PROTOCOL")
    assert "Self-test: ĐẠT / passed" in protocol
    assert "[x]" not in protocol
    for field in ("Nơi / Place:", "Ngày / Date:", "Đơn vị / Unit:", "Kỹ thuật viên / Technician:"):
        assert re.search(rf"^{field} +_{{10,}}$", protocol, re.MULTILINE)


def test_the_protocol_and_the_mounting_page_have_the_same_items_signed() -> None:
    page = Path(__file__).parents[2].joinpath("docs/mounting.md").read_text("utf-8")
    items = re.findall(r"^- (\[ \] .+)$", page.replace("`", ""), re.MULTILINE)
    printed = [line for line in checklist("box", passed=True) if line.startswith("[")]
    assert printed == items != []


def test_the_protocol_says_that_the_self_test_failed() -> None:
    failed = "\n".join(checklist("box", passed=False))
    assert "KHÔNG ĐẠT / failed" in failed and "passed" not in failed


def test_a_card_is_tested_by_the_same_command() -> None:
    with pytest.raises(SystemExit) as end:
        main(["cardtest", "--help"])
    assert end.value.code == 0


def test_without_a_pi_it_says_one_sentence_and_exits_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pins.glob, "glob", lambda _: [])
    assert main(["selftest"]) == 2
    captured = capsys.readouterr()
    assert "selftest --simulated" in captured.err and captured.err.count("\n") == 1
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


@pytest.mark.parametrize("kind", ["a name", "a file"])
def test_the_units_own_wiring_is_taken_where_none_is_named(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "box.toml"
    file.write_text('title = "Hộp"\n[buttons]\n5 = 5\n4 = 6\n')
    own, buttons = ("4-buttons", 4) if kind == "a name" else (str(file), 2)
    monkeypatch.setenv("HAILONG_WIRING", own)
    assert main(["wiring"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == load_wiring(own).title
    assert main(["selftest", "--simulated"]) == 0
    assert f"All {buttons} inputs were seen." in capsys.readouterr().out
    assert main(["wiring", "--wiring", "3-buttons"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == load_wiring("3-buttons").title


def test_an_empty_wiring_in_the_environment_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HAILONG_WIRING", "")
    assert main(["wiring"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == load_wiring().title


class _Head(io.TextIOWrapper):
    """Standard output into `| head`, which goes away after so many lines."""

    def __init__(self, lines: int):
        read_end, write_end = os.pipe()
        self._read_end: int | None = read_end
        self._left = lines
        super().__init__(os.fdopen(write_end, "wb"), encoding="utf-8")

    def write(self, text: str) -> int:
        self._left -= text.count("\n")
        written = super().write(text)
        if self._left <= 0 and self._read_end is not None:
            self.flush()
            os.close(self._read_end)
            self._read_end = None
        return written


@pytest.mark.parametrize("lines", [1, 7, 14])  # in the instructions, the presses, the table
def test_a_reader_who_has_seen_enough_is_told_no_more_and_nobody_complains(
    lines: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    head = _Head(lines)
    monkeypatch.setattr(sys, "stdout", head)
    assert main(["selftest", "--simulated"]) == 0
    assert head._read_end is None
    head.close()
    assert (capsys.readouterr().err, caplog.records) == ("", [])


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
