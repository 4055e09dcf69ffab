"""The kiosk with a screen: the window as the core's front. Kivy is imported when it opens."""

from collections.abc import Callable
from typing import Literal

from kiosk.core import Core
from kiosk.ending import Ending, Restart
from kiosk.errors import KioskError
from kiosk.page import Page
from kiosk.screens.view import View
from kiosk.screens.window import NoDisplay, WindowHandle, run_window
from kiosk.watchdog import FEED_EVERY_S, Watchdog


class Windowed:
    """Stands where Headless would. Implements kiosk.screens.view.WindowEvents."""

    def __init__(
        self,
        core: Core,
        *,
        size: tuple[int, int] | None,
        fullscreen: bool,
        page: Page,
        keyboard_votes: bool,
    ) -> None:
        """With real buttons a keyboard does not vote: a badge reader might be one."""
        self._keyboard_votes = keyboard_votes
        self._core, self._size, self._fullscreen, self._page = core, size, fullscreen, page
        self._handle: WindowHandle | None = None
        self._ending = False
        self._restart = Restart(self.end)
        self.ending = Ending()

    def run(self, on_ready: Callable[[], None], watchdog: Watchdog) -> None:
        """Shows the window until it is closed; KioskError if there is no display."""

        def ready(handle: WindowHandle) -> None:
            self._handle = handle
            self._core.show_on(handle.show)
            if self._ending:
                handle.close()
            on_ready()
            handle.every(FEED_EVERY_S, watchdog.feed)
            handle.prepare(self._core.after_a_vote())

        try:
            run_window(
                first=self._core.view, events=self, size=self._size,
                fullscreen=self._fullscreen, on_ready=ready,
            )  # fmt: skip
        except NoDisplay as error:
            raise KioskError(str(error)) from None
        finally:
            self._restart.cancel()

    def quit(self) -> None:
        """Somebody ends the program: for good, whatever was planned."""
        self._restart.cancel()
        self.ending = Ending()
        self.end()

    def start_anew(self) -> None:
        """At once, as it was ordered; from any thread."""
        self.ending = Ending("ordered")
        self.end()

    def check_alive(self, answer: Callable[[], None]) -> None:
        """Calls back from the window's thread; not at all while there is no window."""
        if self._handle is not None:
            self._handle.ask(answer)

    def end(self) -> None:
        """Closes the window."""
        self._ending = True
        if self._handle is not None:
            self._handle.close()

    # WindowEvents, from the window's own thread

    def face(self, rating: int, via: Literal["touch", "keyboard"]) -> None:
        if via == "touch" or self._keyboard_votes:
            self._core.touch(rating, via)

    def touched(self) -> None:
        self._core.citizen.touched()

    def undo(self) -> None:
        self._core.citizen.undo()

    def reason(self, code: str, chosen: bool) -> None:
        self._core.citizen.reason(code, chosen)

    def done(self) -> None:
        self._core.citizen.finish("answered")

    def skip(self) -> None:
        self._core.citizen.finish("skipped")

    def dismiss(self) -> None:
        self._core.citizen.dismiss()

    def show_code(self, wanted: bool) -> None:
        self._core.citizen.show_code(wanted)

    def counter(self, code: str | None) -> None:
        self._core.citizen.choose_counter(code)

    def disown(self, wanted: bool) -> None:
        self._core.citizen.disown(wanted)

    def listen(self) -> None:
        self._core.citizen.listen()

    def locale(self, code: str) -> None:
        self._core.citizen.choose_locale(code)

    def open_sign_in(self) -> None:
        self._core.open("sign_in")

    def close_sign_in(self) -> None:
        self._core.close("sign_in")

    def sign_in(self, code: str, pin: str) -> None:
        self._core.sign_in(code, pin)

    def sign_out(self, pin: str) -> None:
        self._core.sign_out(pin)

    def place(self, place: str) -> None:
        self._core.choose_place(place)

    def close_place(self) -> None:
        self._core.close("place")

    def open_technician(self) -> None:
        self._core.open("technician")

    def close_technician(self) -> None:
        self._core.close("technician")

    def unlock(self, pin: str) -> None:
        self._core.unlock(pin)

    def self_test(self, wanted: bool) -> None:
        self._core.self_test(wanted)

    def light_lamps(self) -> None:
        self._page.light_lamps()

    def brightness(self, percent: int) -> None:
        self._page.set_brightness(percent)

    def ask_place(self) -> None:
        self._core.close("technician")
        self._core.open("place")

    def enrol(self, server: str, code: str) -> None:
        """Only an unlocked page has this key. The folder has to be free for it: end first."""
        self.ending = Ending("enrol", server, code)
        self.end()

    def failed(self) -> None:
        """The journal is whole and buttons go on; the program starts anew."""
        self._core.screen_failed()
        self.restart()

    def restart(self) -> None:
        """Soon; from any thread."""
        if self._restart.begin():
            self.ending = Ending("restart")

    def invite(self) -> None:
        if self._keyboard_votes:
            self._core.invite()

    def closed(self) -> None:
        self._core.show_on(_nowhere)


def _nowhere(_: View) -> None:
    """The window is gone."""
