"""How often the window looks for input: often while someone is there, seldom at rest."""

from kivy.clock import Clock

from kiosk.screens.kivy_setup import REST_FPS

AWAKE_FPS = 60
RESTS_AFTER_S = 10.0


class Pace:
    """Kivy draws only what changed, but polls touch once per turn of its loop."""

    def __init__(self) -> None:
        self._resting = Clock.create_trigger(lambda *_: set_fps(REST_FPS), RESTS_AFTER_S)

    def wake(self) -> None:
        """On any input: look again every 1/60 s for a while."""
        set_fps(AWAKE_FPS)
        self._resting.cancel()
        self._resting()


def set_fps(fps: int) -> None:
    """Kivy has no public way to change it at run time; without the private one all stays as is."""
    if hasattr(Clock, "_max_fps"):
        Clock._max_fps = float(fps)
