"""The root of the window: puts the view's screen up and passes the citizen's deeds on."""

# mypy: disallow-subclassing-any=False
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from math import hypot
from time import monotonic
from typing import Any

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.lang import Builder
from kivy.uix.floatlayout import FloatLayout

from kiosk.screens.combination import CORNER_U, Combination, is_combination_key
from kiosk.screens.metrics import KEY_U, is_portrait, unit
from kiosk.screens.pace import Pace
from kiosk.screens.palette import PAGE, rgba
from kiosk.screens.screen import Screen, words_for
from kiosk.screens.view import View, WindowEvents
from kiosk.screens.widgets import Key, is_contact
from protocol.rating import SCALES

log = logging.getLogger(__name__)

_SCREENS = {
    "asking": "asking.AskingScreen",
    "choose_counter": "choose_counter.ChooseCounterScreen",
    "follow_up": "follow_up.FollowUpScreen",
    "code": "code.CodeScreen",
    "thanks": "thanks.ThanksScreen",
    "sign_in": "sign_in.SignInScreen",
    "choose_place": "choose_place.ChoosePlaceScreen",
    "technician": "technician.TechnicianScreen",
    "out_of_order": "out_of_order.OutOfOrderScreen",
    "needs_enrolment": "out_of_order.OutOfOrderScreen",
}
"""View.state to its screen, imported when it is needed: the first face waits for its own alone."""

_UPRIGHT = {"asking": "asking.UprightAskingScreen"}
"""Those that have a class of their own in portrait."""

_TAKE_VOTES = (
    "asking", "choose_counter", "follow_up", "code", "thanks", "sign_in", "choose_place",
)  # fmt: skip
"""Where the keys 1 to 5 are the faces, as the buttons are."""

_DIGIT_KEYS = {48 + n: n for n in range(1, 6)} | {256 + n: n for n in range(1, 6)}
"""Kivy's key codes of 1..5 on the main row and on the number pad."""


_INVITE_KEY = ord("i")

SECOND_TAP_WITHIN_S = 0.4
OTHER_WAY_WITHIN_S = 0.3
"""A finger that two drivers report is one finger: the first to tell of it is heard."""

TURN_S = 0.1
"""Between two pieces of work that no citizen should notice."""


@dataclass(frozen=True)
class _Tap:
    when: float
    at: tuple[float, float]
    screen: Screen | None
    way: str  # the input provider that told of it


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
        self._combination = Combination()
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

    def once_drawn(self, call: Callable[[], object], *, frames: int = 1) -> None:
        """Draws so many frames, and calls back when the last is on its way to the screen."""
        flips = 0

        def drawn(*_: object) -> None:
            nonlocal flips
            flips += 1
            if flips < frames:
                Clock.schedule_once(lambda _dt: Window.canvas.ask_update())
                return
            Window.unbind(on_flip=drawn)
            call()

        Window.bind(on_flip=drawn)

    def warm(self) -> None:
        """Imports every screen, one a turn: a card that fails later must not keep one away."""
        for turn, state in enumerate(_SCREENS):
            Clock.schedule_once(lambda _dt, state=state: _class_of(state, False), turn * TURN_S)

    def prepare(self, views: Sequence[View]) -> None:
        """Lays out views that may follow a vote, so that the first citizen does not wait for it."""
        for turn, view in enumerate(views):
            Clock.schedule_once(lambda _dt, view=view: self._lay_out(view), turn * TURN_S)

    def _lay_out(self, view: View) -> None:
        try:
            screen = self._screen_for(view)
            if screen is not self._screen:
                screen.show(view)
        except Exception:  # it will be tried again, and then count
            log.exception("the %s screen could not be prepared", view.state)

    def _draw(self, view: View) -> None:
        screen = self._screen_for(view)
        screen.show(view)
        self.view = view
        if screen is not self._screen:
            leaving, self._screen = self._screen, screen
            self.clear_widgets()
            if leaving:
                leaving.leave()
                _let_go(leaving)
            self.add_widget(screen)
            screen.enter()

    def _screen_for(self, view: View) -> Screen:
        portrait = is_portrait(*Window.size)
        kind = _class_of(view.state, portrait)
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
        self._events.failed()
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
        if is_contact(touch):
            self._events.touched()
        self._pace.wake()
        taken = self._came_by_another_way(touch) or self._is_second_tap(touch)
        if not taken:
            self._last_tap = _Tap(Clock.get_time(), touch.pos, self._screen, touch.device)
            taken = bool(super().on_touch_down(touch))
        touch.ud["corner_s"] = None if taken or not self._in_corner(touch) else monotonic()
        return taken

    def on_touch_up(self, touch: Any) -> bool:
        if self._last_tap is not None:
            self._last_tap = replace(self._last_tap, when=Clock.get_time())
        self._watch_corner(touch)
        return bool(super().on_touch_up(touch))

    def _watch_corner(self, touch: Any) -> None:
        """A contact has ended: with those before it, it may be the technician's combination."""
        now_s, began_s = monotonic(), touch.ud.get("corner_s")
        in_corner = began_s is not None and self._in_corner(touch)
        if self._combination.contact(began_s or now_s, now_s, in_corner=in_corner):
            self._events.open_technician()

    def _in_corner(self, touch: Any) -> bool:
        side = CORNER_U * unit(*Window.size)
        return bool(touch.x < side and touch.y > self.top - side)

    def _came_by_another_way(self, touch: Any) -> bool:
        """Whether this is the same finger once more, told of by another driver."""
        first = self._last_tap
        return (
            first is not None
            and first.way != touch.device
            and Clock.get_time() - first.when < OTHER_WAY_WITHIN_S
        )

    def _is_second_tap(self, touch: Any) -> bool:
        """Whether a double tap would land on the screen that its first tap brought up."""
        first, screen = self._last_tap, self._screen
        if first is None or screen is None or first.screen is screen:
            return False
        apart: float = hypot(touch.x - first.at[0], touch.y - first.at[1])
        since: float = Clock.get_time() - first.when
        return apart < KEY_U * screen.u and since < SECOND_TAP_WITHIN_S

    def _key_down(
        self, _window: object, key: int, _scan: object, _text: object, modifiers: list[str]
    ) -> bool:
        self._pace.wake()
        held = key in self._keys_down  # the keyboard repeats a held key; that is one press
        self._keys_down.add(key)
        rating = _DIGIT_KEYS.get(key)
        if rating in SCALES[self.view.scale] and not held and self._takes_votes():
            self._events.face(rating, "keyboard")
        if key == _INVITE_KEY and not held:
            self._events.invite()
        if is_combination_key(key, modifiers) and not held:
            self._events.open_technician()
        return True

    def _key_up(self, _window: object, key: int, *_: object) -> bool:
        self._keys_down.discard(key)
        return True

    def _takes_votes(self) -> bool:
        return self.view.state in _TAKE_VOTES


def _class_of(state: str, portrait: bool) -> type[Screen]:
    name = (portrait and _UPRIGHT.get(state)) or _SCREENS[state]
    module, _, kind = name.partition(".")
    found: type[Screen] = getattr(import_module(f"kiosk.screens.{module}"), kind)
    return found


def _let_go(screen: Screen) -> None:
    """No key of a screen that has gone acts when its finger leaves it."""
    for widget in screen.walk(restrict=True):
        if isinstance(widget, Key):
            widget.let_go()
