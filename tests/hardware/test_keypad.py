"""A keypad as a panel: a FIFO that speaks the kernel's bytes, and comes and goes."""

import os
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from hardware import debounce, evdev
from hardware.__main__ import main
from hardware.keypad import KEYS, KeypadPanel, find_keypad
from hardware.panel import Panel, Press, boottime_ns
from hardware.selftest import run_keypad_test

Until = Callable[[Callable[[], object]], None]
ROW = {1: 2, 2: 3, 3: 4, 4: 5, 5: 6}
PAD = {1: 79, 2: 80, 3: 81, 4: 75, 5: 76}
DOWN, UP, REPEAT = 1, 0, 2
DROPPED = struct.pack("llHHi", 0, 0, 0, 3, 0)


def event(code: int, value: int) -> bytes:
    return struct.pack("llHHi", 0, 0, 1, code, value) + struct.pack("llHHi", 0, 0, 0, 0, 0)


def tap(code: int) -> bytes:
    return event(code, DOWN) + event(code, UP)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evdev, "LOOK_S", 0.01)


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "keypad"
    os.mkfifo(path)
    return path


@pytest.fixture
def panel(fifo: Path) -> Iterator[KeypadPanel]:
    panel = KeypadPanel(fifo)
    yield panel
    panel.close()


@pytest.fixture
def device(panel: KeypadPanel, fifo: Path) -> Iterator[BinaryIO]:
    """Its cable: opening waits for the panel."""
    with fifo.open("wb", buffering=0) as device:
        yield device


@pytest.fixture
def presses(panel: KeypadPanel) -> list[Press]:
    told: list[Press] = []
    panel.on_press(told.append)
    return told


def faults_of(panel: Panel) -> list[tuple[str, str, bool]]:
    told: list[tuple[str, str, bool]] = []
    panel.on_fault(lambda f: told.append((f.part, f.kind, f.cleared)))
    return told


@pytest.mark.parametrize("codes", [ROW, PAD])
def test_the_digits_of_either_kind_are_the_buttons(
    codes: dict[int, int], device: BinaryIO, presses: list[Press], until: Until
) -> None:
    before = boottime_ns()
    for button in (5, 4, 3, 2, 1):
        device.write(tap(codes[button]))
        until(lambda: presses and presses[-1].button == button)  # noqa: B023
        threading.Event().wait(0.03)  # the finger goes to the next
    assert [(p.button, p.others_down, p.source) for p in presses] == [
        (button, False, "button") for button in (5, 4, 3, 2, 1)
    ]
    assert all(before <= p.mono_ns <= boottime_ns() for p in presses)


def test_all_other_keys_and_buttons_that_the_panel_does_not_have_are_nothing(
    fifo: Path, until: Until
) -> None:
    panel = KeypadPanel(fifo, buttons=(5, 1))
    told: list[Press] = []
    panel.on_press(told.append)
    with fifo.open("wb", buffering=0) as device:
        device.write(b"".join(tap(code) for code in range(1, 128) if KEYS.get(code) != 5))
        device.write(tap(ROW[5]))
        until(lambda: told and told[-1].button == 5)
    panel.close()
    assert panel.buttons == (5, 1)
    assert {p.button for p in told} == {1, 5}


def test_a_held_key_is_one_press_however_often_it_repeats_and_others_say_it_was_down(
    device: BinaryIO, presses: list[Press], until: Until
) -> None:
    device.write(event(ROW[2], DOWN) + event(ROW[2], REPEAT) * 40)
    until(lambda: presses)
    device.write(tap(PAD[5]) + event(ROW[2], REPEAT) + event(ROW[2], UP))
    until(lambda: len(presses) == 2)
    assert [(p.button, p.others_down) for p in presses] == [(2, False), (5, True)]


def test_a_key_held_too_long_is_stuck_until_it_is_released(
    panel: KeypadPanel,
    device: BinaryIO,
    presses: list[Press],
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(debounce, "STUCK_NS", 50_000_000)
    monkeypatch.setattr(debounce, "FREED_NS", 50_000_000)
    faults = faults_of(panel)
    device.write(event(ROW[3], DOWN))
    until(lambda: faults)
    device.write(event(ROW[3], UP))
    until(lambda: len(faults) == 2)
    assert faults == [("button-3", "stuck", False), ("button-3", "stuck", True)]


def test_a_keypad_unplugged_in_use_is_a_fault_and_comes_back_by_itself(
    panel: KeypadPanel, fifo: Path, presses: list[Press], until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    faults = faults_of(panel)
    with fifo.open("wb", buffering=0) as device:
        device.write(event(ROW[4], DOWN))  # pulled out with a key down
        until(lambda: presses)
        fifo.unlink()
    until(lambda: ("keypad", "missing", False) in faults)
    until(lambda: "is not there; plug it in" in caplog.text)
    os.mkfifo(fifo)
    with fifo.open("wb", buffering=0) as device:
        until(lambda: ("keypad", "missing", True) in faults)
        threading.Event().wait(0.05)
        device.write(tap(ROW[4]))
        until(lambda: len(presses) == 2)
    assert [(p.button, p.others_down) for p in presses] == [(4, False), (4, False)]
    assert set(faults) == {("keypad", "missing", False), ("keypad", "missing", True)}


def test_a_keypad_that_is_not_there_at_the_start_is_a_fault_once_and_found_when_it_comes(
    tmp_path: Path, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "late"
    panel = KeypadPanel(str(path))
    faults = faults_of(panel)
    until(lambda: faults)
    threading.Event().wait(0.1)  # ten looks
    assert faults == [("keypad", "missing", False)]
    assert len(caplog.messages) == 1 and f"the keypad {path} is not there" in caplog.text
    os.mkfifo(path)
    with path.open("wb", buffering=0):
        until(lambda: faults[1:] == [("keypad", "missing", True)])
    panel.close()


def test_a_release_that_the_kernel_dropped_does_not_hold_a_key_down(
    device: BinaryIO, presses: list[Press], until: Until
) -> None:
    device.write(event(ROW[1], DOWN))
    until(lambda: presses)
    device.write(DROPPED)
    threading.Event().wait(0.05)
    device.write(tap(ROW[5]))
    until(lambda: len(presses) == 2)
    assert [(p.button, p.others_down) for p in presses] == [(1, False), (5, False)]


def test_a_live_panel_answers_plugged_in_or_not_and_a_dead_reader_does_not(
    panel: KeypadPanel, fifo: Path, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        answered = threading.Event()
        panel.check_alive(answered.set)
        until(answered.is_set)
        fifo.unlink(missing_ok=True)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    monkeypatch.setattr(panel._reader, "_is_called", lambda: 1 / 0)
    monkeypatch.setattr(panel._reader, "_say", lambda *_: 1 / 0)
    answered = threading.Event()
    panel.check_alive(answered.set)
    until(lambda: not panel._reader._thread.is_alive())
    panel.close()
    assert not answered.is_set()


def test_closing_tells_what_was_pressed_and_leaves_no_descriptor(fifo: Path, until: Until) -> None:
    files = len(os.listdir("/proc/self/fd"))
    panel = KeypadPanel(fifo)
    told: list[Press] = []
    panel.on_press(told.append)
    with fifo.open("wb", buffering=0) as device:
        device.write(tap(ROW[2]))
        until(lambda: panel._teller._rule.presses(2))
    panel.close()
    panel.close()
    assert [p.button for p in told] == [2]
    assert len(os.listdir("/proc/self/fd")) == files


def test_nothing_is_logged_about_which_key_was_pressed(
    panel: KeypadPanel, device: BinaryIO, presses: list[Press], until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level("DEBUG")
    device.write(tap(ROW[1]))
    until(lambda: presses)
    assert [m for m in caplog.messages if "is read" not in m] == []


@pytest.mark.parametrize(
    ("keyboards", "chosen"),
    [
        ([("usb-Logitech_K120-event-kbd", "Logitech K120")], "usb-Logitech_K120-event-kbd"),
        ([("usb-A-event-kbd", "RFID"), ("usb-B-event-kbd", "Numeric Keypad")], "usb-B-event-kbd"),
        ([("usb-A-event-kbd", ""), ("usb-SIGMA_USB_NumPad-event-kbd", "")],
         "usb-SIGMA_USB_NumPad-event-kbd"),
    ],
)  # fmt: skip
def test_the_keyboard_that_is_called_a_keypad_is_taken_else_the_only_one(
    keyboards: list[tuple[str, str]], chosen: str
) -> None:
    assert find_keypad([(Path(path), name) for path, name in keyboards]) == Path(chosen)


@pytest.mark.parametrize(
    ("keyboards", "why"),
    [
        ([], "the keypad is not there; plug it in"),
        (["usb-A-event-kbd", "usb-B-event-kbd"], "the keypad cannot be read (2 devices may be it)"),
    ],
)
def test_no_keypad_or_one_of_many_is_a_fault_with_its_reason(
    keyboards: list[str], why: str, monkeypatch: pytest.MonkeyPatch, until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(evdev, "find_readers", lambda: [(Path(path), "") for path in keyboards])
    panel = KeypadPanel()
    faults = faults_of(panel)
    until(lambda: faults)
    panel.close()
    assert faults == [("keypad", "missing", False)]
    assert why in caplog.text


def test_a_keypads_self_test_sees_each_key_whatever_was_missing_before(
    fifo: Path, until: Until
) -> None:
    lines: list[str] = []
    passed: list[bool] = []
    test = threading.Thread(
        target=lambda: passed.append(run_keypad_test(fifo, seconds=60, say=lines.append))
    )
    test.start()
    with fifo.open("wb", buffering=0) as device:
        until(lambda: any("within 60 seconds" in line for line in lines))
        for button in (5, 4, 3, 2, 1):
            told = f"  nút / button {button}  "
            device.write(tap(PAD[button]))
            until(lambda: any(line.startswith(told) for line in lines))  # noqa: B023
            threading.Event().wait(0.03)
        test.join(20)
    assert passed == [True]
    assert lines[-1] == "All 5 inputs were seen."
    assert sum(line.endswith("-    -        1        0  thấy / seen") for line in lines) == 5


def test_a_keypad_that_is_not_there_fails_its_self_test_and_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    argv = ["selftest", "--keypad", str(tmp_path / "absent"), "--seconds", "0.5", "--protocol"]
    assert main(argv) == 1
    out = capsys.readouterr().out
    assert "LỖI: bàn phím số không dùng được" in out and "FAULT: keypad is missing" in out
    assert "bàn phím số / USB keypad" in out and "KHÔNG ĐẠT / failed" in out
    assert "absent is not there" in caplog.text
