"""Writing the files that people bring."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

HEADING = ("mã đơn vị", "số tiếp nhận", "ngày", "mã lĩnh vực", "mã lý do", "nguồn")


def csv_file(
    path: Path, rows: Iterable[Sequence[object]], *, encoding: str = "utf-8", delimiter: str = ","
) -> Path:
    """A CSV file of these rows, the heading first."""
    text = "".join(delimiter.join(str(cell) for cell in row) + "\r\n" for row in rows)
    path.write_bytes(text.encode(encoding))
    return path


def excel_file(path: Path, rows: Iterable[Sequence[object]], sheet: str = "Sheet1") -> Path:
    """An Excel file of these rows in its first sheet."""
    from openpyxl import Workbook

    book = Workbook()
    first: Any = book.active
    first.title = sheet
    for row in rows:
        first.append(list(row))
    book.save(path)
    return path


def with_part(path: Path, name: str, body: bytes) -> Path:
    """The same Excel file with one part replaced or added."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part.filename, old.read(part))
        new.writestr(name, body)
    path.write_bytes(made.getvalue())
    return path


def old_bytes(text: str, code_page: str) -> bytes:
    """Vietnamese as old programs wrote it: in Windows-1258 the tone is a letter of its own."""
    import unicodedata

    if code_page != "cp1258":
        return text.encode(code_page)
    out = bytearray()
    for character in text:
        try:
            out += character.encode("cp1258")
        except UnicodeEncodeError:
            letter, tone = _apart(unicodedata.normalize("NFD", character))
            out += letter.encode("cp1258") + tone.encode("cp1258")
    return bytes(out)


def _apart(parts: str) -> tuple[str, str]:
    import unicodedata

    tone = next(c for c in parts if c in "\u0300\u0301\u0303\u0309\u0323")
    return unicodedata.normalize("NFC", parts.replace(tone, "")), tone
