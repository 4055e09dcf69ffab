"""The thanks, the same for every rating: a calm check mark, never the chosen face."""

# mypy: disallow-subclassing-any=False
from kivy.clock import Clock
from kivy.properties import BooleanProperty
from kivy.uix.widget import Widget

from kiosk.screens import widgets as _widgets  # noqa: F401 (their rules come first)
from kiosk.screens.screen import Screen, load_rules
from kiosk.screens.widgets import Key

ARMED_AFTER_S = 0.7
"""A second tap of the finger that voted must not reach the undo key that came up under it."""


class UndoKey(Key):
    """Takes a touch only once it has stood there for a moment."""

    armed = BooleanProperty(False)

    def on_touch_down(self, touch: object) -> bool:
        return self.armed and not self.disabled and super().on_touch_down(touch)


class ThanksScreen(Screen):
    """Shown only after the vote is on disk; the app takes it away."""

    def enter(self) -> None:
        self._arming = Clock.schedule_once(self._arm, ARMED_AFTER_S)

    def leave(self) -> None:
        self._arming.cancel()
        self.ids.undo.armed = False
        self.ids.undo.state = "normal"

    def _arm(self, *_: object) -> None:
        self.ids.undo.armed = True


class CheckMark(Widget):
    """A check mark in a disc."""


load_rules(__file__)
