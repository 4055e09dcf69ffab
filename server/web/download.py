"""The figures page as CSV for spreadsheets: UTF-8 with BOM, commas, safe from formulas."""

import csv
import io
import re
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.printable import is_formula, printable
from server.web import months, words
from server.web.figures import Row, Shown, satisfied
from server.web.node import Node

# The order is a promise to those who read the file by machine; the headings follow the language.
COLUMNS = (
    N_("đơn vị"),  # the unit's code
    N_("từ ngày"),  # ISO dates of the period, both included
    N_("đến ngày"),
    N_("số liệu tính đến"),  # ISO 8601 with the unit's UTC offset
    N_("loại"),  # unit, counter, official or unattributed, in words
    N_("mã"),  # the code of the unit, counter, official or reason
    N_("số quầy"),
    N_("tên"),
    N_("chức danh"),
    N_("số lượt"),
    N_("hôm nay"),  # empty in a period that does not hold today, and for officials
    N_("tính trên"),  # whole fives; the rest of the row is about these
    N_("rất hài lòng"),
    N_("hài lòng"),
    N_("bình thường"),
    N_("không hài lòng"),
    N_("rất không hài lòng"),
    N_("tỷ lệ hài lòng (%)"),  # with a decimal point in every language
    N_("cận dưới 95 % (%)"),
    N_("cận trên 95 % (%)"),
    N_("cách hiển thị"),  # nothing, count, no-score, uncertain, full
    N_("không tính cho cán bộ"),  # votes whose only reason is R9, of the officials' whole fives
    N_("tạm giữ"),
    N_("đã loại"),
    N_("số người đến"),  # transactions or dossiers; empty where nobody counted them
    N_("số lượt của những ngày ấy"),
)


def csv_response(shown: Shown, node: Node | None = None) -> HttpResponse:
    """All rows of the page as a download."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([gettext(column) for column in COLUMNS])
    writer.writerows([safe(value) for value in row] for row in _rows(shown, node))
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_filename(shown)}"'
    return response


def safe(value: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if not isinstance(value, str):
        return value
    return f"'{printable(value)}" if is_formula(value) else printable(value)


def _rows(shown: Shown, node: Node | None) -> Iterator[list[object]]:
    common: list[object] = [
        shown.unit,
        shown.period.first.isoformat(),
        shown.period.last.isoformat(),
        shown.as_of.isoformat(timespec="seconds") if shown.as_of else "",
    ]
    yield [*common, gettext("đơn vị"), *_cells(shown.total)]
    for row in shown.counters:
        yield [*common, gettext("quầy"), *_cells(row)]
    for row in shown.officials or []:
        yield [*common, gettext("cán bộ"), *_cells(row)]
    for why in shown.unattributed:
        yield [*common, gettext("chưa gán được"), why.why, "", why.words, "", why.n, *[""] * 16]
    if node is not None:
        yield from _beneath(shown, common, node)


def _beneath(shown: Shown, common: list[object], node: Node) -> Iterator[list[object]]:
    """The unit with all beneath it, each of them, and what no unit of today has."""
    whole = Row(shown.unit, None, shown.name, "", node.total, None, node.display, None, node.states)
    yield [*common, gettext("đơn vị và bên dưới"), *_cells(whole)]
    for row in node.rows:
        one = Row(
            row.code, None, row.name, "", row.figure, None, row.display, row.response, row.states
        )
        yield [*common, gettext("đơn vị bên dưới"), *_cells(one)]
    for lost in node.each:
        kind = gettext("không quy được")
        yield [*common, kind, lost.code, "", lost.name, "", lost.n, *[""] * 16]


def _cells(row: Row) -> list[object]:
    figure = row.figure
    counts: list[object] = [""] * 5
    if figure.counts is not None:
        counts = list(reversed(figure.counts))
    shares = (satisfied(figure), figure.low, figure.high)
    return [
        row.code,
        "" if row.number is None else row.number,
        row.name,
        row.title,
        figure.n,
        "" if row.today is None else row.today,
        figure.base or "",
        *counts,
        *("" if share is None else str(words.per_cent(share)) for share in shares),
        row.display.level,
        figure.apart or "",
        row.states.held,
        row.states.excluded,
        *(("", "") if row.response is None else (row.response.served, row.response.votes)),
    ]


def _filename(shown: Shown) -> str:
    """hailong-99001-2026-09-2026-11.csv; a sample's file says so."""
    sample = "-sample" if settings.DATA.sample else ""
    unit = re.sub(r"[^A-Za-z0-9-]", "_", shown.unit)
    first, last = (months.month_value(day) for day in (shown.period.first, shown.period.last))
    return f"hailong{sample}-{unit}-{first}-{last}.csv"
