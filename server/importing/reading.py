"""A file as a heading and rows: CSV or Excel, streamed, its limits kept, its cells made clean."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.utils.translation import gettext

from server.importing.delimited import read_lines
from server.importing.errors import BadCell, BadFile
from server.importing.spreadsheet import read_sheet
from server.printable import is_formula

COLUMNS = 50
ROWS = 1_000_000
ROOMY = 10_000  # a short table may stand in a sheet of many empty cells
CELL_CHARACTERS = 1_000
FILE_BYTES = 1 << 30
REMARK = "#"  # a row whose first cell begins with it is read over: the templates' sample rows

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PLAIN = re.compile(r"(?:[A-Za-z0-9][!-~]*(?: [!-~]+)*)?")
_EXCEL_ERRORS = {"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!"}

# As Excel gives them; a CSV file has texts alone.
Value = str | int | float | bool | datetime | date | time | timedelta | None
Cells = list[object]


@dataclass(frozen=True)
class Table:
    """The heading's cells, their row's number (1-based), and the rows below it that hold anything.

    Rows are (number, cells); reading on raises BadFile where the file breaks or is too long.
    """

    heading: list[str]
    number: int
    rows: Iterator[tuple[int, Cells]]


def open_table(path: Path, *, sheet: str | None = None, most_rows: int = ROWS) -> Table:
    """The table in a file; BadFile if there is none. sheet: of an Excel file, else its first.

    most_rows: an Excel file that unpacks to more than these can hold is not read.
    """
    rows = _filled(_read(path, sheet, most_rows))
    number, cells = next(rows, (0, []))
    if not cells:
        raise BadFile(gettext("Tệp trống: không có dòng tiêu đề."))
    if len(cells) > COLUMNS:
        raise BadFile(
            gettext("Tệp có %(n)s cột; nhiều nhất là %(most)s.")
            % {"n": len(cells), "most": COLUMNS}
        )
    try:
        heading = [str(clean(cell)) for cell in cells]
    except BadCell as error:
        raise BadFile(gettext("Dòng tiêu đề: %(sentence)s") % {"sentence": error}) from None
    return Table(heading, number, rows)


def _read(path: Path, sheet: str | None, most_rows: int) -> Iterator[tuple[int, Cells]]:
    if path.stat().st_size > FILE_BYTES:
        raise BadFile(gettext("Tệp quá lớn: nhiều nhất 1 GB."))
    with path.open("rb") as file:
        first = file.read(4)
    if first == _OLD_OFFICE:
        raise BadFile(
            gettext("Đây là tệp Excel kiểu cũ (.xls) hoặc có mật khẩu. Hãy lưu lại thành .xlsx.")
        )
    if first == _ZIP:
        return read_sheet(path, sheet, most=max(most_rows, ROOMY) * COLUMNS)
    if sheet is not None:
        raise BadFile(gettext("Chỉ tệp Excel (.xlsx) mới có trang tính."))
    return read_lines(path)


def _filled(rows: Iterator[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
    """The rows that hold anything, without the empty cells at their end; BadFile after ROWS."""
    heading = True
    for number, cells in rows:
        if number > ROWS + 1:
            raise BadFile(
                gettext("Tệp có hơn %(most)s dòng. Hãy chia thành nhiều tệp.") % {"most": ROWS}
            )
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        if not cells or not any(_holds(cell) for cell in cells):
            continue
        if not heading and _is_remark(cells[0]):
            continue
        heading = False
        yield number, cells


def _is_remark(cell: object) -> bool:
    return isinstance(cell, str) and cell.lstrip().startswith(REMARK) and cell not in _EXCEL_ERRORS


def _holds(cell: object) -> bool:
    return cell is not None and not (isinstance(cell, str) and not cell.strip())


def clean(cell: object) -> Value:
    """A cell as it is kept: one line, composed letters (NFC), no formula. Raises BadCell."""
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return _number(cell)
    if _PLAIN.fullmatch(cell) and len(cell) <= CELL_CHARACTERS:
        return cell  # most cells of a long file: codes, numbers, days
    if len(cell) > CELL_CHARACTERS:
        raise BadCell(gettext("ô dài quá %(most)s ký tự.") % {"most": CELL_CHARACTERS})
    if is_formula(cell):
        raise BadCell(gettext("ô bắt đầu như một công thức (= + - @); hãy ghi giá trị."))
    if cell in _EXCEL_ERRORS:
        raise BadCell(gettext("ô chứa lỗi của Excel (%(error)s).") % {"error": cell})
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    if not text.isprintable():
        raise BadCell(gettext("ô chứa ký tự không nhìn thấy được."))
    return text


def _number(cell: object) -> Value:
    if isinstance(cell, float):
        if cell != cell or cell in (float("inf"), float("-inf")):
            raise BadCell(gettext("ô chứa số không hợp lệ."))
        return int(cell) if cell.is_integer() else cell
    if isinstance(cell, (bool, int, datetime, date, time, timedelta)):
        return cell
    # openpyxl's objects for array formulas and data tables.
    raise BadCell(gettext("ô bắt đầu như một công thức (= + - @); hãy ghi giá trị."))
