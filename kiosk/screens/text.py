"""A label that is never cut off: it shrinks until every word is whole and inside."""

# mypy: disallow-subclassing-any=False
from kivy.clock import Clock
from kivy.core.text import Label as CoreLabel
from kivy.properties import NumericProperty
from kivy.uix.label import Label
from kivy.utils import escape_markup, get_hex_from_color

from kiosk.screens.fonts import Run, runs_of

SMALLEST = 0.5
"""Part of the wanted size below which words are not shrunk any further."""


_fitted: dict[tuple[object, ...], tuple[float, float]] = {}
"""What was found for words seen before: screens and languages come back many times a day."""
_REMEMBERED = 500


class Text(Label):
    """Words in fonts that have their letters, at most `px` high, in lines of about equal length."""

    px = NumericProperty(16)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        fit = Clock.create_trigger(self.fit, -1)
        for name in ("text", "size", "px", "bold"):
            self.fbind(name, fit)
        fit()

    def fit(self, *_: object) -> None:
        """Sets the largest font size from `px` down at which the words are inside."""
        if self.width <= 1 or self.height <= 1:
            return
        self._runs = runs_of(self.text)
        self.font_name, self.markup = self._runs[0].font, len(self._runs) > 1
        asked = (self._runs, *self.size, self.px, self.bold, self.halign)
        if asked not in _fitted:
            if len(_fitted) >= _REMEMBERED:
                _fitted.clear()
            _fitted[asked] = self._try_sizes()
        self.font_size, across = _fitted[asked]
        self._wrap(across)

    _runs: tuple[Run, ...] = ()

    def texture_update(self, *args: object) -> None:
        """Draws the words; Kivy's markup serves only to change the font within them."""
        if not self.markup:
            super().texture_update(*args)
            return
        pieces = (f"[font={run.font}]{escape_markup(run.text)}[/font]" for run in self._runs)
        color = get_hex_from_color(self.color)
        self._label.text = f"[color={color}]{''.join(pieces)}[/color]"
        self._label.refresh()
        self.texture = self._label.texture
        self.texture_size = list(self.texture.size)

    def _try_sizes(self) -> tuple[float, float]:
        """(font size, how far the lines reach across)."""
        self.font_size = self.px
        self._wrap(self.width)
        while not self.is_whole() and self.font_size > self.px * SMALLEST:
            self.font_size -= max(1.0, self.px * 0.04)
            self.texture_update()
        return float(self.font_size), self._balance()

    def is_whole(self) -> bool:
        """Whether nothing is cut: the lines fit the height, and no word is broken."""
        if self.texture_size[1] > self.height + 1:
            return False
        room = self.width - self.padding[0] - self.padding[2]
        words = self.text.replace("\n", " ").split(" ")
        return all(self._across(word) <= room for word in words)

    def _across(self, word: str) -> float:
        if not self.markup:
            return float(self._label.get_extents(word)[0])
        runs = runs_of(word)
        return float(sum(self._label_of(run).get_extents(run.text)[0] for run in runs))

    def _label_of(self, run: Run) -> CoreLabel:
        return CoreLabel(font_name=run.font, font_size=self.font_size, bold=self.bold)

    def _balance(self) -> float:
        """How far the lines can be narrowed in the same number: no last word left alone."""
        high, narrow = self.texture_size[1], self.width / 2
        wide: float = self.width
        if high < 2 * self.font_size or not self.is_whole():
            return wide
        while wide - narrow > self.font_size / 4:
            middle = (narrow + wide) / 2
            self._wrap(middle)
            if self.texture_size[1] <= high and self.is_whole():
                wide = middle
            else:
                narrow = middle
        return wide

    def _wrap(self, across: float) -> None:
        spare = self.width - across
        left = 0 if self.halign == "left" else spare / 2
        self.padding = (left, 0, spare - left, 0)
        self.text_size = (self.width, None)
        self.texture_update()
