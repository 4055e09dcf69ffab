"""Sign-in of an official by name and PIN, below faces that stay live for the citizen."""

# mypy: disallow-subclassing-any=False
from collections.abc import Callable

from kivy.clock import Clock
from kivy.graphics import Color, SmoothEllipse
from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.widget import Widget

from kiosk.locale import Words
from kiosk.screens import widgets as _widgets  # noqa: F401 (their rules come first)
from kiosk.screens.palette import INK, rgba
from kiosk.screens.screen import Screen, load_rules
from kiosk.screens.view import View
from kiosk.screens.widgets import Key

LEAVES_AFTER_S = 30.0
"""Without a touch, so that no half-done sign-in stands in a citizen's way."""
PAGE = 6
"""Officials on one page of the list."""
LONGEST_PIN = 12


class SignInScreen(Screen):
    """First who, then the PIN; the digits are never shown, only how many there are."""

    chosen = StringProperty("")
    chosen_name = StringProperty("")
    pin = StringProperty("")
    page = NumericProperty(0)
    message = StringProperty("")
    officials_on_page = PAGE

    def __init__(self, **kwargs: object) -> None:
        self._leaving = Clock.create_trigger(lambda *_: self.events.close_sign_in(), LEAVES_AFTER_S)
        self._filling = Clock.create_trigger(self._fill, -1)
        super().__init__(**kwargs)
        for name in ("chosen", "page", "view", "words", "u"):
            self.fbind(name, self._filling)
        self._fill()

    def enter(self) -> None:
        self.page = 0
        self.choose("", "")
        self._stay()

    def leave(self) -> None:
        self._leaving.cancel()
        self.choose("", "")
        self.ids.faces.release()

    def show(self, view: View) -> None:
        super().show(view)
        self.message = view.message
        if self.page * PAGE >= len(view.officials):
            self.page = 0

    def on_touch_down(self, touch: object) -> bool:
        self._stay()
        return bool(super().on_touch_down(touch))

    def choose(self, code: str, name: str) -> None:
        self.chosen, self.chosen_name, self.pin, self.message = code, name, "", ""

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
            self.events.sign_in(self.chosen, pin)

    def back(self) -> None:
        if self.chosen:
            self.choose("", "")
        else:
            self.events.close_sign_in()

    def turn(self) -> None:
        self.page = (self.page + 1) % -(-len(self.view.officials) // PAGE)

    def title(self, words: Words, name: str, message: str, anyone: bool) -> str:
        if message:
            return message
        if name:
            return words["sign_in.pin"].format(name=name)
        return words["sign_in.who" if anyone else "sign_in.nobody"]

    def _fill(self, *_: object) -> None:
        shown = (self.chosen, self.page, self.view.officials, self.view.locale, self.u)
        if shown == self._shown:
            return
        self._shown = shown
        place, spacing = self.ids.place, 6 * self.u
        place.clear_widgets()
        if self.chosen:
            place.add_widget(PinPad(screen=self, u=self.u, spacing=spacing))
            return
        page = self.view.officials[self.page * PAGE : (self.page + 1) * PAGE]
        columns = 2 if self.portrait else 3
        place.add_widget(
            OfficialsList(
                officials=page, choose=self.choose, u=self.u, cols=columns, spacing=spacing
            )
        )

    _shown: tuple[object, ...] = ()

    def _stay(self) -> None:
        self._leaving.cancel()
        self._leaving()


class OfficialsList(GridLayout):
    """One page of officials, each a key with name and code."""

    u = NumericProperty(1.0)
    officials = ObjectProperty(())
    choose = ObjectProperty(None)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for code, name in self.officials:
            key = Key(u=self.u, px=20 * self.u, text=f"{name}\n{code}")
            key.fbind("on_release", lambda _key, who=(code, name): self.choose(*who))
            self.add_widget(key)
        for _ in range(PAGE - len(self.officials)):
            self.add_widget(Widget())  # so that two officials' keys are no larger than eight


class PinPad(BoxLayout):
    """Ten digits, erase and done."""

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


load_rules(__file__)
