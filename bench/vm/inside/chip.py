"""A chip of the kernel's gpio-sim: lines that are pulled by files, as a contact or wire would."""

import os
from pathlib import Path

CONFIG = Path("/sys/kernel/config/gpio-sim")
LINES = 54  # of the BCM2711 in a Raspberry Pi 4
LABEL = "pinctrl-bcm2711"


class Chip:
    """Makes the chip, or takes the one that is there."""

    def __init__(self) -> None:
        bank = CONFIG / "kiosk" / "bank0"
        if not bank.exists():
            bank.mkdir(parents=True)
            (bank / "num_lines").write_text(str(LINES))
            (bank / "label").write_text(LABEL)
            (bank.parent / "live").write_text("1")
        device = (bank.parent / "dev_name").read_text().strip()
        name = (bank / "chip_name").read_text().strip()
        self.path = f"/dev/{name}"
        self._lines = Path(f"/sys/devices/platform/{device}/{name}")
        self._pulls: dict[int, int] = {}

    def pull(self, gpio: int, *, up: bool) -> None:
        """Pulls a line: down is a closed contact to ground, up an open one."""
        if gpio not in self._pulls:
            self._pulls[gpio] = os.open(self._lines / f"sim_gpio{gpio}/pull", os.O_WRONLY)
        os.pwrite(self._pulls[gpio], b"pull-up" if up else b"pull-down", 0)

    def is_high(self, gpio: int) -> bool:
        """The line's level, driven by whoever has it as an output."""
        return (self._lines / f"sim_gpio{gpio}/value").read_text().strip() == "1"
