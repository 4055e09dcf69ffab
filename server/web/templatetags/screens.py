"""Template words of settings and enrolment: drawn screens, faces, codes in words."""

from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from protocol.configuration import Config
from protocol.rating import SCALES
from server.web import faces, screens, settings_words, words

register = template.Library()


@register.simple_tag
def asking(config: Config, locale: str, upright: bool = False) -> SafeString:
    """The screen that asks."""
    return screens.draw_asking(config, locale, upright=upright)


@register.simple_tag
def after(config: Config, locale: str, rating: int, upright: bool = False) -> SafeString:
    """The screen after a rating."""
    return screens.draw_reasons(config, locale, rating, upright=upright)


@register.filter
def face(rating: int) -> SafeString:
    return faces.draw_small_face(rating)


@register.filter
def scale_faces(scale: str) -> SafeString:
    """The faces of a scale in a row."""
    ratings = SCALES[scale]
    return format_html_join(" ", "{}", ((faces.draw_small_face(rating),) for rating in ratings))


@register.filter
def journal_state(state: str) -> str:
    return words.journal_state_words(state)


@register.filter
def level_words(level: str) -> str:
    return settings_words.level_words(level)


@register.filter
def key_words(key: str) -> str:
    return settings_words.key_words(key)


@register.filter
def field_words(field: str) -> str:
    return settings_words.field_words(field)


@register.simple_tag(takes_context=True)
def invalid(context: Context, field: str) -> SafeString | str:
    """What tells a reader's software that an input is wrong, and which sentence says why."""
    if field not in context["wrong"]:
        return ""
    return format_html(' aria-invalid="true" aria-describedby="wrong-{}"', field)


@register.simple_tag
def value_lines(key: str, value: Any) -> list[str]:
    """A value of a settings file in lines."""
    return settings_words.value_words(key, value)


@register.filter
def change_words(why: str) -> str:
    return settings_words.change_words(why)


@register.filter
def weekday(day: int) -> str:
    """T2 … CN, Mon … Sun (1 = Monday)."""
    return settings_words.weekday_words(day)


@register.filter
def locale_words(locale: str) -> str:
    """A language by its own name."""
    return settings_words.locale_words(locale)


@register.filter
def item(table: dict[str, object], key: str) -> object:
    """A value by a key that the template has at hand; empty without one."""
    return table.get(key, "")
