"""How bright the display is, where Linux has a backlight for it (/sys/class/backlight)."""

import os
from pathlib import Path

from kiosk.errors import KioskError

FOLDER = Path("/sys/class/backlight")
DARKEST_PERCENT = 10
"""So that nobody dims a screen until it cannot be found again."""


class Backlight:
    """One display's backlight."""

    def __init__(self, place: Path) -> None:
        self._brightness = place / "brightness"
        self._full = int((place / "max_brightness").read_text("ascii"))
        if self._full <= 0:
            raise ValueError(f"{place} cannot be dimmed")

    def percent(self) -> int:
        """How bright it is, 0 to 100 percent. KioskError if it does not answer."""
        try:
            return round(100 * int(self._brightness.read_text("ascii")) / self._full)
        except (OSError, ValueError) as error:
            raise KioskError(f"The display does not tell how bright it is ({error}).") from None

    def set_percent(self, percent: int) -> None:
        """From DARKEST_PERCENT to 100; what lies outside is taken as the nearest of these.
        KioskError if it cannot be written."""
        percent = min(100, max(DARKEST_PERCENT, percent))
        try:
            self._brightness.write_text(str(max(1, round(self._full * percent / 100))), "ascii")
        except OSError as error:
            raise KioskError(f"The display cannot be dimmed ({error}).") from None


def find_backlight(folder: Path = FOLDER) -> Backlight | None:
    """The first backlight that may be written; None if there is none."""
    for place in sorted(folder.glob("*")):
        try:
            if os.access(place / "brightness", os.W_OK):
                return Backlight(place)
        except (OSError, ValueError):
            continue
    return None
