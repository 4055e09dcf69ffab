"""How often the window looks for input: often while someone is there, seldom at rest."""

from kivy.clock import Clock
from kivy.core.window import Window

from kiosk.screens.kivy_setup import REST_FPS

AWAKE_FPS = 60
RESTS_AFTER_S = 10.0


class Pace:
    """Kivy draws only what changed, but polls touch once per turn of its loop."""

    def __init__(self) -> None:
        self._resting = Clock.create_trigger(lambda *_: set_fps(REST_FPS), RESTS_AFTER_S)
        for event in ("on_mouse_down", "on_mouse_up"):
            Window.fbind(event, self._hear)

    def wake(self) -> None:
        """On any input: look again every 1/60 s for a while."""
        set_fps(AWAKE_FPS)
        self._resting.cancel()
        self._resting()

    def _hear(self, *_: object) -> None:
        """SDL has a touch. Kivy would hand it on at the next turn of its loop: let that be now."""
        Clock.schedule_once(_turn)


def set_fps(fps: int) -> None:
    """Kivy has no public way to change it at run time; without the private one all stays as is."""
    if hasattr(Clock, "_max_fps"):
        Clock._max_fps = float(fps)


def _turn(_dt: float) -> None:
    """Nothing to do but to have a turn."""
