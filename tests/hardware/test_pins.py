"""The machine's own header: with it, without it, and with a driver that misbehaves."""

import errno
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from hardware import pins
from hardware.gpio import GpioPanel
from hardware.panel import NoGpio


def chips(monkeypatch: pytest.MonkeyPatch, *paths: Path) -> None:
    monkeypatch.setattr(pins.glob, "glob", lambda _: [str(p) for p in paths])


def test_without_gpio_the_sentence_names_each_commands_way_without_a_pi(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chips(monkeypatch)
    with pytest.raises(NoGpio, match="selftest --simulated") as refusal:
        GpioPanel()
    assert "hailong-kiosk run --panel keys" in str(refusal.value)
    assert str(refusal.value).count(". ") == 0


def test_a_chip_that_is_no_pi_is_told_with_the_drivers_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chips(monkeypatch, tmp_path / "gpiochip0")

    def fail() -> None:
        raise RuntimeError("unable to locate Pi revision")

    monkeypatch.setattr(pins, "DRIVERS", [("lgpio", fail)])
    with pytest.raises(NoGpio, match=r"lgpio: unable to locate Pi revision.*--panel keys"):
        pins.open_pins()


def test_a_chip_one_may_not_open_names_the_group_and_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chips(monkeypatch, tmp_path)

    def refuse() -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/dev/gpiochip4")

    def not_asked() -> None:
        raise AssertionError("another driver may not open it either")

    monkeypatch.setattr(pins, "DRIVERS", [("gpiod", refuse), ("lgpio", not_asked)])
    with pytest.raises(NoGpio, match="group gpio") as refusal:
        pins.open_pins()
    user = pwd.getpwuid(os.geteuid()).pw_name
    assert "/dev/gpiochip4" in str(refusal.value)
    assert f"`sudo usermod -aG gpio {user}`" in str(refusal.value)


def test_the_first_driver_that_works_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chips(monkeypatch, tmp_path)

    def missing() -> None:
        raise ModuleNotFoundError("No module named 'gpiod'")

    monkeypatch.setattr(pins, "DRIVERS", [("gpiod", missing), ("lgpio", lambda: "factory")])
    assert pins.open_pins() == "factory"


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="lgpio has no wheel for it")
def test_the_real_lgpio_neither_moves_the_process_nor_litters_its_folder(tmp_path: Path) -> None:
    code = (
        "import os\nfrom hardware.pins import _open_lgpio\n"
        "try: _open_lgpio()\nexcept Exception as e: print(type(e).__name__)\n"
        "print(os.getcwd()); print(os.environ['LG_WD'])"
    )
    environ = {k: v for k, v in os.environ.items() if k not in ("LG_WD", "RUNTIME_DIRECTORY")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environ,
        check=True,
        capture_output=True,
        text=True,
    )
    *_, cwd, lgpio_folder = done.stdout.splitlines()
    assert cwd == str(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not Path(lgpio_folder).exists()  # removed at exit
