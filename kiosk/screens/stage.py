"""The root of the window: puts the view's screen up and passes the citizen's deeds on."""

# mypy: disallow-subclassing-any=False
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import hypot
from typing import Any

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.lang import Builder
from kivy.uix.floatlayout import FloatLayout

from kiosk.screens.asking import AskingScreen, UprightAskingScreen
from kiosk.screens.metrics import KEY_U, is_portrait, unit
from kiosk.screens.out_of_order import OutOfOrderScreen
from kiosk.screens.pace import Pace
from kiosk.screens.palette import PAGE, rgba
from kiosk.screens.screen import Screen, words_for
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.thanks import ThanksScreen
from kiosk.screens.view import View, WindowEvents
from kiosk.screens.widgets import Key
from protocol.rating import SCALES

log = logging.getLogger(__name__)

_SCREENS: dict[str, tuple[type[Screen], type[Screen]]] = {
    "asking": (AskingScreen, UprightAskingScreen),
    "thanks": (ThanksScreen, ThanksScreen),
    "sign_in": (SignInScreen, SignInScreen),
    "out_of_order": (OutOfOrderScreen, OutOfOrderScreen),
    "needs_enrolment": (OutOfOrderScreen, OutOfOrderScreen),
}
"""View.state to its screen in landscape and in portrait."""

_DIGIT_KEYS = {48 + n: n for n in range(1, 6)} | {256 + n: n for n in range(1, 6)}
"""Kivy's key codes of 1..5 on the main row and on the number pad."""


SECOND_TAP_WITHIN_S = 0.4


@dataclass(frozen=True)
class _Tap:
    when: float
    at: tuple[float, float]
    screen: Screen | None


class Stage(FloatLayout):
    """Shows one view at a time; a screen that fails is replaced by out of order, never a trace."""

    def __init__(self, first: View, events: WindowEvents) -> None:
        super().__init__(size=Window.size)
        self.view = first
        self._events = events
        self._pace = Pace()
        self._screens: dict[type[Screen], Screen] = {}
        self._screen: Screen | None = None
        self._keys_down: set[int] = set()
        self._last_tap: _Tap | None = None
        Window.clearcolor = rgba(PAGE)
        Window.bind(on_key_down=self._key_down, on_key_up=self._key_up)
        self.fbind("size", self._measure)
        self.show(first)

    def show(self, view: View) -> None:
        """Draws a view; if that fails, draws out of order and logs why."""
        try:
            self._draw(view)
        except Exception:  # the citizen must never see a traceback, whatever a screen does
            log.exception("the %s screen failed", view.state)
            self._give_up()

    def fail(self, error: BaseException) -> None:
        """A callback or a frame failed: out of order until the app shows another view."""
        log.error("the %s screen failed", self.view.state, exc_info=error)
        self._give_up()

    def retire(self) -> None:
        """Hears no more keys."""
        Window.unbind(on_key_down=self._key_down, on_key_up=self._key_up)

    def once_drawn(self, call: Callable[[], object]) -> None:
        """Calls back when the first frame is on its way to the screen."""

        def drawn(*_: object) -> None:
            Window.unbind(on_flip=drawn)
            call()

        Window.bind(on_flip=drawn)

    def warm(self) -> None:
        """Builds the thanks ahead, so that the first citizen does not wait for it."""
        self._screen_for(replace(self.view, state="thanks", can_undo=True))

    def _draw(self, view: View) -> None:
        screen = self._screen_for(view)
        screen.show(view)
        self.view = view
        if screen is not self._screen:
            leaving, self._screen = self._screen, screen
            self.clear_widgets()
            if leaving:
                leaving.leave()
            self.add_widget(screen)
            screen.enter()

    def _screen_for(self, view: View) -> Screen:
        portrait = is_portrait(*Window.size)
        kind = _SCREENS[view.state][portrait]
        if kind not in self._screens:
            screen = kind(
                u=unit(*Window.size),
                portrait=portrait,
                view=view,
                words=words_for(view),
                events=self._events,
            )
            screen.size = Window.size  # only now: a change of size lays the rules' widgets out
            self._screens[kind] = screen
        return self._screens[kind]

    def _give_up(self) -> None:
        Builder.rulectx.clear()  # half-applied rules of the failed screen would refuse a new one
        self.clear_widgets()
        self._screens.clear()
        self._screen = None
        self._draw(replace(self.view, state="out_of_order", message=""))

    def _measure(self, *_: object) -> None:
        """A window of another size is another layout: build the screens anew."""
        self._screens.clear()
        self._screen = None
        self.show(self.view)

    def on_touch_down(self, touch: Any) -> bool:
        self._pace.wake()
        return self._is_second_tap(touch) or bool(super().on_touch_down(touch))

    def on_touch_up(self, touch: Any) -> bool:
        if any(isinstance(held(), Key) for held in touch.grab_list):
            self._last_tap = _Tap(Clock.get_time(), touch.pos, self._screen)
        return bool(super().on_touch_up(touch))

    def _is_second_tap(self, touch: Any) -> bool:
        """Whether a double tap on a key would land on the screen that its first tap brought up."""
        first, screen = self._last_tap, self._screen
        if first is None or screen is None or first.screen is screen:
            return False
        apart: float = hypot(touch.x - first.at[0], touch.y - first.at[1])
        since: float = Clock.get_time() - first.when
        return apart < KEY_U * screen.u and since < SECOND_TAP_WITHIN_S

    def _key_down(self, _window: object, key: int, *_: object) -> bool:
        self._pace.wake()
        held = key in self._keys_down  # the keyboard repeats a held key; that is one press
        self._keys_down.add(key)
        rating = _DIGIT_KEYS.get(key)
        if rating in SCALES[self.view.scale] and not held and self._takes_votes():
            self._events.face(rating, "keyboard")
        return True

    def _key_up(self, _window: object, key: int, *_: object) -> bool:
        self._keys_down.discard(key)
        return True

    def _takes_votes(self) -> bool:
        return self.view.state in ("asking", "thanks", "sign_in")
