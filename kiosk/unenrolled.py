"""A device that no server knows yet: it asks for its enrolment and takes no votes."""

import logging
import threading
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.clock import Clock
from kiosk.ending import RESTART_AFTER_S, Ending
from kiosk.enrolling import enrol
from kiosk.errors import KioskError
from kiosk.locale import SOURCE, load_catalogues
from kiosk.screens.view import BLANK, Nobody, Technician, View
from kiosk.screens.window import NoDisplay, WindowHandle, run_window
from kiosk.showing import DEFAULT_ZONE
from kiosk.technician import Running, gather_facts

_log = logging.getLogger(__name__)


def run_unenrolled(folder: Path, *, size: tuple[int, int] | None, fullscreen: bool) -> Ending:
    """Shows the window until the device is enrolled or the window closed. KioskError if there is
    no display."""
    return _Unenrolled(folder).run(size=size, fullscreen=fullscreen)


class _Unenrolled(Nobody):
    """The technician's page needs no PIN here: there is nothing to see and nothing to lose."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle: WindowHandle | None = None
        self._ending = Ending()
        self._locale = SOURCE
        self._open = self._busy = False
        self._message = ""

    def run(self, *, size: tuple[int, int] | None, fullscreen: bool) -> Ending:
        events: Any = self
        try:
            run_window(first=self._view(), events=events, size=size, fullscreen=fullscreen,
                       on_ready=self._ready)  # fmt: skip
        except NoDisplay as error:
            raise KioskError(str(error)) from None
        return self._ending

    def locale(self, code: str) -> None:
        self._locale = code
        self._show()

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

    def failed(self) -> None:
        """A screen failed: the program starts again."""
        self._ending = Ending("restart")
        threading.Timer(RESTART_AFTER_S, self._close).start()

    def _close(self) -> None:
        if self._handle is not None:
            self._handle.close()

    def _ready(self, handle: WindowHandle) -> None:
        self._handle = handle

    def _show(self) -> None:
        if self._handle is not None:
            self._handle.show(self._view())

    def _view(self) -> View:
        locales = tuple(load_catalogues())
        view = replace(
            BLANK, state="needs_enrolment", locale=self._locale, locales=locales,
            message=self._message,
        )  # fmt: skip
        if not self._open:
            return view
        running = Running(
            at=Clock().read(), zone=ZoneInfo(DEFAULT_ZONE), version=version("hailong")
        )
        facts = gather_facts(self._folder, None, running, load_catalogues()[self._locale])
        page = Technician(unlocked=True, facts=facts, busy=self._busy)
        return replace(view, state="technician", technician=page)
