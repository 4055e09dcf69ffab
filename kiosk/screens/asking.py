"""The asking screen: the question and the faces, always live; at rest, pictures beside them."""

# mypy: disallow-subclassing-any=False
from kivy.properties import NumericProperty, ObjectProperty

from kiosk.locale import NO_WORDS, Words
from kiosk.screens import face_choices as _face_choices  # noqa: F401 (the rules name FaceChoices)
from kiosk.screens import pictures as _pictures  # noqa: F401 (the rules name Picture)
from kiosk.screens.metrics import KEY_U
from kiosk.screens.resting import Above, RestingCard
from kiosk.screens.screen import Screen, load_rules, put_up
from kiosk.screens.view import BLANK, View
from kiosk.screens.widgets import PictureKey


class DisownKey(PictureKey):
    """Not this official: the vote is to be the counter's. A second tap takes it back."""

    view = ObjectProperty(BLANK, rebind=True)
    words = ObjectProperty(NO_WORDS)
    events = ObjectProperty(None)
    wanted = NumericProperty(KEY_U)
    """How wide it is while an official is named."""


class Asked(Above):
    """Where one is, who serves, and the question; stands out once the official has invited."""

    def place(self, words: Words, view: View) -> str:
        """The counter in large letters."""
        if view.official or view.signed_in or not view.counter:
            return view.counter
        return words["asking.unsigned"].format(counter=view.counter)

    def whom(self, words: Words, view: View) -> str:
        """Whom the vote is about, or the unit."""
        if view.disowned:
            return words["asking.disowned"]
        if view.official:
            return words["asking.official"].format(official=view.official)
        return view.unit

    def question(self, words: Words, view: View) -> str:
        return view.question or words["asking.question"]


class UprightAsked(Asked):
    """The same for portrait, where the invitation takes the place of the counter."""

    def place(self, words: Words, view: View) -> str:
        return words["asking.invited"] if view.invited else super().place(words, view)

    def whom(self, words: Words, view: View) -> str:
        if not view.invited:
            return super().whom(words, view)
        whom = view.official if view.official and not view.disowned else super().whom(words, view)
        return " · ".join(part for part in (view.counter, whom) if part)


class AskingScreen(Screen):
    """Landscape: question above, a row of faces below it."""

    asked = Asked
    keys_width = NumericProperty(0)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in ("view", "keys_width"):
            self.fbind(name, self._place)
        self._place()

    def leave(self) -> None:
        self.ids.faces.release()
        self.ids.above.clear_widgets()  # at once, so that no still changes unseen

    def enter(self) -> None:
        self._place()

    def _place(self, *_: object) -> None:
        """Puts the question up, or at rest what there is to see instead."""
        part = self.part(RestingCard) if self.view.resting else None
        if part is None or not part.anything:
            part = self.part(self.asked)
        part.keys_width = self.keys_width
        put_up(part, self.ids.above)


class UprightAskingScreen(AskingScreen):
    """Portrait: a column of wide rows, the best on top, and the keys beside them."""

    asked = UprightAsked


load_rules(__file__)
