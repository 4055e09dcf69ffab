"""Which panel this unit has, by kiosk.toml or the command line; touch where that fails."""

import logging
from pathlib import Path
from typing import Literal

from hardware.gpio import GpioPanel
from hardware.panel import HardwareError, Panel
from hardware.simulated import open_simulated
from hardware.wiring import READY_MADE, load_wiring
from kiosk.config import PanelHere, Settings

PanelKind = PanelHere | Literal["keys", "stdin", "crowd"]
_log = logging.getLogger(__name__)


def open_panel_or_touch(
    kind: PanelKind, folder: Path, settings: Settings, *, headless: bool
) -> Panel:
    """The panel; where there is a screen, faces can be touched even if no button works."""
    try:
        return open_panel(kind, folder, settings)
    except HardwareError as error:
        if headless:
            raise
        _log.error("%s The faces on the screen still take votes.", error)
        from hardware.absent import AbsentPanel

        return AbsentPanel(str(error))


def open_panel(kind: PanelKind, folder: Path, settings: Settings) -> Panel:
    """What citizens press, of this kind. HardwareError if it cannot be had."""
    if kind == "touch":
        from hardware.absent import AbsentPanel

        return AbsentPanel(None)
    if kind == "keypad":
        from hardware.keypad import KeypadPanel

        return KeypadPanel(settings.keypad)
    named = settings.wiring
    wiring = load_wiring(named if named is None or named in READY_MADE else folder / named)
    return GpioPanel(wiring) if kind == "gpio" else open_simulated(kind, wiring)
