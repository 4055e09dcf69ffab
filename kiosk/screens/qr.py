"""A QR code, crisp at any size: whole pixels for every module, redrawn only when it changes."""

# mypy: disallow-subclassing-any=False
import logging

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import StringProperty
from kivy.uix.widget import Widget

log = logging.getLogger(__name__)

QUIET = 4
"""White modules around the code (ISO/IEC 18004, "quiet zone")."""


class QrCode(Widget):
    """The `text` as a QR code in the middle of the widget; without a text nothing is drawn."""

    text = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._texture: Texture | None = None
        self.fbind("text", self._encode)
        for name in ("pos", "size"):
            self.fbind(name, self._draw)
        self._encode()

    def _encode(self, *_: object) -> None:
        self._texture = _texture(self.text) if self.text else None
        self._draw()

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        if self._texture is None:
            return
        modules = self._texture.width
        across = modules * int(min(self.size) / modules)
        # Not self.center: it may still be the old one while pos and size are changing.
        x = round(self.x + (self.width - across) / 2)
        y = round(self.y + (self.height - across) / 2)
        with self.canvas:
            Color(1, 1, 1)
            Rectangle(texture=self._texture, pos=(x, y), size=(across, across))


def _texture(text: str) -> Texture | None:
    """One pixel for each module, quiet zone included; None for a text too long for a QR code."""
    import segno  # only when the first code is shown: a citizen waits for the start, not for this

    try:
        code = segno.make(text, error="m", micro=False)
    except segno.DataOverflowError:
        log.error("a text of %d characters is too long for a QR code", len(text))
        return None
    rows = [bytes(0 if dark else 255 for dark in row) for row in code.matrix_iter(border=QUIET)]
    texture = Texture.create(size=(len(rows), len(rows)), colorfmt="luminance")
    texture.mag_filter = texture.min_filter = "nearest"
    upwards = b"".join(reversed(rows))  # OpenGL counts rows from the bottom
    texture.blit_buffer(upwards, colorfmt="luminance", bufferfmt="ubyte")
    return texture
