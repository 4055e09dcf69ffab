"""The five faces, drawn as vectors: mouth and brows say it, color and word say it again."""

# mypy: disallow-subclassing-any=False
from kivy.graphics import Canvas, Color, Ellipse, SmoothEllipse, SmoothLine
from kivy.properties import NumericProperty
from kivy.uix.widget import Widget

from kiosk.screens.metrics import sides
from kiosk.screens.palette import FACES, INK, rgba

# All lengths are parts of the diameter; heights from the chin up, the middle at 0.5.
_EYES = (0.345, 0.655)
_EYE_WIDTH, _EYE_HEIGHT, _EYE_AT = 0.085, 0.125, 0.575
_STROKE = 0.044
_EDGE = 0.028
# rating: (height of the mouth's ends, height of its middle, half its width)
_MOUTHS = {
    1: (0.22, 0.365, 0.20),
    2: (0.265, 0.335, 0.18),
    3: (0.30, 0.30, 0.17),
    4: (0.355, 0.255, 0.20),
    5: (0.39, 0.18, 0.22),
}
# rating: (height of a brow's outer end, its middle, its inner end)
_BROWS = {
    1: (0.795, 0.765, 0.71),
    2: (0.765, 0.755, 0.725),
    3: (0.765, 0.765, 0.765),
    4: (0.755, 0.80, 0.785),
    5: (0.775, 0.845, 0.825),
}


class Face(Widget):
    """One face as large as the widget allows; draws again only when its place changes."""

    rating = NumericProperty(3)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in ("pos", "size", "rating"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        across = min(self.size)
        if across > 1:  # before its first layout a widget has whatever size
            draw_face(self.canvas, self.rating, self.center_x, self.center_y, across)


def draw_face(canvas: Canvas, rating: int, x: float, y: float, across: float) -> None:
    """Draws the face of a rating around (x, y), `across` pixels wide."""
    left, low, colors = x - across / 2, y - across / 2, FACES[rating]

    def place(*points: tuple[float, float]) -> list[float]:
        return [part for px, py in points for part in (left + px * across, low + py * across)]

    with canvas:
        _disc(colors.edge, x, y, across, across)
        inner = across * (1 - 2 * _EDGE)
        _disc(colors.fill, x, y, inner, inner)
        for eye in _EYES:
            ex, ey = place((eye, _EYE_AT))
            _disc(INK, ex, ey, across * _EYE_WIDTH, across * _EYE_HEIGHT)
            _stroke(place(*_brow(rating, eye)), across * _STROKE * 0.85)
        ends, middle, half = _MOUTHS[rating]
        if rating == max(FACES):
            (x, y), rim = place((0.5, ends)), _STROKE / 2
            _bowl(x, y, across * (half + rim), across * (ends - middle + rim))
            _stroke(place((0.5 - half, ends), (0.5 + half, ends)), across * _STROKE)
        else:
            _stroke(place(*_arc(ends, middle, half)), across * _STROKE)


def _arc(ends: float, middle: float, half: float) -> list[tuple[float, float]]:
    steps = [at / 16 for at in range(-16, 17)]
    return [(0.5 + half * at, middle + (ends - middle) * at * at) for at in steps]


def _brow(rating: int, eye: float) -> list[tuple[float, float]]:
    outer, middle, inner = _BROWS[rating]
    if eye > 0.5:
        outer, inner = inner, outer
    bend = middle - (outer + inner) / 2
    steps = [at / 8 for at in range(-8, 9)]
    return [
        (eye + 0.085 * at, (outer + inner) / 2 + (inner - outer) / 2 * at + bend * (1 - at * at))
        for at in steps
    ]


def _disc(color: str, x: float, y: float, width: float, height: float) -> None:
    Color(rgba=rgba(color))
    segments = sides(max(width, height))
    SmoothEllipse(pos=(x - width / 2, y - height / 2), size=(width, height), segments=segments)
    width, height = width - 1.5, height - 1.5
    # SmoothEllipse leaves pinholes between its middle and its smooth rim.
    Ellipse(pos=(x - width / 2, y - height / 2), size=(width, height), segments=segments)


def _stroke(points: list[float], width: float) -> None:
    Color(rgba=rgba(INK))
    SmoothLine(points=points, width=width / 2)
    for end in (0, len(points) - 2):  # SmoothLine has no round ends of its own
        _disc(INK, points[end], points[end + 1], width, width)


def _bowl(x: float, y: float, half: float, depth: float) -> None:
    """The lower half of an ellipse: an open, laughing mouth."""
    Color(rgba=rgba(INK))
    box = {"pos": (x - half, y - depth), "size": (2 * half, 2 * depth)}
    SmoothEllipse(angle_start=90, angle_end=270, segments=sides(2 * half), **box)
