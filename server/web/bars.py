"""A figure drawn as inline SVG: five parts, and under them the share's interval on the same axis.

Positions are percentages, so a bar fills any width without distortion; colours come by class
(style.css), since the Content-Security-Policy lets no inline style through.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from server.analytics.selectors import Figure
from server.web import words

FROM_THE_BEST = (5, 4, 3, 2, 1)  # the satisfied share begins at the left edge of every bar
LABEL_FROM = 8.0  # per cent of the width that a label inside a part needs
NARROW_BELOW = 17.0  # a label in a part below this is left out on a telephone (style.css)


def draw_bar(figure: Figure, *, percents: bool = False) -> SafeString:
    """The bar of a figure that has counts, with its interval; empty without them.

    percents: parts are labelled with shares instead of counts.
    """
    if figure.counts is None or figure.share is None or figure.low is None or figure.high is None:
        return SafeString("")
    return format_html(
        '<div class="figure" role="img" aria-label="{}"><svg class="parts">{}</svg>{}</div>',
        _in_words(figure.base, figure.counts, figure.low, figure.high),
        format_html_join("", "{}", ((part,) for part in _parts(figure.counts, percents))),
        _interval(figure.share, figure.low, figure.high),
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


def _parts(counts: Sequence[int], percents: bool) -> Iterator[SafeString]:
    base, left = sum(counts), 0.0
    for rating in FROM_THE_BEST:
        count = counts[rating - 1]
        width = 100 * count / base
        label = words.percent(Fraction(count, base)) if percents else words.whole(count)
        if count:
            yield _part(rating, left, width, label)
        left += width


def _part(rating: int, left: float, width: float, label: str) -> SafeString:
    text = SafeString("")
    if width >= LABEL_FROM:
        text = format_html(
            '<text class="t{}{}" x="{}%" y="50%" dy="0.36em" text-anchor="middle">{}</text>',
            rating,
            " narrow" if width < NARROW_BELOW else "",
            _at(left + width / 2),
            label,
        )
    return format_html(
        '<rect class="r{}" x="{}%" width="{}%" height="100%"><title>{}: {}</title></rect>{}',
        rating,
        _at(left),
        _at(width),
        words.rating_words(rating),
        label,
        text,
    )


def _interval(share: float, low: float, high: float) -> SafeString:
    return format_html(
        '<svg class="interval"><line class="axis" x1="0%" x2="100%" y1="50%" y2="50%" />'
        '<line x1="{low}%" x2="{high}%" y1="50%" y2="50%" />'
        '<line x1="{low}%" x2="{low}%" y1="15%" y2="85%" />'
        '<line x1="{high}%" x2="{high}%" y1="15%" y2="85%" />'
        '<circle cx="{share}%" cy="50%" r="3.5" /></svg>',
        low=_at(100 * low),
        high=_at(100 * high),
        share=_at(100 * share),
    )


def _at(value: float) -> str:
    """A number for an SVG attribute: never with a decimal comma."""
    return f"{value:.2f}"
