"""The kiosk's one window: shows views, reports what the citizen does. Imports Kivy only to run."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from kiosk.screens.display import Driver, NoDisplay, display_answers, find_driver, x11_screen_size
from kiosk.screens.view import View, WindowEvents

__all__ = ["NoDisplay", "View", "WindowEvents", "WindowHandle", "display_answers", "run_window"]

log = logging.getLogger(__name__)

WINDOWED_SIZE = (1024, 600)


class WindowHandle:
    """The way into the window from any thread; returns at once."""

    def __init__(self, on_window_thread: Callable[[Callable[[], None]], None], stage: Any) -> None:
        self._on_window_thread = on_window_thread
        self._stage = stage
        self._lock = threading.Lock()
        self._newest: View | None = None

    def show(self, view: View) -> None:
        """Draws the view soon; of several in one frame only the newest is drawn."""
        with self._lock:
            waiting, self._newest = self._newest is not None, view
        if not waiting:
            self._on_window_thread(self._show_newest)

    def prepare(self, views: Sequence[View]) -> None:
        """Makes views ready that may come; they are not drawn."""
        self._on_window_thread(lambda: self._stage.prepare(views))

    def every(self, seconds: float, call: Callable[[], None]) -> None:
        """Calls back from the window's thread; it shows that this thread is alive."""
        from kivy.clock import Clock

        self._on_window_thread(lambda: Clock.schedule_interval(lambda _dt: call(), seconds))

    def ask(self, answer: Callable[[], None]) -> None:
        """Calls back once from the window's thread."""
        self._on_window_thread(answer)

    def close(self) -> None:
        """Ends run_window."""
        from kivy.base import stopTouchApp

        self._on_window_thread(stopTouchApp)

    def _show_newest(self) -> None:
        with self._lock:
            view, self._newest = self._newest, None
        if view is not None:
            self._stage.show(view)


def run_window(
    *,
    first: View,
    events: WindowEvents,
    size: tuple[int, int] | None,
    fullscreen: bool,
    on_ready: Callable[[WindowHandle], None],
) -> None:
    """Shows the window on the calling (main) thread until it is closed, then calls events.closed().

    `size` is in pixels, None for the screen's own (fullscreen) or WINDOWED_SIZE; `on_ready` is
    called once from the window's thread, when faces can be pressed. Raises NoDisplay.
    """
    driver = find_driver()
    if driver is None:
        raise NoDisplay
    if size is None and fullscreen and driver == "x11":
        size = x11_screen_size()
    stage = open_stage(
        first, events, size=size or WINDOWED_SIZE, fullscreen=fullscreen, driver=driver
    )
    from kivy.base import ExceptionManager, runTouchApp
    from kivy.clock import Clock

    def on_window_thread(call: Callable[[], None]) -> None:
        Clock.schedule_once(lambda _dt: call())

    def ready(_dt: float) -> None:
        on_ready(WindowHandle(on_window_thread, stage))
        Clock.schedule_once(lambda _dt: stage.warm())

    # On a bare console SDL makes its surface anew in the first flip, and what was drawn is lost.
    frames = 2 if driver == "kmsdrm" else 1
    stage.once_drawn(lambda: Clock.schedule_once(ready), frames=frames)
    handler = _failures_to(stage)
    ExceptionManager.add_handler(handler)
    try:
        runTouchApp(stage)
    finally:
        ExceptionManager.remove_handler(handler)
        events.closed()


def open_stage(
    first: View, events: WindowEvents, *, size: tuple[int, int], fullscreen: bool, driver: Driver
) -> Any:
    """Sets Kivy up, opens its window and returns the Stage. Raises NoDisplay if none opens."""
    from kiosk.screens.kivy_setup import prepare_kivy

    prepare_kivy(size=size, fullscreen=fullscreen, driver=driver)
    from kivy.core.window import Window

    if Window is None:  # Kivy has logged why
        raise NoDisplay
    from kiosk.screens.stage import Stage

    return Stage(first, events)


def _failures_to(stage: Any) -> Any:
    from kivy.base import ExceptionHandler, ExceptionManager

    class Failures(ExceptionHandler):  # type: ignore[misc]
        """Whatever a screen or a callback raises, the window stays."""

        def handle_exception(self, error: BaseException) -> Any:
            if not isinstance(error, Exception):  # Ctrl-C and exit do end it
                return ExceptionManager.RAISE
            stage.fail(error)
            return ExceptionManager.PASS

    return Failures()
