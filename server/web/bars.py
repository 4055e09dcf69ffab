"""A figure drawn as inline SVG: five parts, and under them the share's interval on the same axis.

Positions are percentages, so a bar fills any width without distortion; colours come by class
(style.css), since the Content-Security-Policy lets no inline style through.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from server.analytics.selectors import Figure
from server.web import words

FROM_THE_BEST = (5, 4, 3, 2, 1)  # the satisfied share begins at the left edge of every bar
LABEL_FROM = 8.0  # per cent of the width that a label inside a part needs
NARROW_BELOW = 17.0  # a label in a part below this is left out on a telephone (style.css)


def draw_bar(figure: Figure, *, percents: bool = False, plain: bool = False) -> SafeString:
    """The bar of a figure that has counts, with its interval; empty without them.

    percents: parts are labelled with shares instead of counts. plain: without colour.
    """
    if figure.counts is None or figure.share is None or figure.low is None or figure.high is None:
        return SafeString("")
    told = escape(_in_words(figure.base, figure.counts, figure.low, figure.high))
    # Put together as text, words escaped one by one: a province's page draws hundreds of parts.
    kind = "figure plain" if plain else "figure"
    return SafeString(
        f'<div class="{kind}" role="img" aria-label="{told}"><svg class="parts">'
        f"{''.join(_parts(figure.counts, percents))}</svg>"
        f"{_interval(figure.share, figure.low, figure.high)}</div>"
    )


def draw_swatch(rating: int) -> SafeString:
    """The colour of one rating, for the legend."""
    return format_html(
        '<svg class="swatch" aria-hidden="true">'
        '<rect class="r{}" width="100%" height="100%" /></svg>',
        rating,
    )


def _in_words(base: int, counts: Sequence[int], low: float, high: float) -> str:
    """The bar for those who hear the page."""
    parts = ", ".join(
        f"{words.rating_words(rating)} {words.whole(counts[rating - 1])}"
        for rating in FROM_THE_BEST
    )
    text = gettext("Trong {base} lượt: {parts}. Khoảng tin cậy 95 % từ {low} đến {high}.")
    return text.format(
        base=words.whole(base), parts=parts, low=words.percent(low), high=words.percent(high)
    )


def _parts(counts: Sequence[int], percents: bool) -> Iterator[str]:
    base, left = sum(counts), 0.0
    for rating in FROM_THE_BEST:
        count = counts[rating - 1]
        width = 100 * count / base
        label = words.percent(Fraction(count, base)) if percents else words.whole(count)
        if count:
            yield _part(rating, left, width, label)
        left += width


def _part(rating: int, left: float, width: float, label: str) -> str:
    label = escape(label)
    text = ""
    if width >= LABEL_FROM:
        narrow = " narrow" if width < NARROW_BELOW else ""
        text = (
            f'<text class="t{rating}{narrow}" x="{_at(left + width / 2)}%" y="50%" dy="0.36em" '
            f'text-anchor="middle">{label}</text>'
        )
    return (
        f'<rect class="r{rating}" x="{_at(left)}%" width="{_at(width)}%" height="100%">'
        f"<title>{escape(words.rating_words(rating))}: {label}</title></rect>{text}"
    )


def _interval(share: float, low: float, high: float) -> str:
    low_at, high_at, share_at = (_at(100 * value) for value in (low, high, share))
    return (
        '<svg class="interval"><line class="axis" x1="0%" x2="100%" y1="50%" y2="50%" />'
        f'<line x1="{low_at}%" x2="{high_at}%" y1="50%" y2="50%" />'
        f'<line x1="{low_at}%" x2="{low_at}%" y1="15%" y2="85%" />'
        f'<line x1="{high_at}%" x2="{high_at}%" y1="15%" y2="85%" />'
        f'<circle cx="{share_at}%" cy="50%" r="3.5" /></svg>'
    )


def _at(value: float) -> str:
    """A number for an SVG attribute: never with a decimal comma."""
    return f"{value:.2f}"
