"""Choosing one of a few or of many: keys of one size, a page at a time."""

# mypy: disallow-subclassing-any=False
from collections.abc import Sequence

from kivy.properties import NumericProperty, ObjectProperty
from kivy.uix.gridlayout import GridLayout
from kivy.uix.widget import Widget

from kiosk.screens.widgets import Key

PAGE = 6
"""Choices on one page."""

Choice = tuple[str, str]
"""What is chosen, and the words on its key."""


class KeyPage(GridLayout):
    """One page of choices; two of them have keys no larger than six."""

    u = NumericProperty(1.0)
    choose = ObjectProperty(None)

    def __init__(self, choices: Sequence[Choice], *, first: str = "", **kwargs: object) -> None:
        """The choice `first`, if it is among them, has the strong key."""
        super().__init__(**kwargs)
        for value, text in choices:
            key = Key(u=self.u, px=20 * self.u, text=text, strong=value == first)
            key.fbind("on_release", lambda _key, value=value: self.choose(value))
            self.add_widget(key)
        for _ in range(PAGE - len(choices)):
            self.add_widget(Widget())


def on_page(choices: Sequence[Choice], page: int) -> Sequence[Choice]:
    """The choices of one page, counted from 0."""
    return choices[page * PAGE : (page + 1) * PAGE]


def page_after(page: int, count: int) -> int:
    """Which page follows, of so many choices; after the last the first."""
    return (page + 1) % max(1, -(-count // PAGE))
