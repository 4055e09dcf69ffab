"""The faces to touch: one card for each rating of the scale, all alike."""

# mypy: disallow-subclassing-any=False
from kivy.clock import Clock
from kivy.properties import (
    BooleanProperty,
    NumericProperty,
    ObjectProperty,
    OptionProperty,
    StringProperty,
)
from kivy.uix.widget import Widget

from kiosk.locale import NO_WORDS
from kiosk.screens import faces as _faces  # noqa: F401 (the rules name its Face)
from kiosk.screens.metrics import FACE_U
from kiosk.screens.screen import load_rules
from kiosk.screens.widgets import Panel, is_contact
from protocol.rating import SCALES


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
            inset = 0.75 * u
            across = self.height - 2 * inset
            face.size, face.pos = (across, across), (self.x + inset, self.y + inset)
            word.pos = (face.right + 10 * u, self.y + 4 * u)
            word.size = (self.right - face.right - 34 * u, self.height - 8 * u)
            self.word_px = 31 * u
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
            pitch = self.height / n
            high = min(pitch - u, 1.15 * FACE_U * u)
            low = (pitch - high) / 2
            return [(0, round(at * pitch + low), self.width, high) for at in range(n)]
        gap = 8 * u
        across, rows = (n, 1) if self.arranged == "row" else (3, -(-n // 3))
        # Whole pixels from card to card, so that the edges of all are equally sharp.
        width: float = int(min((self.width - gap * (across - 1)) / across, 210 * u))
        height = (self.height - gap * (rows - 1)) / rows
        boxes: list[tuple[float, float, float, float]] = []
        for at in range(n):
            row, column = divmod(at, across)
            in_row = min(across, n - row * across)
            left = (self.width - in_row * width - gap * (in_row - 1)) / 2
            boxes.append(
                (
                    round(left + column * (width + gap)),
                    (rows - 1 - row) * (height + gap),
                    width,
                    height,
                )
            )
        # Upright the best comes first, in a column and in a grid alike.
        return boxes[::-1] if self.arranged == "grid" else boxes


load_rules(__file__)
