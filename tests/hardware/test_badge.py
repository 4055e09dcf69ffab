"""The badge reader on real files: a FIFO that speaks the kernel's bytes, and what is no reader."""

import os
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware import badge, evdev
from hardware.__main__ import main
from hardware.badge import BadgeReader
from hardware.evdev import find_readers

Until = Callable[[Callable[[], object]], None]
AGAIN = (
    "; plug it in or name another of those that `hailong-hardware readers` lists; "
    "it is looked for again"
)
CODES = {"1": 2, "2": 3, "3": 4, "4": 5, "\n": 28}


def taps(text: str) -> bytes:
    return b"".join(
        struct.pack("llHHi", 0, 0, 1, CODES[c], value) + struct.pack("llHHi", 0, 0, 0, 0, 0)
        for c in text
        for value in (1, 0)
    )


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evdev, "LOOK_S", 0.01)


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "reader"
    os.mkfifo(path)
    return path


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def read(told: list[str]) -> Iterator[Callable[..., BadgeReader]]:
    """Starts readers, and stops them in the end."""
    started = []

    def start(
        device: Path, on_badge: Callable[[str], None] = told.append, **options: bool
    ) -> BadgeReader:
        reader = BadgeReader(device, on_badge, **options)
        reader.start()
        started.append(reader)
        return reader

    yield start
    for reader in started:
        reader.stop()


def test_a_text_up_to_its_enter_is_told_however_the_bytes_are_cut(
    read: Callable[..., BadgeReader], fifo: Path, told: list[str], until: Until
) -> None:
    read(fifo)
    with fifo.open("wb", buffering=0) as device:
        data = taps("1234\n43\n1")
        for i in range(0, len(data), 7):
            device.write(data[i : i + 7])
        until(lambda: len(told) == 2)
        device.write(taps("2\n"))
        until(lambda: len(told) == 3)
    assert told == ["1234", "43", "12"]


def test_a_device_that_cannot_be_grabbed_is_read_all_the_same_and_said_once(
    read: Callable[..., BadgeReader],
    fifo: Path,
    told: list[str],
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    read(fifo)
    with fifo.open("wb", buffering=0) as device:
        device.write(taps("12\n"))
        until(lambda: told)
    (record,) = caplog.records
    assert "cannot be kept from typing elsewhere" in record.getMessage()
    assert "12" not in caplog.text.replace(str(fifo), "")


def test_a_pause_ends_a_text_where_that_is_switched_on(
    read: Callable[..., BadgeReader],
    fifo: Path,
    told: list[str],
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(badge, "PAUSE_S", 0.02)
    read(fifo, by_pause=True)
    with fifo.open("wb", buffering=0) as device:
        device.write(taps("12"))
        until(lambda: told == ["12"])
        device.write(taps("34\n"))
        until(lambda: told == ["12", "34"])


def test_without_that_a_pause_ends_nothing(
    read: Callable[..., BadgeReader],
    fifo: Path,
    told: list[str],
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(badge, "PAUSE_S", 0.001)
    read(fifo)
    with fifo.open("wb", buffering=0) as device:
        device.write(taps("12"))
        threading.Event().wait(0.05)
        device.write(taps("34\n"))
        until(lambda: told)
    assert told == ["1234"]


def test_half_a_text_without_its_enter_is_forgotten_before_the_next_badge(
    read: Callable[..., BadgeReader],
    fifo: Path,
    told: list[str],
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(badge, "FORGET_S", 0.02)
    read(fifo)
    with fifo.open("wb", buffering=0) as device:
        device.write(taps("12"))
        threading.Event().wait(0.2)
        device.write(taps("34\n"))
        until(lambda: told)
    assert told == ["34"]


def test_a_reader_that_is_unplugged_and_comes_back_is_read_again_and_forgets_the_half_text(
    read: Callable[..., BadgeReader], fifo: Path, told: list[str], until: Until
) -> None:
    read(fifo)
    with fifo.open("wb", buffering=0) as device:
        device.write(taps("1\n2"))
        until(lambda: told == ["1"])
    fifo.unlink()
    threading.Event().wait(0.05)
    os.mkfifo(fifo)
    with fifo.open("wb", buffering=0) as device:
        device.write(taps("34\n"))
        until(lambda: told == ["1", "34"])


def test_a_reader_that_is_absent_is_said_once_and_found_when_it_comes(
    read: Callable[..., BadgeReader],
    tmp_path: Path,
    told: list[str],
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "late"
    read(path)
    until(lambda: caplog.records)
    threading.Event().wait(0.1)  # ten looks
    assert [r.getMessage() for r in caplog.records] == [
        f"the badge reader {path} is not there{AGAIN}"
    ]
    os.mkfifo(path)
    with path.open("wb", buffering=0) as device:
        device.write(taps("1\n"))
        until(lambda: told)


@pytest.mark.parametrize("what", ["a folder", "a text file"])
def test_what_is_no_device_is_said_once_and_never_read(
    read: Callable[..., BadgeReader],
    tmp_path: Path,
    told: list[str],
    until: Until,
    caplog: pytest.LogCaptureFixture,
    what: str,
) -> None:
    path = tmp_path / "odd"
    if what == "a folder":
        path.mkdir()
    else:
        path.write_bytes(taps("12\n"))
    read(path)
    until(lambda: caplog.records)
    threading.Event().wait(0.1)
    assert [r.getMessage() for r in caplog.records] == [
        f"the badge reader {path} cannot be read (it is no input device){AGAIN}"
    ]
    assert told == []


def test_whoever_fails_on_a_badge_does_not_end_the_reader(
    read: Callable[..., BadgeReader],
    fifo: Path,
    told: list[str],
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail_once(text: str) -> None:
        told.append(text)
        if len(told) == 1:
            raise SystemExit("nobody of that name")

    read(fifo, fail_once)
    with fifo.open("wb", buffering=0) as device:
        device.write(taps("1\n2\n"))
        until(lambda: told == ["1", "2"])
    assert "nobody of that name" in caplog.text


def test_a_reader_unplugged_in_use_is_said_once_with_the_remedy_each_time_it_happens(
    read: Callable[..., BadgeReader],
    fifo: Path,
    told: list[str],
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def times_missing() -> int:
        return sum("is not there" in r.getMessage() for r in caplog.records)

    read(fifo)
    for n in (1, 2):
        with fifo.open("wb", buffering=0) as device:
            device.write(taps("1\n"))
            until(lambda: len(told) == n)  # noqa: B023  (called before the next round)
            fifo.unlink()
        until(lambda: times_missing() == n)  # noqa: B023
        threading.Event().wait(0.05)  # some looks
        assert times_missing() == n
        os.mkfifo(fifo)
    assert f"the badge reader {fifo} is not there{AGAIN}" in caplog.messages


def test_stopping_twice_or_unstarted_or_from_a_badge_leaves_no_file_open(
    fifo: Path, until: Until
) -> None:
    def open_files() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = open_files()
    unstarted = BadgeReader(fifo, print)
    unstarted.stop()
    unstarted.stop()
    reader = BadgeReader(fifo, lambda _: reader.stop())
    reader.start()
    with fifo.open("wb", buffering=0) as device:
        device.write(taps("1\n"))
        until(lambda: not reader._thread.is_alive())
    reader.stop()
    assert open_files() == before


def test_readers_are_listed_with_the_names_that_the_kernel_knows(
    tmp_path: Path,
) -> None:
    by_id, classes = tmp_path / "by-id", tmp_path / "class"
    by_id.mkdir()
    (classes / "event3/device").mkdir(parents=True)
    (classes / "event3/device/name").write_text("HID 13ba:0018\n")
    (by_id / "usb-Barcode-event-kbd").symlink_to("../event3")
    (by_id / "usb-Nameless-event-kbd").symlink_to("../event4")
    (by_id / "usb-Mouse-event-mouse").symlink_to("../event5")
    assert find_readers(by_id, classes) == [
        (by_id / "usb-Barcode-event-kbd", "HID 13ba:0018"),
        (by_id / "usb-Nameless-event-kbd", ""),
    ]
    assert find_readers(tmp_path / "none", classes) == []


def test_the_shell_lists_readers_or_says_that_there_are_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evdev, "find_readers", lambda: [(Path("/dev/x-event-kbd"), "Quét mã")])
    assert main(["readers"]) == 0
    assert capsys.readouterr().out == "/dev/x-event-kbd  Quét mã\n"
    monkeypatch.setattr(evdev, "find_readers", lambda: [])
    assert main(["readers"]) == 0
    assert capsys.readouterr() == ("", "No USB keyboard or reader is plugged in.\n")
