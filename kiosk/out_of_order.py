"""What a unit shows that cannot start: out of order, in its own words. It touches no journal."""

from dataclasses import replace
from pathlib import Path

from kiosk.closed import Closed
from kiosk.config import CONFIG_FILE, vouched
from kiosk.identity import recall
from kiosk.locale import load_catalogues
from kiosk.screens.view import BLANK, View
from protocol.configuration import Config


def run_out_of_order(folder: Path, *, size: tuple[int, int] | None, fullscreen: bool) -> None:
    """Shows the window until the program is ended. KioskError if there is no display."""
    _OutOfOrder(folder).run(size=size, fullscreen=fullscreen)


class _OutOfOrder(Closed):
    status = "Out of order: the kiosk did not start; the cause is in its log."

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._config = _held(folder)

    def _view(self) -> View:
        view = replace(BLANK, state="out_of_order", locale=self._locale,
                       locales=tuple(load_catalogues()))  # fmt: skip
        if self._config is None:
            return view
        return replace(view, unit=self._config.unit.name, rate_qr=self._config.rate_url)


def _held(folder: Path) -> Config | None:
    """The configuration, if it can be had without the journal."""
    known = recall(folder)
    try:
        body = (folder / CONFIG_FILE).read_bytes()
    except OSError:
        return None
    held = vouched(body, known.notes, known) if known else None
    return held.config if held else None
