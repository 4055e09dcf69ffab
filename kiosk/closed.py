"""A window that takes no votes: the device is not enrolled yet, or cannot go on."""

import threading
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from kiosk.ending import RESTART_AFTER_S, Ending
from kiosk.errors import KioskError
from kiosk.locale import SOURCE
from kiosk.notify import tell_ready
from kiosk.screens.view import Nobody, View
from kiosk.screens.window import NoDisplay, WindowHandle, run_window
from kiosk.watchdog import FEED_EVERY_S, Watchdog


class Closed(Nobody, ABC):
    """One screen, and a language key; whoever derives from it says what is shown."""

    status = ""  # for the service manager

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle: WindowHandle | None = None
        self._ending = Ending()
        self._locale = SOURCE

    def run(self, *, size: tuple[int, int] | None, fullscreen: bool) -> Ending:
        """Shows the window until it is closed. KioskError if there is no display."""
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

    def failed(self) -> None:
        """A screen failed: the program starts again."""
        self._ending = Ending("restart")
        threading.Timer(RESTART_AFTER_S, self._close).start()

    def _close(self) -> None:
        if self._handle is not None:
            self._handle.close()

    def _ready(self, handle: WindowHandle) -> None:
        self._handle = handle
        handle.every(FEED_EVERY_S, Watchdog().feed)
        tell_ready(self.status)

    def _show(self) -> None:
        if self._handle is not None:
            self._handle.show(self._view())

    @abstractmethod
    def _view(self) -> View:
        """What is shown now."""
