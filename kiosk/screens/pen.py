"""Draws pictures written as strokes, with round ends and crisp at every size."""

from collections.abc import Callable
from itertools import pairwise
from math import cos, pi, sin

from kivy.graphics import Ellipse, Mesh, SmoothEllipse, SmoothLine

from kiosk.screens.metrics import sides

_STROKE = 7.0


class Pen:
    """Draws on a square of 100 by 100, y upwards, into the canvas that is open.

    (x, y) is the square's lower left corner and `part` a hundredth of its side, in pixels. Strokes:
    `line x y x y …`, `arc x y radius from to` (degrees, 0 = right, anticlockwise), `box x y width
    height`, `ring x y radius`, `disc x y radius`, `dome x y radius` (half a disc), `star x y
    radius`; `thin` makes the strokes after it finer, until `thick`.
    """

    def __init__(self, x: float, y: float, part: float) -> None:
        self._x, self._y, self._part, self._stroke = x, y, part, _STROKE
        self._kinds: dict[str, Callable[..., None]] = {
            "line": self._line,
            "arc": self._arc,
            "box": self._box,
            "ring": lambda x, y, radius: self._arc(x, y, radius, 0, 360),
            "disc": self._disc,
            "dome": self._dome,
            "star": self._star,
        }

    def draw(self, strokes: str) -> None:
        for stroke in strokes.split(";"):
            kind, *numbers = stroke.split()
            if kind in ("thin", "thick"):
                self._stroke = _STROKE * (0.7 if kind == "thin" else 1)
            else:
                self._kinds[kind](*map(float, numbers))

    def _line(self, *numbers: float) -> None:
        points = [(self._at(x, y)) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        for one, other in pairwise(points):
            SmoothLine(points=(*one, *other), width=self._stroke * self._part / 2)
        for x, y in points:  # SmoothLine has neither round ends nor round corners
            self._end(x, y)

    def _arc(self, x: float, y: float, radius: float, start: float, end: float) -> None:
        steps = max(8, int((end - start) / 6))
        angles = [pi / 180 * (start + (end - start) * at / steps) for at in range(steps + 1)]
        points = [self._at(x + radius * cos(a), y + radius * sin(a)) for a in angles]
        SmoothLine(
            points=[part for point in points for part in point],
            width=self._stroke * self._part / 2,
        )
        if end - start < 360:
            for at in (points[0], points[-1]):
                self._end(*at)

    def _box(self, x: float, y: float, width: float, height: float) -> None:
        right, top = x + width, y + height
        self._line(x, y, right, y, right, top, x, top, x, y)

    def _disc(self, x: float, y: float, radius: float) -> None:
        self._round(*self._at(x, y), radius * self._part)

    def _dome(self, x: float, y: float, radius: float) -> None:
        (left, low), across = self._at(x - radius, y - radius), 2 * radius * self._part
        box = {"pos": (left, low), "size": (across, across), "angle_start": -90, "angle_end": 90}
        SmoothEllipse(**box)
        Ellipse(**box)

    def _star(self, x: float, y: float, radius: float) -> None:
        tips = [
            self._at(
                x + radius * (1 if at % 2 == 0 else 0.45) * cos(pi / 2 + at * pi / 5),
                y + radius * (1 if at % 2 == 0 else 0.45) * sin(pi / 2 + at * pi / 5),
            )
            for at in range(11)
        ]
        corners = [part for px, py in [self._at(x, y), *tips] for part in (px, py, 0, 0)]
        Mesh(vertices=corners, indices=range(12), mode="triangle_fan")
        SmoothLine(points=[part for tip in tips for part in tip], width=self._part)

    def _end(self, x: float, y: float) -> None:
        self._round(x, y, self._stroke * self._part / 2 - 0.3)

    def _round(self, x: float, y: float, radius: float) -> None:
        many = sides(2 * radius)
        SmoothEllipse(pos=(x - radius, y - radius), size=(2 * radius, 2 * radius), segments=many)
        if radius > 2:  # SmoothEllipse leaves pinholes between its middle and its smooth rim
            inner = radius - 0.75
            Ellipse(pos=(x - inner, y - inner), size=(2 * inner, 2 * inner), segments=many)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return self._x + x * self._part, self._y + y * self._part
