"""Lines of a CSV file, whatever its code page and delimiter."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext

from server.importing import tcvn3
from server.importing.encodings import find_encoding
from server.importing.errors import BadFile

LINE_CHARACTERS = 200_000  # far more than a row of the widest table that is read
MOST_CAPITALS = 1_000  # a longer cell is refused, and a heap of accents would take its time
DELIMITERS = ",;\t"
NO_TABLES = (b"%PDF", b"<", b"{", b"\x89PNG", b"\xff\xd8\xff")
_CAPITALS = re.compile(r"[A-Z]{2,}")

Cells = list[object]


def read_lines(path: Path) -> Iterator[tuple[int, Cells]]:
    """Row number (1-based, as a spreadsheet counts) and cells; raises BadFile."""
    with path.open("rb") as file:
        if file.read(8).lstrip().startswith(NO_TABLES):
            raise BadFile(gettext("Tệp không phải bảng CSV hoặc Excel (.xlsx)."))
    encoding = find_encoding(path)
    with path.open(encoding=encoding, newline="") as text:
        delimiter = _delimiter(text)
        text.seek(0)
        lines = csv.reader(_lines(text), delimiter=delimiter, strict=True)
        number = 0
        try:
            for number, cells in enumerate(lines, 1):
                if encoding == tcvn3.NAME:
                    cells = [_capitals(cell) for cell in cells]
                yield number, cells  # type: ignore[misc]  # a list of texts is one of objects
        except csv.Error:
            raise BadFile(
                gettext("Dòng %(row)s không đọc được: dấu ngoặc kép không khớp.")
                % {"row": number + 1}
            ) from None
        except UnicodeError:
            raise BadFile(
                gettext("Tệp có chỗ không phải chữ sau dòng %(row)s. Hãy lưu lại thành CSV UTF-8.")
                % {"row": number}
            ) from None


def _lines(text: TextIO) -> Iterator[str]:
    while line := text.readline(LINE_CHARACTERS + 1):
        if len(line) > LINE_CHARACTERS:
            raise BadFile(gettext("Có dòng quá dài. Tệp không phải bảng CSV hoặc Excel (.xlsx)."))
        yield line


def _delimiter(text: TextIO) -> str:
    """The one that stands most often in the first line that is not empty; a comma in doubt."""
    try:
        first = next((line for line in _lines(text) if line.strip()), "")
    except UnicodeError:
        raise BadFile(gettext("Tệp không phải bảng CSV hoặc Excel (.xlsx).")) from None
    return max(DELIMITERS, key=first.count)


def _capitals(cell: str) -> str:
    """In TCVN3 a font made capitals of accented small letters: NGUYễN was shown as NGUYỄN."""
    if cell.isascii() or len(cell) > MOST_CAPITALS:
        return cell
    words = unicodedata.normalize("NFC", cell).split(" ")
    return " ".join(word.upper() if _CAPITALS.search(word) else word for word in words)
