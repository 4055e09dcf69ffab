"""The last thanks, the same for every rating: a calm check mark, never the chosen face."""

# mypy: disallow-subclassing-any=False
from kiosk.screens import widgets as _widgets  # noqa: F401 (their rules come first)
from kiosk.screens.screen import ArmedScreen, Part, load_rules, put_up
from kiosk.screens.widgets import is_contact


class Thanked(Part):
    """The check mark, the thanks, and who cannot see the answer."""


class ThanksScreen(ArmedScreen):
    """Shown for a moment, or until the next citizen taps it away."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        put_up(self.part(Thanked), self)

    def on_touch_down(self, touch: object) -> bool:
        if self.armed and is_contact(touch):
            self.events.dismiss()
        return True


load_rules(__file__)
