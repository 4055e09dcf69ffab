"""The few pieces every screen is made of: panels, keys, marks."""

# mypy: disallow-subclassing-any=False
from pathlib import Path

from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.locale import NO_WORDS, load_catalogues
from kiosk.screens import palette
from kiosk.screens import pictograms as _pictograms  # noqa: F401 (the rules name its Pictogram)
from kiosk.screens.metrics import KEY_U
from kiosk.screens.text import Text
from kiosk.screens.view import BLANK


class Panel(Widget):
    """A rounded area with an edge."""

    u = NumericProperty(1.0)
    fill = StringProperty(palette.CARD)
    edge = StringProperty(palette.EDGE)
    border = NumericProperty(1.0)
    radius = NumericProperty(8.0)


class Key(ButtonBehavior, Panel):
    """A secondary key: acts when the finger leaves it, so one may still change one's mind."""

    text = StringProperty("")
    px = NumericProperty(18)
    bold = BooleanProperty(False)
    strong = BooleanProperty(False)
    chosen = BooleanProperty(False)
    room_left = NumericProperty(0)
    room_above = NumericProperty(0)
    """Kept free of words, for a picture."""

    def on_touch_down(self, touch: object) -> bool:
        return is_contact(touch) and bool(super().on_touch_down(touch))

    def let_go(self) -> None:
        """Forgets the finger on it: its screen has gone."""
        if self.state == "down":  # type: ignore[has-type]
            self.last_touch.ungrab(self)
            self.state = "normal"


class PictureKey(Key):
    """A key with a picture above its words or beside them; a chosen one has a check mark."""

    picture = StringProperty("")
    picture_size = NumericProperty(40)
    beside = BooleanProperty(False)


class MaybeKey(Key):
    """A key that takes room only while it is of use."""

    shown = BooleanProperty(True)


def is_contact(touch: object) -> bool:
    """Whether this is a finger or the left mouse button; a wheel or other button is not."""
    return getattr(touch, "button", None) in (None, "", "left")


class Bust(Widget):
    """Head and shoulders."""

    color = StringProperty(palette.MUTED)


class CheckMark(Widget):
    """A check mark in a disc."""


class Mark(Widget):
    """A small disc, filled or hollow."""

    filled = BooleanProperty(False)


class OfficialKey(Key):
    """Opens the sign-in; says only whether somebody is signed in."""

    view = ObjectProperty(BLANK, rebind=True)
    words = ObjectProperty(NO_WORDS)


class ListenKey(PictureKey):
    """Says aloud what is on the screen."""


class LanguageKey(Key):
    """Leads to the next language, in that language's own name."""

    view = ObjectProperty(BLANK, rebind=True)
    events = ObjectProperty(None)
    next_name = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.fbind("view", self._name)
        self._name()

    def _name(self, *_: object) -> None:
        code = next_locale(self.view.locale, self.view.locales)
        self.next_name = load_catalogues()[code]["name"] if code else ""

    def on_release(self) -> None:
        code = next_locale(self.view.locale, self.view.locales)
        if code:
            self.events.locale(code)


class Keys(BoxLayout):
    """Listen, the official's key and the language key; only those of use are there."""

    u = NumericProperty(1.0)
    upright = BooleanProperty(False)
    """One below the other."""
    official = BooleanProperty(True)
    key_width = NumericProperty(KEY_U)
    view = ObjectProperty(BLANK, rebind=True)
    words = ObjectProperty(NO_WORDS)
    events = ObjectProperty(None)

    def on_kv_post(self, _base: object) -> None:
        self._all = self.children[::-1]
        for name in ("view", "official"):
            self.fbind(name, self._choose)
        self._choose()

    def _choose(self, *_: object) -> None:
        more = next_locale(self.view.locale, self.view.locales) is not None
        of_use = (self.view.can_listen, self.official, more)
        wanted = [key for key, use in zip(self._all, of_use, strict=True) if use]
        if wanted != self.children[::-1]:
            self.clear_widgets()
            for key in wanted:
                self.add_widget(key)


def next_locale(now: str, offered: tuple[str, ...]) -> str | None:
    """The language one tap leads to, or None; only finished catalogues are ever offered."""
    ready = [code for code in offered if code in load_catalogues()]
    others = [code for code in ready if code != now]
    if not others:
        return None
    at = ready.index(now) if now in ready else -1
    return ready[(at + 1) % len(ready)]


class Privacy(Text):
    """Says who cannot see the answer."""

    words = ObjectProperty(NO_WORDS)


class Status(Text):
    """An honest small mark when offline or in need of a technician; empty otherwise."""

    view = ObjectProperty(BLANK, rebind=True)
    words = ObjectProperty(NO_WORDS)


Builder.load_file(str(Path(__file__).with_name("widgets.kv")))
