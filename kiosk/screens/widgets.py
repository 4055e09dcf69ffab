"""The few pieces every screen is made of: panels, keys, face cards, marks."""

# mypy: disallow-subclassing-any=False
from pathlib import Path

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import (
    BooleanProperty,
    NumericProperty,
    ObjectProperty,
    OptionProperty,
    StringProperty,
)
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.locale import NO_WORDS, load_catalogues
from kiosk.screens import faces as _faces  # noqa: F401 (the rules name its Face)
from kiosk.screens import palette
from kiosk.screens.metrics import FACE_U, KEY_U
from kiosk.screens.text import Text
from kiosk.screens.view import BLANK
from protocol.rating import SCALES


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

    def on_touch_down(self, touch: object) -> bool:
        return is_contact(touch) and bool(super().on_touch_down(touch))


class MaybeKey(Key):
    """A key that takes room only while it is of use."""

    shown = BooleanProperty(True)


def is_contact(touch: object) -> bool:
    """Whether this is a finger or the left mouse button; a wheel or other button is not."""
    return getattr(touch, "button", None) in (None, "", "left")


class FaceCard(Panel):
    """One rating to touch: it counts at the first contact, and shows it the same for all."""

    rating = NumericProperty(3)
    word = StringProperty("")
    wide = BooleanProperty(False)
    pressed = BooleanProperty(False)
    events = ObjectProperty(None)
    word_px = NumericProperty(16)
    """How high the word's letters would like to be."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in ("pos", "size", "wide", "u"):
            self.fbind(name, self._place)
        self._place()

    def _place(self, *_: object) -> None:
        u, face, word = self.u, self.ids.face, self.ids.word
        if self.wide:
            across = min(self.height - 14 * u, FACE_U * u)
            face.size, face.pos = (across, across), (self.x + 14 * u, self.center_y - across / 2)
            word.pos = (face.right + 12 * u, self.y + 4 * u)
            word.size = (self.right - face.right - 24 * u, self.height - 8 * u)
            self.word_px = 32 * u
        else:
            lines = 68 * u
            across = min(self.width - 14 * u, self.height - lines - 16 * u)
            face.size = (across, across)
            face.pos = (self.center_x - across / 2, self.top - 9 * u - across)
            word.pos, word.size = (self.x + 7 * u, self.y + 4 * u), (self.width - 14 * u, lines)
            self.word_px = 23.5 * u

    def on_touch_down(self, touch: object) -> bool:
        if not self.collide_point(*touch.pos) or not is_contact(touch):  # type: ignore[attr-defined]
            return False
        touch.grab(self)  # type: ignore[attr-defined]
        self.pressed = True
        self.events.face(self.rating, "touch")
        return True

    def on_touch_up(self, touch: object) -> bool:
        if touch.grab_current is not self:  # type: ignore[attr-defined]
            return False
        touch.ungrab(self)  # type: ignore[attr-defined]
        self.pressed = False
        return True


class FaceChoices(Widget):
    """The faces of one scale, all of one size: a row, or upright a column with the best on top."""

    u = NumericProperty(1.0)
    scale = StringProperty("vn5")
    words = ObjectProperty(NO_WORDS)
    events = ObjectProperty(None)
    arranged = OptionProperty("row", options=("row", "column", "grid"))

    def __init__(self, **kwargs: object) -> None:
        self._evening = Clock.create_trigger(self._even, -1)
        super().__init__(**kwargs)
        self.fbind("scale", self._fill)
        self.fbind("words", self._say)
        self.fbind("events", self._say)
        for name in ("pos", "size", "arranged", "u"):
            self.fbind(name, self._place)
        self._fill()

    def _fill(self, *_: object) -> None:
        self.clear_widgets()
        for rating in SCALES[self.scale]:
            self.add_widget(FaceCard(rating=rating), index=len(self.children))
        self._say()
        self._place()

    def _say(self, *_: object) -> None:
        for card in self.children:
            card.events, card.word = self.events, self.words[f"rating.{card.rating}"]
        self._evening()

    def release(self) -> None:
        """Shows no face as pressed any more."""
        for card in self.children:
            card.pressed = False

    def _place(self, *_: object) -> None:
        cards = self.children
        for card, (x, y, width, height) in zip(cards, self._boxes(len(cards)), strict=True):
            card.u, card.wide = self.u, self.arranged == "column"
            card.pos, card.size = (self.x + x, self.y + y), (width, height)
        self._evening()

    def _even(self, *_: object) -> None:
        """One size of words on all faces: the largest that fits the longest of them."""
        labels = [card.ids.word for card in self.children]
        for card, label in zip(self.children, labels, strict=True):
            label.px = card.word_px
            label.fit()
        smallest = min(label.font_size for label in labels)
        for label in labels:
            label.px = smallest

    def _boxes(self, n: int) -> list[tuple[float, float, float, float]]:
        u = self.u
        if self.arranged == "column":
            pitch, inset = self.height / n, 2 * u
            return [(0, at * pitch, self.width, pitch - inset) for at in range(n)]
        gap = 8 * u
        across, rows = (n, 1) if self.arranged == "row" else (3, -(-n // 3))
        width = min((self.width - gap * (across - 1)) / across, 210 * u)
        height = (self.height - gap * (rows - 1)) / rows
        boxes = []
        for at in range(n):
            row, column = divmod(at, across)
            in_row = min(across, n - row * across)
            left = (self.width - in_row * width - gap * (in_row - 1)) / 2
            boxes.append(
                (left + column * (width + gap), (rows - 1 - row) * (height + gap), width, height)
            )
        return boxes


class Bust(Widget):
    """Head and shoulders."""

    color = StringProperty(palette.MUTED)


class Mark(Widget):
    """A small disc, filled or hollow."""

    filled = BooleanProperty(False)


class OfficialKey(Key):
    """Opens the sign-in; says only whether somebody is signed in."""

    view = ObjectProperty(BLANK, rebind=True)
    words = ObjectProperty(NO_WORDS)


class Keys(BoxLayout):
    """The official's key and the language key."""

    u = NumericProperty(1.0)
    key_width = NumericProperty(KEY_U)
    view = ObjectProperty(BLANK, rebind=True)
    words = ObjectProperty(NO_WORDS)
    events = ObjectProperty(None)
    next_name = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.fbind("view", self._name)
        self._name()

    def _name(self, *_: object) -> None:
        code = next_locale(self.view.locale, self.view.locales)
        self.next_name = load_catalogues()[code]["name"] if code else ""

    def change_locale(self) -> None:
        code = next_locale(self.view.locale, self.view.locales)
        if code:
            self.events.locale(code)


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
