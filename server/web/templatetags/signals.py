"""Template words of signals."""

from django import template

from server.web import signal_words

register = template.Library()


@register.filter
def signal_kind(kind: str) -> str:
    return signal_words.kind_words(kind)


@register.filter
def signal_state(state: str) -> str:
    return signal_words.state_words(state)
