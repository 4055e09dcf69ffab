"""Template words of the organisation: days, stretches of days, levels of units."""

from datetime import date
from typing import Any

from django import template

from server.web import organisation_words

register = template.Library()


@register.filter
def day_words(day: date) -> str:
    """01/07/2025 (vi), 1 Jul 2025 (en)"""
    return organisation_words.day_words(day)


@register.filter
def last_day(ended_date: date | None) -> str:
    """The last day of a stretch that ends before `ended_date`."""
    return organisation_words.last_day_words(ended_date)


@register.filter
def days(stretch: Any) -> str:
    """Anything with started_date and ended_date: 01/01/2020 – 30/06/2025"""
    return organisation_words.days_words(stretch.started_date, stretch.ended_date)


@register.filter
def unit_level(level: str) -> str:
    return organisation_words.level_words(level)
