"""Template words of the desk: its tables."""

from django import template
from django.utils.safestring import SafeString

from server.web import desk_tables
from server.web.desk_charts import Table

register = template.Library()


@register.simple_tag
def desk_table(table: Table, named: str) -> SafeString:
    """A table of a page; named: the id of its heading."""
    return desk_tables.draw_table(table, named, numbers=False)


@register.simple_tag
def chart_table(table: Table, named: str) -> SafeString:
    """The table beside a chart."""
    return desk_tables.draw_table(table, named, numbers=True)
