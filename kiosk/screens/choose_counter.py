"""Which counter served: asked first where one kiosk serves several."""

# mypy: disallow-subclassing-any=False
from kivy.properties import NumericProperty
from kivy.uix.widget import Widget

from kiosk.screens import widgets as _widgets  # noqa: F401 (their rules come first)
from kiosk.screens.screen import Screen, load_rules
from kiosk.screens.view import View
from kiosk.screens.widgets import Key

PAGE = 12
"""Counters on one page."""


class ChooseCounterScreen(Screen):
    """Large numbers, page by page; who does not remember rates the unit."""

    page = NumericProperty(0)
    counters_on_page = PAGE

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in ("view", "page"):
            self.fbind(name, self._fill)
        self._fill()

    def enter(self) -> None:
        self.page = 0

    def turn(self) -> None:
        self.page = (self.page + 1) % pages_of(self.view)

    def _fill(self, *_: object) -> None:
        counters = self.view.counters
        if self.page >= pages_of(self.view):
            self.page = 0
        start = self.page * PAGE
        shown = (counters, start)
        if shown == self._shown:
            return
        self._shown = shown
        grid = self.ids.counters
        grid.clear_widgets()
        rows = rows_for(min(PAGE, len(counters)), self.portrait)
        grid.cols = -(-min(PAGE, len(counters)) // rows)
        for code, number in counters[start : start + PAGE]:
            grid.add_widget(self._key(code, number))
        if start:
            for _blank in range(PAGE - len(counters[start:])):
                grid.add_widget(Widget())  # so that a number is nowhere larger than the others

    _shown: tuple[object, ...] = ()

    def _key(self, code: str, number: str) -> Key:
        key = Key(u=self.u, px=64 * self.u, bold=True, text=number)
        key.fbind("on_release", lambda _key: self.events.counter(code))
        return key


def rows_for(count: int, portrait: bool) -> int:
    """How many rows of keys look best for so many counters."""
    if portrait:
        return count if count <= 3 else -(-count // (2 if count <= 6 else 3))
    return 1 if count <= 4 else 2


def pages_of(view: View) -> int:
    return max(1, -(-len(view.counters) // PAGE))


load_rules(__file__)
