"""Template words of our pages: figures in a reader's language, bars, months."""

from datetime import datetime
from fractions import Fraction

from django import template
from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from server.analytics.selectors import Display, Figure, Response, States
from server.organisation.selectors import Rules
from server.web import bars, figure_words, figures, words

register = template.Library()


@register.simple_tag
def is_sample() -> bool:
    """True on a server of sample data, which must never be taken for a real one."""
    return bool(settings.DATA.made and settings.DATA.sample)


@register.simple_tag
def bar(figure: Figure, display: Display | None = None) -> SafeString:
    """A figure's bar, its parts labelled with counts."""
    return bars.draw_bar(figure, plain=_is_plain(display))


@register.simple_tag
def big_bar(figure: Figure, display: Display | None = None) -> SafeString:
    """A figure's bar, its parts labelled with shares."""
    return bars.draw_bar(figure, percents=True, plain=_is_plain(display))


def _is_plain(display: Display | None) -> bool:
    """Few votes have no colour."""
    return display is not None and display.level != "full"


@register.simple_tag
def lacking(figure: Figure, display: Display, rules: Rules) -> str:
    return figure_words.lacking(figure, display, rules)


@register.simple_tag
def said_of(figure: Figure, display: Display, rules: Rules) -> str:
    return figure_words.said_of(figure, display, rules)


@register.simple_tag
def response_words(response: Response | None, rules: Rules) -> str:
    return figure_words.response_words(response, rules)


@register.filter
def states_words(states: States) -> str:
    return figure_words.states_words(states)


@register.filter
def apart_words(figure: Figure) -> str:
    return figure_words.apart_words(figure)


@register.filter
def less_words(figure: Figure) -> str:
    return figure_words.less_words(figure)


@register.filter
def counters_differ(differ: str | None) -> str:
    return figure_words.counters_words(differ)


@register.filter
def units_differ(differ: str | None) -> str:
    return figure_words.units_words(differ)


@register.filter
def officials_differ(differ: str | None) -> str:
    return figure_words.officials_words(differ)


@register.simple_tag
def swatch(rating: int) -> SafeString:
    return bars.draw_swatch(rating)


@register.filter
def rating_words(rating: int) -> str:
    return words.rating_words(rating)


@register.filter
def rating_count(figure: Figure, rating: int) -> str:
    return words.whole(figure.counts[rating - 1]) if figure.counts else ""


@register.filter
def rating_share(figure: Figure, rating: int) -> str:
    if figure.counts is None:
        return ""
    return words.percent(Fraction(figure.counts[rating - 1], figure.base))


@register.filter
def whole(n: int) -> str:
    return words.whole(n)


@register.filter
def satisfied(figure: Figure) -> str:
    """78,4 %"""
    share = figures.satisfied(figure)
    return "" if share is None else words.percent(share)


@register.filter
def interval(figure: Figure) -> str:
    """84,1–96,2"""
    if figure.low is None or figure.high is None:
        return ""
    return words.percent_range(figure.low, figure.high)


@register.filter
def clock_and_day(at: datetime) -> str:
    """21:47:03 22/11/2026 (vi), 21:47:03 on 22 Nov 2026 (en); `at` is on the unit's clock."""
    return f"{at:%H:%M:%S on %-d %b %Y}" if get_language() == "en" else f"{at:%H:%M:%S %d/%m/%Y}"
