"""Rows of an Excel file (.xlsx), one at a time, through openpyxl; bombs are refused unopened."""

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError, iterparse

from django.utils.translation import gettext

from server.importing.errors import BadFile
from server.importing.unpacked import Forbidden, TooMuch, check_unpacked

SHEET_BYTES = 1 << 30  # of all sheets unpacked: they are read as a stream
STRINGS_BYTES = 64 << 20  # the one part that is held in memory whole while a sheet is read
OTHER_BYTES = 8 << 20  # any other part
PARTS = 2_000
MOST_COLUMNS = 16_384  # of any Excel file
TYPES = "[Content_Types].xml"
# openpyxl checks little: what is amiss in a file's XML comes up as whatever it hit upon.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, ParseError, EOFError, OSError, RuntimeError, ArithmeticError,
    AttributeError, LookupError, TypeError, ValueError, NotImplementedError,
)  # fmt: skip

Cells = list[object]


def read_sheet(path: Path, sheet: str | None, *, most: int) -> Iterator[tuple[int, Cells]]:
    """Row number (1-based) and cells of the first sheet, or of the named one; raises BadFile.

    most: cells, the empty ones among them.
    """
    try:
        _check_parts(path, most)
        # Ours to close: openpyxl leaves a broken file open.
        with path.open("rb") as file, closing(_open(file)) as book:
            yield from _rows(_sheet(book, sheet), most)
    except _BROKEN as error:
        raise BadFile(
            gettext("Tệp Excel bị hỏng hoặc không đầy đủ. Hãy mở bằng Excel rồi lưu lại.")
        ) from error


def _open(file: BinaryIO) -> Any:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions, which are nothing to us
        return load_workbook(file, read_only=True, data_only=False, keep_links=False)


def _sheet(book: Any, name: str | None) -> Any:
    sheets = {each.title: each for each in book.worksheets}
    if not sheets:
        raise BadFile(gettext("Tệp Excel không có trang tính nào."))
    if name is None:
        return book.worksheets[0]
    if name not in sheets:
        raise BadFile(
            gettext("Tệp không có trang tính “%(name)s”; có: %(names)s.")
            % {"name": name, "names": ", ".join(sheets)}
        )
    return sheets[name]


def _rows(sheet: Any, most: int) -> Iterator[tuple[int, Cells]]:
    """Row by row through openpyxl's own parser; its loop would keep an empty element of each."""
    from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG, WorkSheetParser

    book = sheet.parent
    with sheet._get_source() as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        data = None
        for event, element in iterparse(source, ("start", "end")):  # noqa: S314 - no DOCTYPE
            if event == "start" and element.tag == DATA_TAG:
                data = element
            elif event == "end" and element.tag == ROW_TAG and data is not None:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    number, found = parser.parse_row(element)
                cells = _in_order(found)
                most -= len(cells)  # a single cell far to the right makes thousands
                if most < 0:
                    raise _too_big()
                yield number, cells
                data.clear()
                parser.row_dimensions.clear()


def _in_order(found: list[dict[str, Any]]) -> Cells:
    """The cells of a row at their places, None between."""
    width = max((cell["column"] for cell in found), default=0)
    if width > MOST_COLUMNS:
        raise ValueError("no spreadsheet has so many columns")
    cells: Cells = [None] * width
    for cell in found:
        cells[cell["column"] - 1] = cell["value"]
    return cells


def _check_parts(path: Path, most: int) -> None:
    """BadFile for parts that would fill the memory, and for XML that defines its own entities."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        sheets = [part for part in parts if part.filename.startswith("xl/worksheets/")]
        too_big = (
            len(parts) > PARTS
            or sum(part.file_size for part in sheets) > SHEET_BYTES
            or any(part.file_size > _most(part.filename) for part in parts)
        )
        if too_big:
            raise _too_big()
        try:
            check_unpacked(archive, [TYPES])
            _check_strings(archive)
            check_unpacked(archive, parts, cells=most)
        except TooMuch:
            raise _too_big() from None
        except Forbidden:
            raise BadFile(gettext("Tệp Excel có phần không được phép (DOCTYPE).")) from None


def _check_strings(archive: zipfile.ZipFile) -> None:
    """BadFile if the part that the file calls its strings, whatever its name, is too big."""
    with archive.open(TYPES) as file:
        for _, element in iterparse(file):  # noqa: S314 - no DOCTYPE, no entities
            if "sharedStrings" in element.get("ContentType", ""):
                name = element.get("PartName", "").lstrip("/")
                if archive.getinfo(name).file_size > STRINGS_BYTES:
                    raise _too_big()


def _too_big() -> BadFile:
    return BadFile(gettext("Tệp Excel quá lớn sau khi giải nén. Hãy chia nhỏ hoặc lưu CSV."))


def _most(name: str) -> int:
    if name.startswith("xl/worksheets/"):
        return SHEET_BYTES
    if name.lower() == "xl/sharedstrings.xml":
        return STRINGS_BYTES
    # Pictures and the like are never unpacked.
    return OTHER_BYTES if name.endswith((".xml", ".rels")) else SHEET_BYTES
