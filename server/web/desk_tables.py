"""The desk's tables as HTML, put together as text: a template would take a page's time for them."""

from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from server.web.desk_charts import Cell, Table


def draw_table(table: Table, named: str, *, numbers: bool) -> SafeString:
    """A table that stays one for a screen reader when a telephone shows its rows as cards.

    named: the id of its heading; numbers: all but the first column are set to the right. Whatever
    stands in a cell is escaped here.
    """
    right = ' class="number"' if numbers else ""
    heads = "".join(
        f'<th scope="col" role="columnheader"{right if place else ""}>{escape(heading)}</th>'
        for place, heading in enumerate(table.headings)
    )
    labels = [f' data-label="{escape(heading)}"' for heading in table.headings]
    rows = "".join(_row(row, labels, right) for row in table.rows) or _nothing(table)
    kind = "" if numbers else ' class="desk-table"'
    return SafeString(
        f'<table{kind} role="table" aria-labelledby="{escape(named)}"><thead role="rowgroup">'
        f'<tr role="row">{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>'
    )


def _row(row: tuple[str | Cell, ...], labels: list[str], right: str) -> str:
    first, *others = row
    cells = "".join(
        f'<td role="cell"{right}{label}>{_cell(cell)}</td>'
        if cell != ""
        else '<td role="cell" class="none"></td>'
        for cell, label in zip(others, labels[1:], strict=True)
    )
    return f'<tr role="row"><th scope="row" role="rowheader">{_cell(first)}</th>{cells}</tr>'


def _cell(cell: str | Cell) -> str:
    if isinstance(cell, str):
        return escape(cell)
    words = escape(cell.words)
    if cell.url:
        words = f'<a href="{escape(cell.url)}">{words}</a>'
    return f'{words}<small class="nobr">{escape(cell.small)}</small>' if cell.small else words


def _nothing(table: Table) -> str:
    words = escape(table.nothing or gettext("Không có lượt đánh giá nào trong kỳ."))
    return (
        f'<tr role="row"><td role="cell" colspan="{len(table.headings)}" class="quiet">{words}'
        "</td></tr>"
    )
