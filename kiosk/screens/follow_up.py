"""After the vote: thanks first, then reasons for those who like; the same at every rating."""

# mypy: disallow-subclassing-any=False
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.gridlayout import GridLayout

from kiosk.screens import widgets as _widgets  # noqa: F401 (their rules come first)
from kiosk.screens.screen import ArmedScreen, Part, load_rules, put_up
from kiosk.screens.thanks import Thanked
from kiosk.screens.view import BLANK, Reason, View
from kiosk.screens.widgets import PictureKey


class WhyPart(Part):
    """The one heading, and the reasons beneath."""


class FollowUpScreen(ArmedScreen):
    """Shown only after the vote is on disk; the app takes it away."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.fbind("view", self._place)
        self._place()

    def _place(self, *_: object) -> None:
        put_up(self.part(WhyPart if self.view.reasons else Thanked), self.ids.middle)


class ReasonTile(PictureKey):
    """One reason, to be chosen and taken back by a tap."""

    reason = ObjectProperty(Reason("", ""), rebind=True)


class Reasons(GridLayout):
    """The reasons on offer, all alike; the tiles are kept and only get other reasons."""

    u = NumericProperty(1.0)
    portrait = BooleanProperty(False)
    view = ObjectProperty(BLANK)
    events = ObjectProperty(None)

    def __init__(self, **kwargs: object) -> None:
        self._tiles: list[ReasonTile] = []
        super().__init__(**kwargs)
        self.fbind("view", self._fill)
        self._fill()

    def _fill(self, *_: object) -> None:
        view: View = self.view
        while len(self._tiles) < len(view.reasons):
            self._tiles.append(self._tile())
        for tile, reason in zip(self._tiles, view.reasons, strict=False):
            tile.reason, tile.chosen = reason, reason.code in view.chosen
        wanted = self._tiles[: len(view.reasons)]
        if wanted != self.children[::-1]:
            self.clear_widgets()
            for tile in wanted:
                self.add_widget(tile)

    def _tile(self) -> ReasonTile:
        tile = ReasonTile(u=self.u, beside=not self.portrait)
        tile.fbind("on_release", self._tapped)
        return tile

    def _tapped(self, tile: ReasonTile) -> None:
        self.events.reason(tile.reason.code, not tile.chosen)


load_rules(__file__)
