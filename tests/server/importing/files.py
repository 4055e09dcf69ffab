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


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def shared_file(path: Path, rows: Sequence[Sequence[str]], strings: str = "sharedStrings") -> Path:
    """The same as Excel itself writes it: every text once, in a part of their own."""
    texts = list(dict.fromkeys(cell for row in rows for cell in row))
    sheet = "".join(
        "<row>" + "".join(f'<c t="s"><v>{texts.index(cell)}</v></c>' for cell in row) + "</row>"
        for row in rows
    )
    with_part(
        excel_file(path, []), "xl/worksheets/sheet1.xml",
        f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>'.encode(),
    )  # fmt: skip
    held = "".join(f"<si><t>{text}</t></si>" for text in texts)
    with_part(path, f"xl/{strings}.xml", f'<sst xmlns="{MAIN}">{held}</sst>'.encode())
    with zipfile.ZipFile(path) as archive:
        types = archive.read("[Content_Types].xml").decode()
        relations = archive.read("xl/_rels/workbook.xml.rels").decode()
    told = f'<Override PartName="/xl/{strings}.xml" ContentType="{_TYPE}"/></Types>'
    with_part(path, "[Content_Types].xml", types.replace("</Types>", told).encode())
    told = f'<Relationship Id="s1" Type="{_RELATION}/sharedStrings" Target="{strings}.xml"/>'
    told += "</Relationships>"
    relations = relations.replace("</Relationships>", told)
    return with_part(path, "xl/_rels/workbook.xml.rels", relations.encode())


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
