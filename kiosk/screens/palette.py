"""The kiosk's colors, and the arithmetic that proves them readable (WCAG 2.2); imports no Kivy."""

from dataclasses import dataclass

PAGE = "#F3F6F8"
CARD = "#FFFFFF"
PRESSED = "#C9DAE4"
INK = "#14232E"
MUTED = "#45545F"
EDGE = "#6A7883"
ACCENT = "#0B5A7A"
ON_ACCENT = "#FFFFFF"
WARNING = "#8A4B00"
CHOSEN = "#E1EEF5"


@dataclass(frozen=True)
class FaceColors:
    fill: str
    edge: str


# A red-yellow-blue scale: unlike red-yellow-green it stays apart for every common kind of color
# blindness (tests/kiosk/screens/test_palette.py simulates them). Color is never the only sign.
FACES = {
    1: FaceColors(fill="#DB4B3A", edge="#8E2419"),
    2: FaceColors(fill="#F39A4A", edge="#A0520F"),
    3: FaceColors(fill="#F6D566", edge="#806200"),
    4: FaceColors(fill="#7CC4D6", edge="#1F6B80"),
    5: FaceColors(fill="#3E93C4", edge="#124F78"),
}


def rgba(color: str) -> tuple[float, float, float, float]:
    """ "#RRGGBB" as four parts of 1, opaque."""
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue, 1.0


def luminance(color: str) -> float:
    """Relative luminance 0..1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in rgba(color)[:3]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio 1..21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
