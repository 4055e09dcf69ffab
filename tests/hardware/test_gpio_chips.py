"""Which chip is this machine's header, and what is said where there is none."""

import errno

import pytest

from hardware import gpiod_pins, pins
from hardware.gpio import GpioPanel
from hardware.gpiod_pins import find_chip
from hardware.panel import NoGpio
from hardware.wiring import USABLE_GPIOS, Wiring, parse_wiring
from tests.hardware.kernel_lines import CHIP, KernelChip, chips

WIRING = parse_wiring("[buttons]\n5 = 5\n4 = 6\n")


@pytest.mark.parametrize(
    ("labels", "header"),
    [
        ({"0": "pinctrl-bcm2711", "1": "raspberrypi-exp-gpio"}, "0"),
        ({"0": "pinctrl-bcm2835", "1": "raspberrypi-exp-gpio"}, "0"),
        ({"0": "pinctrl-rp1", "10": "gpio-brcmstb@107d508500"}, "0"),
        ({"0": "gpio-brcmstb@107d508500", "4": "pinctrl-rp1", "11": "gpio-brcmstb"}, "4"),
        ({"0": "INT34C6:00", "1": "pinctrl-simulated"}, "1"),
        ({"2": "pinctrl-other", "3": "pinctrl-bcm2711"}, "3"),
    ],
)
def test_the_header_is_found_by_its_label(
    monkeypatch: pytest.MonkeyPatch, labels: dict[str, str], header: str
) -> None:
    found = {f"/dev/gpiochip{n}": KernelChip(label) for n, label in labels.items()}
    monkeypatch.setattr(gpiod_pins.glob, "glob", lambda _: list(found))
    monkeypatch.setattr(gpiod_pins.gpiod, "Chip", chips(found))
    assert find_chip() == f"/dev/gpiochip{header}"


def test_a_named_chip_is_taken_whatever_its_label(
    chip: KernelChip, monkeypatch: pytest.MonkeyPatch
) -> None:
    chip.label = "gpio-sim.0-node0"
    monkeypatch.setenv("HAILONG_GPIOCHIP", "gpiochip0")
    with GpioPanel(WIRING) as panel:
        assert panel._factory.chip is chip


def test_a_machine_without_a_header_says_which_chips_it_has(
    chip: KernelChip, monkeypatch: pytest.MonkeyPatch
) -> None:
    chip.label = "INT34C6:00"
    monkeypatch.setattr(pins, "DRIVERS", pins.DRIVERS[:1])
    with pytest.raises(NoGpio, match=r"gpiod: no header among the chips INT34C6:00.*--panel keys"):
        GpioPanel(WIRING)


def test_chips_one_may_not_open_name_the_group(
    chip: KernelChip, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {CHIP: PermissionError(errno.EACCES, "Permission denied")}
    monkeypatch.setattr(gpiod_pins.gpiod, "Chip", chips(found))
    with pytest.raises(NoGpio, match="may not open /dev/gpiochip0, the group gpio may"):
        GpioPanel(WIRING)


def test_a_chip_that_is_not_there_is_named(
    chip: KernelChip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAILONG_GPIOCHIP", "gpiochip9")
    with pytest.raises(NoGpio, match="/dev/gpiochip9"):
        GpioPanel(WIRING)


def test_on_a_board_of_which_nothing_is_known_all_pins_of_a_header_can_be_had(
    chip: KernelChip, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> int:
        raise gpiod_pins.PinUnknownPi("unable to locate Pi revision")

    monkeypatch.setattr(gpiod_pins, "get_pi_revision", unknown)
    buttons, lamps = list(USABLE_GPIOS)[:5], dict(zip(range(1, 6), range(7, 12), strict=True))
    with GpioPanel(Wiring("x", dict(zip(range(1, 6), buttons, strict=True)), lamps=lamps)) as panel:
        assert panel._devices.faults == []
