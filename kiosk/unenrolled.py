"""A device that no server knows yet: it asks for its enrolment and takes no votes."""

import logging
import os
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.clock import Clock
from kiosk.closed import Closed
from kiosk.ending import Ending
from kiosk.enrolling import enrol, is_enrolled
from kiosk.errors import KioskError
from kiosk.folder import is_held
from kiosk.journal_file import Journal
from kiosk.locale import load_catalogues
from kiosk.screens.view import BLANK, Technician, View
from kiosk.screens.window import WindowHandle
from kiosk.showing import DEFAULT_ZONE
from kiosk.technician import Facts, Running, gather_facts

LOOK_S = 2.0
SENTENCE = "HAILONG_SENTENCE"  # a file whose sentence the screen shows: see deploy/pi
_log = logging.getLogger(__name__)


def run_unenrolled(folder: Path, *, size: tuple[int, int] | None, fullscreen: bool) -> Ending:
    """Shows the window until the device is enrolled or the window closed. KioskError if there is
    no display."""
    return _Unenrolled(folder).run(size=size, fullscreen=fullscreen)


class _Unenrolled(Closed):
    """The technician's page needs no PIN here: there is nothing to see and nothing to lose."""

    status = "Waits for its enrolment."

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._open = self._busy = False
        self._message = self._said = ""

    def open_technician(self) -> None:
        self._open = True
        self._show()

    def close_technician(self) -> None:
        self._open, self._message = False, ""
        self._show()

    def enrol(self, server: str, code: str) -> None:
        if not self._busy:
            self._busy, self._message = True, ""
            self._show()
            threading.Thread(target=self._enrol, args=(server, code), daemon=True).start()

    def _enrol(self, server: str, code: str) -> None:
        try:
            row = enrol(self._folder, url=server, code=code)
        except (KioskError, OSError) as error:
            _log.error("not enrolled: %s", error)
            words = load_catalogues()[self._locale]
            self._busy = False
            self._message = words["technician.not_enrolled"].format(why=error)
            self._show()
            return
        _log.info("enrolled as %s", row.kiosk)
        self._ending = Ending("enrolled")
        self._close()

    def _ready(self, handle: WindowHandle) -> None:
        super()._ready(handle)
        handle.every(LOOK_S, self._look)

    def _look(self) -> None:
        """Whether another process has enrolled the folder meanwhile, and is done with it."""
        self._hear()
        if self._busy or is_held(self._folder):
            return
        try:
            enrolled = is_enrolled(self._folder)
        except KioskError:  # half made: the next start mends it
            return
        if enrolled:
            self._ending = Ending("enrolled")
            self._close()

    def _hear(self) -> None:
        """What the prepared card has to say: why this unit is not enrolled yet."""
        try:
            said = Path(os.environ[SENTENCE]).read_text("utf-8").strip()
        except (KeyError, OSError, UnicodeDecodeError):
            return
        if said != self._said:
            self._said = self._message = said
            self._show()

    def _view(self) -> View:
        locales = tuple(load_catalogues())
        view = replace(
            BLANK, state="needs_enrolment", locale=self._locale, locales=locales,
            message=self._message,
        )  # fmt: skip
        if not self._open:
            return view
        page = Technician(unlocked=True, facts=self._facts(), busy=self._busy)
        return replace(view, state="technician", technician=page)

    def _facts(self) -> Facts:
        """With the key of a journal that was refused: the administrator compares it."""
        words = load_catalogues()[self._locale]
        running = Running(
            at=Clock().read(), zone=ZoneInfo(DEFAULT_ZONE), version=version("hailong")
        )
        try:
            with closing(Journal(self._folder)) as journal:
                return gather_facts(self._folder, journal, running, words)
        except (KioskError, sqlite3.Error):  # none yet, or half made
            return gather_facts(self._folder, None, running, words)
