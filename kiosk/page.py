"""The technician's page of a running kiosk: its facts, looked up while it is open."""

import logging
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from hardware.panel import Panel
from kiosk.backlight import find_backlight
from kiosk.clock import Clock
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.journal_file import Journal
from kiosk.locale import SOURCE, Words, load_catalogues
from kiosk.screens.view import Technician
from kiosk.showing import Counter
from kiosk.technician import Running, gather_facts, signed_head
from kiosk.voice import Voice

_log = logging.getLogger(__name__)


class Page:
    """Everything that the technician may see and set; it has no place for votes."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        clock: Clock,
        *,
        voice: Voice,
        panel: Panel,
        contact_ms: Callable[[], int | None],
        faults: Callable[[], tuple[tuple[str, str], ...]] = tuple,
        counter: Counter,
        config: int | None,
    ) -> None:
        self._folder, self._settings, self._clock = folder, settings, clock
        self._voice, self._panel, self._contact_ms = voice, panel, contact_ms
        self._faults = faults
        self._counter, self._config = counter, config
        self._backlight = find_backlight()

    def set_counter(self, counter: Counter, config: int) -> None:
        """A new configuration and its version."""
        self._counter, self._config = counter, config

    def look(self, locale: str) -> Technician:
        """The page as of now; slow parts of the machine cost some milliseconds."""
        journal = Journal(self._folder)  # of this thread
        try:
            return self._read(journal, locale)
        finally:
            journal.close()

    def light_lamps(self) -> None:
        """All lamps and the sound, once."""
        self._panel.acknowledge()
        self._panel.beep()

    def set_brightness(self, percent: int) -> None:
        """Of the display, where it can be dimmed."""
        if self._backlight is None:
            return
        try:
            self._backlight.set_percent(percent)
        except KioskError as error:
            _log.warning("%s", error)

    def _read(self, journal: Journal, locale: str) -> Technician:
        words = load_catalogues().get(locale) or load_catalogues()[SOURCE]
        running = Running(
            at=self._clock.read(), zone=self._counter.zone, version=version("hailong"),
            server=self._settings.server, contact_ms=self._contact_ms(), config=self._config,
            voice=self._voices(words), faults=self._faults(),
            reserve_bytes=self._settings.reserve_bytes,
        )  # fmt: skip
        return Technician(
            facts=gather_facts(self._folder, journal, running, words),
            buttons=self._panel.buttons,
            head_qr=signed_head(self._folder, journal).decode(),
            checkpoint_qr=(journal.log.row().checkpoint or b"").decode(),
            brightness=self._percent(),
        )

    def _voices(self, words: Words) -> str:
        """How each language is heard, such as "vi: recorded, en: machine stand-in"."""
        question, counter = self._counter.config.question, self._counter
        reports = {c: self._voice.report(c, question=question.get(c, "")) for c in counter.locales}
        return ", ".join(f"{code}: {words[f'facts.voice_{how}']}" for code, how in reports.items())

    def _percent(self) -> int | None:
        if self._backlight is None:
            return None
        try:
            return self._backlight.percent()
        except KioskError:
            return None
