"""Asking for a PIN: the digits are never shown, only how many there are."""

# mypy: disallow-subclassing-any=False
from collections.abc import Callable

from kivy.clock import Clock
from kivy.graphics import Color, SmoothEllipse
from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.screens.palette import INK, rgba
from kiosk.screens.screen import Screen
from kiosk.screens.view import View
from kiosk.screens.widgets import Key

LONGEST_PIN = 12


class PinScreen(Screen):
    """A screen for people who work here: takes a PIN, and goes away when nobody touches it."""

    pin = StringProperty("")
    message = StringProperty("")
    """What the app says about the last PIN, until the next digit."""

    def __init__(self, **kwargs: object) -> None:
        self._leaving = Clock.create_trigger(lambda *_: self.close(), 0)
        super().__init__(**kwargs)

    def hand_over(self, pin: str) -> None:
        """What to do with a PIN."""
        raise NotImplementedError

    def close(self) -> None:
        """What to do when the person is done, or has gone."""
        raise NotImplementedError

    def patience_s(self) -> float:
        """How long the screen waits for a touch."""
        raise NotImplementedError

    def enter(self) -> None:
        self.stay()

    def leave(self) -> None:
        self._leaving.cancel()
        self.pin = self.message = ""

    def show(self, view: View) -> None:
        before = self.view.message
        super().show(view)
        if view.message != before:
            self.message = view.message

    def on_touch_down(self, touch: object) -> bool:
        self.stay()
        return bool(super().on_touch_down(touch))

    def stay(self) -> None:
        """Somebody is there: the wait begins anew."""
        self._leaving.cancel()
        self._leaving = Clock.schedule_once(lambda *_: self.close(), self.patience_s())

    def digit(self, digit: str) -> None:
        self.message = ""
        if len(self.pin) < LONGEST_PIN:
            self.pin += digit

    def erase(self) -> None:
        self.pin = self.pin[:-1]

    def enter_pin(self) -> None:
        """Hands the PIN over and forgets it: a second try starts from nothing."""
        if self.pin:
            pin, self.pin = self.pin, ""
            # A second wrong PIN is answered by an equal view, which would change nothing here.
            self.message = self.view.message
            self.hand_over(pin)


class PinPad(BoxLayout):
    """Ten digits, erase and done, for a PinScreen."""

    u = NumericProperty(1.0)
    screen = ObjectProperty(None)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(orientation="vertical", **kwargs)
        screen, words = self.screen, self.screen.words
        erase = self._key(words["sign_in.erase"], screen.erase)
        done = self._key(words["sign_in.enter"], screen.enter_pin, strong=True)
        rows = [[self._digit(digit) for digit in digits] for digits in ("12345", "67890")]
        if screen.portrait:
            rows.append([erase, done])
        else:
            rows[0].append(erase)
            rows[1].append(done)
        for keys in rows:
            row = BoxLayout(spacing=self.spacing)
            for key in keys:
                row.add_widget(key)
            self.add_widget(row)

    def _digit(self, digit: str) -> Key:
        return self._key(digit, lambda: self.screen.digit(digit), px=34 * self.u)

    def _key(self, text: str, act: Callable[[], None], **looks: object) -> Key:
        key = Key(**{"u": self.u, "px": 22 * self.u, "text": text, **looks})
        key.fbind("on_release", lambda _key: act())
        return key


class PinDots(Widget):
    """As many dots as digits were typed."""

    u = NumericProperty(1.0)
    count = NumericProperty(0)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in ("count", "pos", "size", "u"):
            self.fbind(name, self._draw)

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        across, step = 16 * self.u, 26 * self.u
        with self.canvas:
            Color(rgba=rgba(INK))
            for at in range(self.count):
                SmoothEllipse(
                    pos=(self.x + at * step, self.center_y - across / 2), size=(across, across)
                )
