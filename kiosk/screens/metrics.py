"""Sizes: one unit, `u`, is a pixel of the 7-inch 800×480 panel; all else follows the window."""

from math import sqrt

PIXELS_PER_MM = (800**2 + 480**2) ** 0.5 / 7 / 25.4
"""Of that panel (5.25), so 24 mm are 126 u, 15 mm are 79 u and 5 mm are 26 u."""

FACE_U = 128
"""A face's diameter in landscape: just over 24 mm."""
KEY_U = 80
"""The smallest side of any secondary key: just over 15 mm."""


def is_portrait(width: float, height: float) -> bool:
    return height > width


def unit(width: float, height: float) -> float:
    """Pixels in one u for a window of that size."""
    across, down = (480, 800) if is_portrait(width, height) else (800, 480)
    return min(width / across, height / down)


def sides(across: float) -> int:
    """Of the polygon that is drawn for a disc: within 0.05 pixels of it. Kivy's own 180 are too
    many: a face has twenty discs."""
    return max(12, round(8 * sqrt(max(0.0, across))))
