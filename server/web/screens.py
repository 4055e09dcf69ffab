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
        "unsigned": "Đánh giá cho {counter}",
        "listen": "Nghe",
        "official": "Cán bộ",
        "private": "Ý kiến được giữ kín. Cán bộ tại quầy không xem được từng lượt đánh giá.",
        "thanks": "Đã ghi nhận. Cảm ơn Ông/Bà.",
        "why_bad": "Điều gì ảnh hưởng nhiều nhất đến đánh giá của Ông/Bà?",
        "skip": "Bỏ qua",
        "done": "Xong",
        "self": "Tiếng Việt",
    },
    "en": {
        "unsigned": "Rating for {counter}",
        "listen": "Listen",
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
    keys = _keys(config, locale)
    wide = 88 if config.voice.listen else 112
    first = 792 - len(keys) * (wide + 8)
    yield from _heading(config, locale, 16, (40, 77), (27, 18), first - 28)
    for place, label in enumerate(keys):
        yield from _key(label, first + place * (wide + 8), 11, wide, 79)
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
    yield from _heading(config, locale, 10, (18, 43), (20, 15), 460)
    lines = _wrap(config.question.get(locale, ""), 460, 25, bold=True)[:2]
    yield _text(lines, 10, 84, 25 if len(lines) < 3 else 20, bold=True, anchor="start")
    for place, label in enumerate(_keys(config, locale)):
        yield from _key(label, 383, 117 + 88 * place, 86, 77)
    ratings = SCALES[config.scale][::-1]
    step = 644 / len(ratings)
    for place, rating in enumerate(ratings):
        top = 117 + place * step + (step - FACE) / 2
        yield _box(11, top, 362, 126, 63)
        yield draw_face(rating, 74, top + 63, FACE)
        word = _wrap(WORDS[rating].get(locale, WORDS[rating]["vi"]), 210, 31, bold=True)
        yield _text(word, 248, top + 63, 31, bold=True)
    yield _text([words["private"]], 240, 779, 13, color=MUTED)


def _heading(
    config: Config,
    locale: str,
    left: float,
    middles: tuple[float, float],
    sizes: tuple[float, float],
    width: float,
) -> Iterator[SafeString]:
    """Counter and unit while nobody has signed in, a long name in smaller letters."""
    place = _words(locale)["unsigned"].format(counter=config.counter.name)
    for line, middle, size, strong in zip(
        (place, config.unit.name), middles, sizes, (True, False), strict=True
    ):
        fitting = min(size, width / (max(len(line), 1) * (0.57 if strong else 0.53)))
        color = INK if strong else MUTED
        yield _text([line], left, middle, fitting, bold=strong, color=color, anchor="start")


def _keys(config: Config, locale: str) -> list[str]:
    """To listen, the officials' key and the other language's, as far as there are any."""
    words = _words(locale)
    others = [_words(each)["self"] for each in config.locales if each != locale]
    return [*([words["listen"]] if config.voice.listen else []), words["official"], *others[:1]]


def _key(label: str, x: float, y: float, width: float, height: float) -> Iterator[SafeString]:
    yield _box(x, y, width, height, 8)
    yield _text(_wrap(label, width - 8, 18), x + width / 2, y + height / 2, 18)


def _reasons(config: Config, locale: str, rating: int, upright: bool) -> Iterator[SafeString]:
    words, across, down = _words(locale), 480 if upright else 800, 800 if upright else 480
    offered = [reason for reason in config.reasons if rating in reason.ratings]
    if not offered:
        yield _text([words["thanks"]], across / 2, 48, 26 if upright else 34, bold=True)
        return
    keys = [label for label in _keys(config, locale) if label != words["official"]]
    wide = 80 if upright else 100
    first = across - 8 - len(keys) * (wide + 8)
    most = 25 if upright else 32
    thanks = _wrap(words["thanks"], first - 24, most, bold=True)
    yield _text(thanks, 16, 50, most, bold=True, anchor="start")
    for place, label in enumerate(keys):
        yield from _key(label, first + place * (wide + 8), 11, wide, 79)
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
        f"{size:.4g}",
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
