"""Template words of rulings and duties."""

from collections.abc import Mapping
from typing import Any

from django import template

from server.web import attribution_words

register = template.Library()


@register.filter
def ruled_for(ruling: Any, names: Mapping[str, str]) -> str:
    """Whom a ruling names."""
    return attribution_words.ruled_words(ruling, names)


@register.filter
def state_words(state: str) -> str:
    return attribution_words.state_words(state)
