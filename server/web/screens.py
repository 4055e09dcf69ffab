"""A kiosk's screens as they will look, roughly: SVG of the question, and of the reasons after it.

Not the kiosk's own drawing (the server knows no kiosk): the same faces, colours, order and words.
"""

from collections.abc import Iterator, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from protocol.configuration import Config
from protocol.rating import POSITIVE_REASONS, REASONS, SCALES, WORDS
from server.web.faces import EDGE, INK, draw_face

PAGE, CARD, MUTED, ACCENT = "#F3F6F8", "#FFFFFF", "#45545F", "#0B5A7A"
FACE = 128  # a face's width in pixels of the 7-inch panel
KEYS = {
    "vi": {
        "official": "Cán bộ",
        "private": "Ý kiến được giữ kín. Cán bộ tại quầy không xem được từng lượt đánh giá.",
        "thanks": "Đã ghi nhận. Cảm ơn Ông/Bà.",
        "why_bad": "Điều gì ảnh hưởng nhiều nhất đến đánh giá của Ông/Bà?",
        "skip": "Bỏ qua",
        "done": "Xong",
        "self": "Tiếng Việt",
    },
    "en": {
        "official": "Official",
        "private": "Private. The official at this counter cannot see single answers.",
        "thanks": "Recorded. Thank you.",
        "why_bad": "What influenced your answer most?",
        "skip": "Skip",
        "done": "Done",
        "self": "English",
    },
}


def draw_asking(config: Config, locale: str, *, upright: bool) -> SafeString:
    """The screen that asks, 800×480 or upright 480×800, in one of the configuration's languages."""
    parts = _asking_upright if upright else _asking
    return _screen(parts(config, locale), upright=upright, label=config.question.get(locale, ""))


def draw_reasons(config: Config, locale: str, rating: int, *, upright: bool) -> SafeString:
    """The screen after a rating; the thanks alone where no reasons are asked."""
    return _screen(
        _reasons(config, locale, rating, upright),
        upright=upright,
        label=_words(locale)["thanks"],
    )


def _screen(parts: Iterator[SafeString], *, upright: bool, label: str) -> SafeString:
    width, height = (480, 800) if upright else (800, 480)
    return format_html(
        '<svg class="screen" viewBox="0 0 {w} {h}" role="img" aria-label="{label}">'
        '<rect width="{w}" height="{h}" fill="{page}" />{parts}</svg>',
        w=width,
        h=height,
        label=label,
        page=PAGE,
        parts=format_html_join("", "{}", ((part,) for part in parts)),
    )


def _asking(config: Config, locale: str) -> Iterator[SafeString]:
    words = _words(locale)
    yield _text([config.counter.name], 16, 40, 27, bold=True, anchor="start")
    yield _text([config.unit.name], 16, 77, 18, color=MUTED, anchor="start")
    yield from _keys(config, locale, [(553, 11, 110, 79), (672, 11, 111, 79)])
    lines = _wrap(config.question.get(locale, ""), 768, 33, bold=True)[:3]
    yield _text(lines, 400, 149, 33 if len(lines) < 3 else 25, bold=True)
    ratings = SCALES[config.scale]
    width = (767 - 10 * (len(ratings) - 1)) / len(ratings)
    for place, rating in enumerate(ratings):
        left = 17 + place * (width + 10)
        yield _box(left, 206, width, 211, 10)
        yield draw_face(rating, left + width / 2, 278, FACE)
        word = _wrap(WORDS[rating].get(locale, WORDS[rating]["vi"]), width - 12, 22, bold=True)
        yield _text(word, left + width / 2, 380, 22, bold=True)
    yield _text([words["private"]], 400, 449, 19, color=MUTED)


def _asking_upright(config: Config, locale: str) -> Iterator[SafeString]:
    words = _words(locale)
    yield _text([config.counter.name], 10, 18, 20, bold=True, anchor="start")
    yield _text([config.unit.name], 10, 43, 15, color=MUTED, anchor="start")
    lines = _wrap(config.question.get(locale, ""), 460, 25, bold=True)[:2]
    yield _text(lines, 10, 84, 25 if len(lines) < 3 else 20, bold=True, anchor="start")
    yield from _keys(config, locale, [(383, 117, 86, 77), (383, 205, 86, 77)])
    ratings = SCALES[config.scale][::-1]
    step = 644 / len(ratings)
    for place, rating in enumerate(ratings):
        top = 117 + place * step + (step - FACE) / 2
        yield _box(11, top, 362, 126, 63)
        yield draw_face(rating, 74, top + 63, FACE)
        word = _wrap(WORDS[rating].get(locale, WORDS[rating]["vi"]), 210, 31, bold=True)
        yield _text(word, 248, top + 63, 31, bold=True)
    yield _text([words["private"]], 240, 779, 13, color=MUTED)


def _keys(
    config: Config, locale: str, places: list[tuple[float, float, float, float]]
) -> Iterator[SafeString]:
    """The officials' key and the other language's, as far as there are any."""
    others = [_words(each)["self"] for each in config.locales if each != locale]
    labels = [_words(locale)["official"], *others[:1]]
    for (x, y, w, h), label in zip(places[-len(labels) :], labels, strict=True):
        yield _box(x, y, w, h, 8)
        yield _text(_wrap(label, w - 8, 18), x + w / 2, y + h / 2, 18)


def _reasons(config: Config, locale: str, rating: int, upright: bool) -> Iterator[SafeString]:
    words, across, down = _words(locale), 480 if upright else 800, 800 if upright else 480
    yield _text([words["thanks"]], across / 2, 48, 26 if upright else 34, bold=True)
    offered = [reason for reason in config.reasons if rating in reason.ratings]
    if not offered:
        return
    size = 17 if upright else 24
    asked = _wrap(words["why_bad"], across - 32, size)
    yield _text(asked, 16, 112, size, anchor="start")
    columns = 2 if upright else 3
    rows = -(-len(offered) // columns)
    width = (across - 32 - 10 * (columns - 1)) / columns
    height = min(150.0, (down - 140 - 100 - 10 * rows) / rows)
    for place, reason in enumerate(offered):
        x, y = 16 + place % columns * (width + 10), 140 + place // columns * (height + 10)
        yield _box(x, y, width, height, 10)
        known = (REASONS | POSITIVE_REASONS).get(reason.code, {})
        label = reason.label.get(locale) or known.get(locale) or reason.code
        yield _text(_wrap(label, width - 28, 20), x + width / 2, y + height / 2, 20)
    half = (across - 42) / 2
    for place, (label, strong) in enumerate(((words["skip"], False), (words["done"], True))):
        x = 16 + place * (half + 10)
        yield _box(x, down - 90, half, 78, 10, fill=ACCENT if strong else CARD)
        yield _text(
            [label], x + half / 2, down - 51, 24, bold=strong, color=CARD if strong else INK
        )


def _words(locale: str) -> dict[str, str]:
    return KEYS.get(locale, KEYS["vi"])


def _box(
    x: float, y: float, width: float, height: float, radius: float, *, fill: str = CARD
) -> SafeString:
    return format_html(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{}" stroke="{}"'
        ' stroke-width="2" />',
        *(f"{value:.1f}" for value in (x, y, width, height, radius)),
        fill,
        EDGE,
    )


def _text(
    lines: Sequence[str],
    x: float,
    middle: float,
    size: float,
    *,
    bold: bool = False,
    color: str = INK,
    anchor: str = "middle",
) -> SafeString:
    """Lines around the height `middle`."""
    step = size * 1.36
    first = middle - step * (len(lines) - 1) / 2 + size * 0.36
    spans = format_html_join(
        "",
        '<tspan x="{}" y="{}">{}</tspan>',
        ((f"{x:.1f}", f"{first + step * n:.1f}", line) for n, line in enumerate(lines)),
    )
    return format_html(
        '<text font-size="{}" font-weight="{}" fill="{}" text-anchor="{}">{}</text>',
        f"{size:g}",
        700 if bold else 400,
        color,
        anchor,
        spans,
    )


def _wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Words in as few lines as fit the width, about equally long, by their letters' usual width."""
    most = width / (size * (0.57 if bold else 0.53))
    count = max(1, -(-len(text) // max(1, int(most))))
    while True:
        lines = _fill(text.split(), len(text) / count + 3)
        if all(len(line) <= most for line in lines) or count > len(text.split()):
            return lines
        count += 1


def _fill(words: Sequence[str], most: float) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
