"""What the technician's tabs show: facts, QR codes, the self-test."""

# mypy: disallow-subclassing-any=False
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.screens import qr as _qr  # noqa: F401 (the rules name its QrCode)
from kiosk.screens.screen import Part, load_rules
from kiosk.screens.widgets import Panel

BRIGHTNESS_STEP = 10


class FactsTable(Part):
    """Each fact's name and value; only what differs is drawn anew. Above them a sentence: what has
    to be done."""

    advice = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in ("view", "words"):
            self.fbind(name, self._fill)
        self._fill()

    def _fill(self, *_: object) -> None:
        rows, facts = self.ids.rows, self.view.technician.facts
        self.advice = dict(facts).get("advice", "")
        facts = tuple(fact for fact in facts if fact[0] != "advice")
        if len(rows.children) != len(facts):
            rows.clear_widgets()
            for _ in facts:
                rows.add_widget(Fact(u=self.u))
        for row, (key, value) in zip(reversed(rows.children), facts, strict=True):
            row.name, row.value = self.words[f"technician.{key}"], value


class Fact(BoxLayout):
    """One line of the table."""

    u = NumericProperty(1.0)
    name = StringProperty("")
    value = StringProperty("")


class Codes(Part):
    """What a technician takes away with a phone: the newest signed head and checkpoint."""


class CodeBox(BoxLayout):
    """A QR code above its name; without a text, that there is none yet."""

    u = NumericProperty(1.0)
    name = StringProperty("")
    text = StringProperty("")
    without = StringProperty("")


class SelfTest(Part):
    """A tile for each button, lamps and sound at a touch, and how bright the display is."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.fbind("view", self._fill)
        self._fill()

    def dim(self, steps: int) -> None:
        """Brighter, or darker with a minus."""
        percent = self.view.technician.brightness + steps * BRIGHTNESS_STEP
        self.events.brightness(min(100, max(BRIGHTNESS_STEP, percent)))

    def _fill(self, *_: object) -> None:
        shown, tiles = self.view.technician, self.ids.tiles
        if len(tiles.children) != len(shown.buttons):
            tiles.clear_widgets()
            for _ in shown.buttons:
                tiles.add_widget(ButtonTile(u=self.u))
        for tile, button in zip(reversed(tiles.children), shown.buttons, strict=True):
            tile.button, tile.felt = button, button in shown.seen


class ButtonTile(Panel):
    """One button of the panel; ticked once it was felt."""

    button = NumericProperty(1)
    felt = BooleanProperty(False)


load_rules(__file__)
