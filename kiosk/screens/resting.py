"""What stands above the faces while nobody is there: a picture, or what citizens have changed."""

# mypy: disallow-subclassing-any=False
from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.screens import widgets as _widgets  # noqa: F401 (their rules come first)
from kiosk.screens.pictures import load_texture
from kiosk.screens.screen import Part, load_rules
from kiosk.screens.view import Story, View

CHANGES_EVERY_S = 15.0
_NO_STORY = Story("", "")


class Above(Part):
    """What stands above the faces, beside the keys."""

    keys_width = NumericProperty(0)
    """Taken by the keys in its upper right corner."""


class StoryHalf(BoxLayout):
    """What was said, or what was done."""

    u = NumericProperty(1.0)
    small = BooleanProperty(False)
    picture = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")


class RestingCard(Above):
    """One still after the other: each change is one frame, and nothing is drawn in between."""

    texture = ObjectProperty(None, allownone=True)
    story = ObjectProperty(_NO_STORY, rebind=True)

    def __init__(self, **kwargs: object) -> None:
        self._changing = Clock.create_trigger(self._change, CHANGES_EVERY_S, interval=True)
        self._at = 0
        self._stills: tuple[str | Story, ...] = ()
        self._left: list[str | Story] = []
        super().__init__(**kwargs)
        self.fbind("view", self._look)
        self.fbind("parent", self._run)
        self._look()

    @property
    def anything(self) -> bool:
        """Whether there is a still that can be shown."""
        return self.texture is not None or self.story is not _NO_STORY

    def _look(self, *_: object) -> None:
        stills = stills_of(self.view)
        if stills != self._stills:
            self._stills, self._left = stills, list(stills)
            self._at = -1
            self._change()
            self._run()

    def _run(self, *_: object) -> None:
        self._changing.cancel()
        if self.parent is not None and len(self._left) > 1:
            self._changing()

    def _change(self, *_: object) -> None:
        """The next still. One that cannot be read is not tried again."""
        while self._left:
            self._at = (self._at + 1) % len(self._left)
            if self._put_up(self._left[self._at]):
                return
            del self._left[self._at]
            self._at -= 1
        self.texture, self.story = None, _NO_STORY

    def _put_up(self, still: str | Story) -> bool:
        if isinstance(still, Story):
            self.texture, self.story = None, still
            return True
        texture = load_texture(still)
        if texture is None:
            return False
        self.texture, self.story = texture, _NO_STORY
        return True


def stills_of(view: View) -> tuple[str | Story, ...]:
    """Stories and picture files by turns, then what is left of either."""
    both = min(len(view.stories), len(view.pictures))
    turns = [still for pair in zip(view.stories, view.pictures, strict=False) for still in pair]
    return (*turns, *view.stories[both:], *view.pictures[both:])


load_rules(__file__)
