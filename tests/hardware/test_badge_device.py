"""The badge reader on a real evdev device, which the kernel makes for us (uinput)."""

import errno
import fcntl
import logging
import os
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware import evdev
from hardware.badge import BadgeReader
from hardware.evdev import EVIOCGRAB
from hardware.typed import CHARACTERS, EVENT

Until = Callable[[Callable[[], object]], None]

UINPUT = Path("/dev/uinput")
# linux/uinput.h
UI_DEV_CREATE, UI_DEV_DESTROY = 0x5501, 0x5502
UI_DEV_SETUP = 0x405C_5503  # _IOW('U', 3, struct uinput_setup)
UI_SET_EVBIT, UI_SET_KEYBIT = 0x4004_5564, 0x4004_5565
UI_GET_SYSNAME_64 = 0x8040_552C
SETUP = struct.Struct("HHHH80sI")  # bus, vendor, product, version, name, force feedback
BUS_USB = 3
ENTER, SHIFT = 28, 42
KEYS = {c: (code, shift) for code, pair in CHARACTERS.items() for shift, c in enumerate(pair)}

pytestmark = pytest.mark.skipif(
    not os.access(UINPUT, os.R_OK | os.W_OK),
    reason="this machine has no /dev/uinput that may be opened",
)


class VirtualReader:
    """A USB badge reader that exists in the kernel only."""

    def __init__(self) -> None:
        self._pause_s = 0.0
        self._fd = os.open(UINPUT, os.O_WRONLY | os.O_CLOEXEC)
        fcntl.ioctl(self._fd, UI_SET_EVBIT, 1)  # EV_KEY
        for code in (*CHARACTERS, ENTER, SHIFT):
            fcntl.ioctl(self._fd, UI_SET_KEYBIT, code)
        setup = SETUP.pack(BUS_USB, 0x1234, 0x5678, 1, b"Hai Long virtual reader", 0)
        fcntl.ioctl(self._fd, UI_DEV_SETUP, setup)
        fcntl.ioctl(self._fd, UI_DEV_CREATE)
        name = fcntl.ioctl(self._fd, UI_GET_SYSNAME_64, bytes(64)).rstrip(b"\0").decode()
        self._folder = Path("/sys/class/input") / name

    def device(self) -> Path | None:
        """Its file, as soon as that exists."""
        for folder in self._folder.glob("event*"):
            if os.access(found := Path("/dev/input") / folder.name, os.R_OK):
                return found
        return None

    def type(self, text: str, pause_s: float = 0.002) -> None:
        """Types the text and Enter, with shift where it takes it, no faster than USB reports."""
        self._pause_s = pause_s
        for character in text:
            code, shift = KEYS[character]
            if shift:
                self._key(SHIFT, 1)
            self._key(code, 1)
            self._key(code, 0)
            if shift:
                self._key(SHIFT, 0)
        self._key(ENTER, 1)
        self._key(ENTER, 0)

    def unplug(self) -> None:
        fcntl.ioctl(self._fd, UI_DEV_DESTROY)
        os.close(self._fd)

    def _key(self, code: int, value: int) -> None:
        os.write(self._fd, EVENT.pack(0, 0, 1, code, value) + EVENT.pack(0, 0, 0, 0, 0))
        if self._pause_s:
            threading.Event().wait(self._pause_s)


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lasting name of the reader, as udev keeps it in by-id."""
    monkeypatch.setattr(evdev, "LOOK_S", 0.02)
    return tmp_path / "usb-Reader-event-kbd"


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def reader(named: Path, told: list[str], caplog: pytest.LogCaptureFixture) -> Iterator[BadgeReader]:
    """Looks for the device from the start."""
    caplog.set_level(logging.INFO)
    reader = BadgeReader(named, told.append)
    reader.start()
    yield reader
    reader.stop()


@pytest.fixture
def plug_in(named: Path, until: Until) -> Iterator[Callable[[], VirtualReader]]:
    plugged = []

    def plug() -> VirtualReader:
        virtual = VirtualReader()
        plugged.append(virtual)
        until(virtual.device)
        named.unlink(missing_ok=True)
        named.symlink_to(virtual.device())
        return virtual

    yield plug
    for virtual in plugged[-1:]:
        virtual.unplug()


def grabbed(device: Path) -> bool:
    """Whether somebody keeps this device for himself."""
    with device.open("rb", buffering=0) as other:
        try:
            fcntl.ioctl(other, EVIOCGRAB, 1)
        except OSError as e:
            assert e.errno == errno.EBUSY
            return True
        return False


def times_found(caplog: pytest.LogCaptureFixture) -> int:
    """How often the log says that the reader is read, and kept from the consoles."""
    return sum(record.getMessage().endswith("is read") for record in caplog.records)


def test_a_badge_comes_out_and_nobody_else_may_read_it(
    plug_in: Callable[[], VirtualReader],
    reader: BadgeReader,
    told: list[str],
    named: Path,
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    virtual = plug_in()
    until(lambda: times_found(caplog) == 1)
    assert grabbed(named)
    virtual.type("CB-0101:Xa/7_a=b+c. d")
    virtual.type("0004711")
    until(lambda: len(told) == 2)
    assert told == ["CB-0101:Xa/7_a=b+c. d", "0004711"]
    reader.stop()
    assert not grabbed(named)


def test_it_may_be_unplugged_in_the_middle_of_a_badge_and_plugged_in_again(
    plug_in: Callable[[], VirtualReader],
    reader: BadgeReader,
    told: list[str],
    named: Path,
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = plug_in()
    until(lambda: times_found(caplog) == 1)
    first.type("1")
    first._key(3, 1)
    until(lambda: told == ["1"])
    first.unplug()
    threading.Event().wait(0.1)
    second = plug_in()
    until(lambda: times_found(caplog) == 2)
    assert grabbed(named)
    second.type("34")
    until(lambda: len(told) == 2)
    assert told == ["1", "34"]


def test_a_text_too_fast_for_the_kernels_buffer_is_whole_or_nothing(
    plug_in: Callable[[], VirtualReader],
    reader: BadgeReader,
    told: list[str],
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    virtual = plug_in()
    until(lambda: times_found(caplog) == 1)
    burst = "0123456789" * 12
    for _ in range(20):
        virtual.type(burst, pause_s=0)
    until(lambda: (virtual.type("34"), "34" in told)[1])
    assert set(told) <= {burst, "34"}
