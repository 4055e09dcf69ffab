"""The five faces as SVG, by the numbers of the kiosk's own (a test compares them)."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

INK, EDGE = "#14232E", "#6A7883"
COLORS = {
    1: ("#DB4B3A", "#8E2419"),
    2: ("#F39A4A", "#A0520F"),
    3: ("#F6D566", "#806200"),
    4: ("#7CC4D6", "#1F6B80"),
    5: ("#3E93C4", "#124F78"),
}
# All lengths are parts of the diameter; heights from the chin up, the middle at 0.5.
EYES = (0.345, 0.655)
EYE_WIDTH, EYE_HEIGHT, EYE_AT = 0.085, 0.125, 0.575
STROKE = 0.044
RIM = 0.028
# rating: (height of the mouth's ends, height of its middle, half its width)
MOUTHS = {
    1: (0.22, 0.365, 0.20),
    2: (0.265, 0.335, 0.18),
    3: (0.30, 0.30, 0.17),
    4: (0.355, 0.255, 0.20),
    5: (0.39, 0.18, 0.22),
}
# rating: (height of a brow's outer end, its middle, its inner end)
BROWS = {
    1: (0.795, 0.765, 0.71),
    2: (0.765, 0.755, 0.725),
    3: (0.765, 0.765, 0.765),
    4: (0.755, 0.80, 0.785),
    5: (0.775, 0.845, 0.825),
}


def draw_face(rating: int, x: float, y: float, across: float) -> SafeString:
    """The face of a rating around (x, y), to be put into an SVG."""
    fill, edge = COLORS[rating]
    eyes = format_html_join(
        "",
        '<ellipse cx="{}" cy="{}" rx="{}" ry="{}" />',
        ((f"{eye:g}", 1 - EYE_AT, EYE_WIDTH / 2, EYE_HEIGHT / 2) for eye in EYES),
    )
    strokes = format_html_join("", '<path d="{}" stroke-width="{}" />', _strokes(rating))
    return format_html(
        '<g transform="translate({} {}) scale({})"><circle cx="0.5" cy="0.5" r="{}" fill="{}"'
        ' stroke="{}" stroke-width="{}" /><g fill="{ink}">{}</g>'
        '<g fill="{bowl}" stroke="{ink}" stroke-linecap="round">{}</g></g>',
        *(f"{value:.2f}" for value in (x - across / 2, y - across / 2, across)),
        0.5 - RIM / 2,
        fill,
        edge,
        RIM,
        eyes,
        strokes,
        ink=INK,
        bowl=INK if rating == max(MOUTHS) else "none",
    )


def draw_small_face(rating: int) -> SafeString:
    """A face of its own, as large as its class says."""
    return format_html(
        '<svg class="face" viewBox="0 0 1 1" aria-hidden="true">{}</svg>',
        draw_face(rating, 0.5, 0.5, 1),
    )


def _strokes(rating: int) -> list[tuple[str, str]]:
    """Mouth and brows as quadratic curves with their widths."""
    ends, middle, half = MOUTHS[rating]
    if rating == max(MOUTHS):  # an open, laughing mouth: the lower half of an ellipse
        depth = ends - middle
        mouth = (
            f"M{0.5 - half:g} {1 - ends:g}A{half:g} {depth:g} 0 0 0 {0.5 + half:g} {1 - ends:g}Z"
        )
    else:
        mouth = _curve((0.5 - half, ends), (0.5, middle), (0.5 + half, ends))
    brows = []
    for eye in EYES:
        left, center, right = BROWS[rating] if eye < 0.5 else BROWS[rating][::-1]
        brows.append(_curve((eye - 0.085, left), (eye, center), (eye + 0.085, right)))
    return [(mouth, f"{STROKE:g}"), *((brow, f"{STROKE * 0.85:.4f}") for brow in brows)]


def _curve(*through: tuple[float, float]) -> str:
    """Through three points, the one in the middle halfway along."""
    (x0, y0), (x1, y1), (x2, y2) = through
    bend = 2 * x1 - (x0 + x2) / 2, 2 * y1 - (y0 + y2) / 2
    return f"M{x0:g} {1 - y0:g}Q{bend[0]:g} {1 - bend[1]:g} {x2:g} {1 - y2:g}"
