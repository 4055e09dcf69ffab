"""The pictures for those who cannot read: drawn by us as vectors, one for each reason and key."""

# mypy: disallow-subclassing-any=False
from kivy.graphics import Color
from kivy.properties import StringProperty
from kivy.uix.widget import Widget

from kiosk.screens import palette
from kiosk.screens.pen import Pen

# In the strokes of pen.py.
_SHEET = "line 18 8 18 92 58 92 78 72 78 8 18 8; line 56 91 56 74 77 74"
_BUST = "disc 26 46 14; dome 26 6 24"
_SAYING = "line 47 40 57 50 46 50 46 94 98 94 98 50 68 50 47 40"
_BUBBLE = "line 22 22 22 38 10 38 10 92 90 92 90 38 40 38 22 22"

PICTOGRAMS = {
    # waits and dates
    "R1": "ring 50 50 42; line 50 76 50 50 68 40",
    "R2": "box 10 10 80 72; line 10 62 90 62; line 30 92 30 74; line 70 92 70 74;"
    " line 50 50 50 34; disc 50 22 4.5",
    "P3": "ring 60 50 34; line 60 70 60 50 74 42;"
    " line 4 66 18 66; line 2 50 16 50; line 4 34 18 34",
    # how one is spoken to
    "R3": f"{_BUST}; {_SAYING}; line 58 64 68 82 76 64 86 82",
    "P1": f"{_BUST}; {_SAYING}; arc 72 80 14 200 340",
    "R4": f"{_BUBBLE}; arc 50 72 11 -40 180; line 58 65 50 58 50 55; disc 50 45.5 4",
    "P2": f"{_BUBBLE}; line 34 66 45 54 67 77",
    # papers and ways
    "R5": "line 33 28 33 72 54 72 67 59 67 28 33 28; thin; line 42 42 58 42; line 42 53 58 53;"
    " thick; arc 50 50 44 20 145; arc 50 50 44 200 325; line 96 82 92 64 74 68;"
    " line 4 18 8 36 26 32",
    "P4": f"{_SHEET}; line 32 40 44 28 64 52",
    "R9": f"{_SHEET}; line 34 52 62 24; line 34 24 62 52",
    "R7": "box 8 30 84 60; line 26 30 26 8; line 74 30 74 8; thin; line 22 76 44 76;"
    " line 22 64 44 64; line 22 52 44 52; thick; arc 68 72 8 -40 180; line 74 67 68 60 68 57;"
    " disc 68 46 4",
    # what must not be
    "R6": "ring 60 71 24; thin; ring 57 67 8; line 66 84 66 58; line 60 79 72 79; thick;"
    " line 4 34 22 34 40 40 62 36 58 26 40 26; line 62 32 84 44 94 40 92 32 64 12 28 12 20 16 4 16",
    # the place
    "R8": "line 22 94 22 6; line 22 47 72 47 72 34; line 66 22 80 6; line 30 47 30 40 72 40;"
    " line 56 86 84 62; line 84 86 56 62",
    "P6": "line 22 94 22 6; line 22 47 72 47 72 6; line 30 47 30 40 72 40;"
    " line 58 96 58 68; line 44 82 72 82; line 86 74 86 58; line 78 66 94 66",
    "P5": "ring 50 60 32; star 50 60 19; line 32 34 24 6 40 14 48 28; line 68 34 76 6 60 14 52 28",
    "R0": "ring 50 50 42; disc 28 50 6.5; disc 50 50 6.5; disc 72 50 6.5",
    # keys
    "listen": "line 10 38 10 62 26 62 50 84 50 16 26 38 10 38; arc 50 50 20 -50 50;"
    " arc 50 50 36 -50 50",
    "said": f"{_BUBBLE}; disc 30 65 5; disc 50 65 5; disc 70 65 5",
    "did": "ring 50 50 42; line 30 50 44 35 70 66",
    "again": "arc 50 46 34 -120 150; line 12 84 20 62 42 68",
    "not_this": f"{_BUST}; line 60 78 92 46; line 92 78 60 46",
    "forgot": "arc 50 70 20 -45 180; line 64 56 50 44 50 32; disc 50 14 6",
}
NEUTRAL = f"{_BUBBLE}; line 28 74 72 74; line 28 57 60 57"
"""For a reason that has been added by configuration."""


class Pictogram(Widget):
    """One picture as large as the widget allows; an unknown name has the neutral one."""

    name = StringProperty("")
    color = StringProperty(palette.ACCENT)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in ("pos", "size", "name", "color"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        across = min(self.size)
        if not self.name or across <= 1:
            return
        with self.canvas:
            Color(rgba=palette.rgba(self.color))
            left, low = self.x + (self.width - across) / 2, self.y + (self.height - across) / 2
            pen = Pen(left, low, across / 100)
            pen.draw(PICTOGRAMS.get(self.name, NEUTRAL))
