"""Where a mobile kiosk stands today; asked in the morning, answered with one tap."""

# mypy: disallow-subclassing-any=False
from kivy.clock import Clock
from kivy.properties import NumericProperty

from kiosk.screens import widgets as _widgets  # noqa: F401 (their rules come first)
from kiosk.screens.pages import PAGE, KeyPage, on_page, page_after
from kiosk.screens.screen import Screen, load_rules
from kiosk.screens.view import View


class ChoosePlaceScreen(Screen):
    """All the places of the configuration, six at a time, below faces that stay live."""

    page = NumericProperty(0)
    page_size = PAGE

    def __init__(self, **kwargs: object) -> None:
        self._filling = Clock.create_trigger(self._fill, -1)
        super().__init__(**kwargs)
        for name in ("page", "view", "events", "u"):
            self.fbind(name, self._filling)
        self._fill()

    def enter(self) -> None:
        self.page = 0

    def leave(self) -> None:
        self.ids.faces.release()

    def show(self, view: View) -> None:
        super().show(view)
        if self.page * PAGE >= len(view.places):
            self.page = 0

    def turn(self) -> None:
        self.page = page_after(self.page, len(self.view.places))

    def _fill(self, *_: object) -> None:
        shown = (self.page, self.view.places, self.u)
        if shown == self._shown:
            return
        self._shown = shown
        page, columns = on_page(self.view.places, self.page), 2 if self.portrait else 3
        look = {"u": self.u, "cols": columns, "spacing": 6 * self.u}
        self.ids.place.clear_widgets()
        self.ids.place.add_widget(KeyPage(page, choose=self.events.place, **look))

    _shown: tuple[object, ...] = ()


load_rules(__file__)
