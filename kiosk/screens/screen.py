"""What all screens have in common: the view they show and the unit they measure in."""

# mypy: disallow-subclassing-any=False
from pathlib import Path

from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.locale import NO_WORDS, SOURCE, Words, load_catalogues
from kiosk.screens.view import BLANK, View


class Screen(FloatLayout):
    """One screen. Assigning `view` redraws only what differs: equal values change nothing."""

    u = NumericProperty(1.0)
    portrait = BooleanProperty(False)
    view = ObjectProperty(BLANK, rebind=True)
    words = ObjectProperty(NO_WORDS)
    events = ObjectProperty(None)

    def show(self, view: View) -> None:
        self.words = words_for(view)
        self.view = view

    def enter(self) -> None:
        """Called each time the screen comes up."""

    def leave(self) -> None:
        """Called each time the screen goes away."""


def words_for(view: View) -> Words:
    """The view's language if it is finished, else the source language."""
    catalogues = load_catalogues()
    return catalogues.get(view.locale, catalogues[SOURCE])


def load_rules(file: str) -> None:
    """Loads the .kv beside a screen's .py (`__file__`)."""
    Builder.load_file(str(Path(file).with_suffix(".kv")))
