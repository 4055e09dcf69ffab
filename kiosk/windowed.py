"""The kiosk with a screen: the window as the core's front. Kivy is imported when it opens."""

from collections.abc import Callable
from typing import Literal

from kiosk.core import Core
from kiosk.errors import KioskError
from kiosk.screens.view import View
from kiosk.screens.window import NoDisplay, WindowHandle, run_window


class Windowed:
    """Stands where Headless would. Implements kiosk.screens.view.WindowEvents."""

    def __init__(self, core: Core, *, size: tuple[int, int] | None, fullscreen: bool) -> None:
        self._core, self._size, self._fullscreen = core, size, fullscreen
        self._handle: WindowHandle | None = None
        self._ending = False

    def run(self, on_ready: Callable[[], None]) -> None:
        """Shows the window until it is closed; KioskError if there is no display."""

        def ready(handle: WindowHandle) -> None:
            self._handle = handle
            self._core.show_on(handle.show)
            if self._ending:
                handle.close()
            on_ready()

        try:
            run_window(
                first=self._core.view, events=self, size=self._size,
                fullscreen=self._fullscreen, on_ready=ready,
            )  # fmt: skip
        except NoDisplay as error:
            raise KioskError(str(error)) from None

    def end(self) -> None:
        """Closes the window."""
        self._ending = True
        if self._handle is not None:
            self._handle.close()

    # WindowEvents, from the window's own thread

    def face(self, rating: int, via: Literal["touch", "keyboard"]) -> None:
        self._core.touch(rating, via)

    def undo(self) -> None:
        self._core.undo()

    def locale(self, code: str) -> None:
        self._core.choose_locale(code)

    def open_sign_in(self) -> None:
        self._core.show_sign_in(True)

    def close_sign_in(self) -> None:
        self._core.show_sign_in(False)

    def sign_in(self, code: str, pin: str) -> None:
        self._core.sign_in(code, pin)

    def sign_out(self) -> None:
        self._core.sign_out()

    def closed(self) -> None:
        self._core.show_on(_nowhere)


def _nowhere(_: View) -> None:
    """The window is gone."""
