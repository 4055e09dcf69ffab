"""Letters, digits and signs to touch, for addresses and codes; two layers of thirty keys."""

# mypy: disallow-subclassing-any=False
from collections.abc import Callable

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.gridlayout import GridLayout
from kivy.uix.widget import Widget

from kiosk.locale import NO_WORDS
from kiosk.screens.widgets import Key

_KEYS = 30
_AS_TYPED = (*"qwertyuiopasdfghjklzxcvbnm", ".", "-")
_BY_ALPHABET = (*"abcdefghijklmnopqrstuvwxyz", ".", "-")
_SIGNS = (*"1234567890", ".", "-", ":", "/", "_", "http://", "https://")


class Keyboard(GridLayout):
    """Ten keys across, or upright six; `typed` is called with what a key stands for."""

    u = NumericProperty(1.0)
    portrait = BooleanProperty(False)
    words = ObjectProperty(NO_WORDS)
    signs = BooleanProperty(False)
    """The layer with digits and signs is up."""
    typed = ObjectProperty(None)
    erased = ObjectProperty(None)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in ("portrait", "u", "words", "signs"):
            self.fbind(name, self._fill)
        self._fill()

    def turn(self) -> None:
        """To the other layer."""
        self.signs = not self.signs

    def _fill(self, *_: object) -> None:
        self.clear_widgets()
        self.cols, erase_at, turn_at = (6, 28, 29) if self.portrait else (10, 19, 20)
        texts = list(_SIGNS if self.signs else _BY_ALPHABET if self.portrait else _AS_TYPED)
        texts += [""] * (_KEYS - 2 - len(texts))
        for at in range(_KEYS):
            if at == erase_at:
                self._add(self.words["technician.erase"], self._erase)
            elif at == turn_at:
                self._add("abc" if self.signs else "123", self.turn)
            else:
                self._add_sign(texts.pop(0))

    def _add_sign(self, sign: str) -> None:
        if sign:
            self._add(sign, lambda: self.typed(sign))
        else:
            self.add_widget(Widget())

    def _add(self, text: str, act: Callable[[], None]) -> None:
        px = (30 if len(text) == 1 else 18) * self.u
        key = Key(u=self.u, px=px, text=text)
        key.fbind("on_release", lambda _key: act())
        self.add_widget(key)

    def _erase(self) -> None:
        self.erased()
