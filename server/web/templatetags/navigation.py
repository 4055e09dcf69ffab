"""Template words: links to what the reader may open."""

from django import template
from django.template import Context
from django.utils.translation import gettext

from server.web.navigation import Entry, desk_entries, main_entries, unit_entries

register = template.Library()


@register.simple_tag(takes_context=True)
def main_nav(context: Context) -> list[Entry]:
    """The top of every page."""
    request = context["request"]
    return main_entries(request.user, _page(context))


@register.inclusion_tag("web/tabs.html", takes_context=True)
def unit_tabs(context: Context, unit: str) -> dict[str, object]:
    """The pages of a unit."""
    return {"entries": unit_entries(context["request"].user, unit, _page(context))}


@register.inclusion_tag("web/tabs.html", takes_context=True)
def desk_tabs(context: Context) -> dict[str, object]:
    """The pages of the inspector's desk."""
    entries = desk_entries(context["request"].user, _page(context))
    return {"entries": entries, "label": gettext("Các trang của bàn thanh tra")}


def _page(context: Context) -> str:
    match = context["request"].resolver_match
    return (match and match.url_name) or ""
