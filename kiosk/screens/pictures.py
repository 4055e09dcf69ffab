"""Pictures from files: a photo, or a still of the resting screen. One that cannot be read is not
there: nothing else suffers."""

# mypy: disallow-subclassing-any=False
import logging

from kivy.core.image import Image
from kivy.graphics import Color, SmoothRoundedRectangle
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

log = logging.getLogger(__name__)


class Picture(Widget):
    """The file's picture with rounded corners: whole inside the widget, or `filling` all of it."""

    file = StringProperty("")
    filling = BooleanProperty(False)
    radius = NumericProperty(0)
    texture = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.fbind("file", self._load)
        for name in ("pos", "size", "filling", "radius", "texture"):
            self.fbind(name, self._draw)
        self._load()

    def _load(self, *_: object) -> None:
        self.texture = load_texture(self.file)

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        if self.texture is None or min(self.size) <= 1:
            return
        width, height = self.texture.size
        texture = self.texture
        if self.filling:
            across = min(width, height * self.width / self.height)
            down = across * self.height / self.width
            above = 0.3 * (height - down)  # faces are in the upper part of a photo
            texture = texture.get_region((width - across) / 2, height - down - above, across, down)
            size = self.size
        else:
            scale = min(self.width / width, self.height / height)
            size = width * scale, height * scale
        pos = self.x + (self.width - size[0]) / 2, self.y + (self.height - size[1]) / 2
        with self.canvas:
            Color(1, 1, 1)
            SmoothRoundedRectangle(pos=pos, size=size, texture=texture, radius=[self.radius])


def load_texture(file: str) -> Texture | None:
    """The picture of a file; None if there is no file or no picture in it."""
    if not file:
        return None
    try:
        return Image(file, nocache=True).texture
    except Exception:  # image libraries raise whatever they like at a broken file
        log.exception("the picture %s cannot be shown", file)
        return None
