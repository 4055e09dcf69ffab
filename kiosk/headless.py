"""The same kiosk without a screen: buttons, lamps and sound until somebody ends it."""

import threading
from collections.abc import Callable

from kiosk.ending import Ending, Restart
from kiosk.watchdog import FEED_EVERY_S, Watchdog


class Headless:
    """Stands where the window would: keeps the main thread until `end`."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._restart = Restart(self.end)
        self.ending = Ending()

    def end(self) -> None:
        """Lets `run` return. From any thread."""
        self._ended.set()

    def quit(self) -> None:
        """Somebody ends the program: for good, whatever was planned."""
        self._restart.cancel()
        self.ending = Ending()
        self.end()

    def restart(self) -> None:
        """Soon; from any thread."""
        if self._restart.begin():
            self.ending = Ending("restart")

    def start_anew(self) -> None:
        """At once, as it was ordered; from any thread."""
        self.ending = Ending("ordered")
        self.end()

    def check_alive(self, answer: Callable[[], None]) -> None:
        """There is no screen that could be asked."""

    def run(self, on_ready: Callable[[], None], watchdog: Watchdog) -> None:
        """Calls `on_ready`, then blocks until `end`."""
        on_ready()
        while not self._ended.wait(FEED_EVERY_S):
            watchdog.feed()
        self._restart.cancel()
