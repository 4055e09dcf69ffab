"""The same kiosk without a screen: buttons, lamps and sound until somebody ends it."""

import threading
from collections.abc import Callable

from kiosk.ending import Ending


class Headless:
    """Stands where the window would: keeps the main thread until `end`."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self.ending = Ending()

    def end(self) -> None:
        """Lets `run` return. From any thread."""
        self._ended.set()

    quit = end

    def run(self, on_ready: Callable[[], None]) -> None:
        """Calls `on_ready`, then blocks until `end`."""
        on_ready()
        self._ended.wait()
