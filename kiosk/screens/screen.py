"""What all screens have in common: the view they show and the unit they measure in."""

# mypy: disallow-subclassing-any=False
from pathlib import Path

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.locale import NO_WORDS, SOURCE, Words, load_catalogues
from kiosk.screens.view import BLANK, View

ARMED_AFTER_S = 0.7
"""A second tap of the finger that voted must not reach a key that came up under it."""


class Part(FloatLayout):
    """A part of a screen. A new `view` redraws only what differs: equal values change nothing."""

    u = NumericProperty(1.0)
    portrait = BooleanProperty(False)
    view = ObjectProperty(BLANK, rebind=True)
    words = ObjectProperty(NO_WORDS)
    events = ObjectProperty(None)


class Screen(Part):
    """One screen."""

    def __init__(self, **kwargs: object) -> None:
        self._parts: dict[type[Part], Part] = {}
        super().__init__(**kwargs)

    def part(self, kind: type[Part]) -> Part:
        """The screen's part of that kind; built when first wanted, it follows the screen's view."""
        if kind not in self._parts:
            part = part_of(self, kind, pos_hint={"x": 0, "y": 0})
            self._parts[kind] = part
        part = self._parts[kind]
        part.words, part.view = self.words, self.view  # it may be asked before its setters are
        return part

    def show(self, view: View) -> None:
        self.words = words_for(view)
        self.view = view

    def enter(self) -> None:
        """Called each time the screen comes up."""

    def leave(self) -> None:
        """Called each time the screen goes away."""


class ArmedScreen(Screen):
    """Takes a touch only once it has stood there for a moment."""

    armed = BooleanProperty(False)

    def __init__(self, **kwargs: object) -> None:
        self._arming = Clock.create_trigger(self._arm, ARMED_AFTER_S)
        super().__init__(**kwargs)

    def enter(self) -> None:
        self.armed = False
        self._arming()

    def leave(self) -> None:
        self._arming.cancel()
        self.armed = False

    def on_touch_down(self, touch: object) -> bool:
        return not self.armed or bool(super().on_touch_down(touch))

    def _arm(self, *_: object) -> None:
        self.armed = True


def put_up(part: Part, place: FloatLayout) -> None:
    """Makes a part the only one in its place."""
    if part.parent is not place:
        place.clear_widgets()
        place.add_widget(part)


def words_for(view: View) -> Words:
    """The view's language if it is finished, else the source language."""
    catalogues = load_catalogues()
    return catalogues.get(view.locale, catalogues[SOURCE])


def load_rules(file: str) -> None:
    """Loads the .kv beside a screen's .py (`__file__`)."""
    Builder.load_file(str(Path(file).with_suffix(".kv")))


def part_of(owner: Part, kind: type[Part], **more: object) -> Part:
    """A part that follows its owner's view and words."""
    part = kind(
        u=owner.u, portrait=owner.portrait, view=owner.view, words=owner.words,
        events=owner.events, **more,
    )  # fmt: skip
    for shared in ("words", "view"):
        owner.fbind(shared, part.setter(shared))
    return part
