"""Files as people bring them: code pages, delimiters, Excel; and those that are no table."""

import contextlib
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.server.importing.files import (
    MAIN,
    csv_file,
    excel_file,
    old_bytes,
    shared_file,
    with_part,
)

NAMES = [
    "Nguyễn Thị Hồng Nhung", "Trần Đức Thắng", "Ủy ban nhân dân xã Mẫu Một", "Đặng Quốc Việt",
    "Tiếp nhận hồ sơ đất đai", "Phường Bến Nghé", "Huỳnh Ngọc Ẩn", "Vũ Thị Quỳnh Hương",
]  # fmt: skip
ROWS = [("mã cán bộ", "họ tên"), *((f"CB-{i}", name) for i, name in enumerate(NAMES))]


@pytest.fixture(autouse=True)
def empty_database(server_folder: object) -> None:
    """Files alone are read here; there is nothing to clear away."""


def read(path: Path, sheet: str | None = None) -> tuple[list[str], list[tuple[int, list[Any]]]]:
    from server.importing.reading import open_table

    table = open_table(path, sheet=sheet)
    return table.heading, list(table.rows)


def refused(path: Path, sheet: str | None = None) -> str:
    from server.importing.errors import BadFile

    with pytest.raises(BadFile) as found:
        read(path, sheet)
    return str(found.value)


def names_in(path: Path) -> list[str]:
    from server.importing.reading import clean

    heading, rows = read(path)
    assert heading == list(ROWS[0])
    return [str(clean(cells[1])) for _, cells in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_unicode_in_all_its_forms(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = csv_file(tmp_path / "a.csv", ROWS, encoding=encoding, delimiter=delimiter)
    assert names_in(path) == NAMES


def test_letters_and_accents_apart_are_composed(tmp_path: Path) -> None:
    rows = [[unicodedata.normalize("NFD", str(cell)) for cell in row] for row in ROWS]
    assert names_in(csv_file(tmp_path / "a.csv", rows)) == NAMES


@pytest.mark.parametrize("code_page", ["cp1258", "tcvn3"])
def test_old_code_pages_are_told_apart_by_what_reads_as_words(
    tmp_path: Path, code_page: str
) -> None:
    import server.importing.tcvn3  # noqa: F401 - the codec

    path = tmp_path / "a.csv"
    path.write_bytes(old_bytes("\n".join(";".join(row) for row in ROWS), code_page))
    assert names_in(path) == NAMES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("code_page", ["cp1258", "tcvn3"])
def test_one_name_is_enough_to_tell_the_code_page(
    tmp_path: Path, code_page: str, name: str
) -> None:
    import server.importing.tcvn3  # noqa: F401 - the codec
    from server.importing.encodings import find_encoding

    path = tmp_path / "a.csv"
    path.write_bytes(old_bytes(f"code,name\nCB-1,{name}\n", code_page))
    assert find_encoding(path) == code_page


def test_tcvn3_is_the_table_that_the_system_knows() -> None:
    """glibc's own table, where the machine has iconv."""
    import shutil
    import subprocess

    from server.importing.tcvn3 import TABLE

    if shutil.which("iconv") is None:
        pytest.skip("no iconv here")
    codes = [1, 2, 4, 5, 6, *range(17, 24), *range(0x80, 0x100)]
    done = subprocess.run(
        ["iconv", "-f", "TCVN", "-t", "UTF-8"],
        input=b"\n".join(bytes([code]) for code in codes),
        capture_output=True,
        check=True,
    )
    told = [unicodedata.normalize("NFC", line) for line in done.stdout.decode().split("\n")]
    assert told == [unicodedata.normalize("NFC", TABLE[code]) for code in codes]


def test_capitals_that_a_tcvn3_font_made_are_capitals(tmp_path: Path) -> None:
    import server.importing.tcvn3  # noqa: F401 - the codec

    path = tmp_path / "a.csv"
    small = "NGUYễN THị HồNG,Trần Đức Thắng,Tiếp nhận hồ sơ"
    path.write_bytes(f"code,name\nCB-1,{small}\n".encode("tcvn3"))
    _, rows = read(path)
    assert rows[0][1][1:3] == ["NGUYỄN THỊ HỒNG", "Trần Đức Thắng"]


@pytest.mark.parametrize("code_page", ["cp1258", "tcvn3"])
def test_a_heap_of_accents_holds_nobody_up(tmp_path: Path, code_page: str) -> None:
    """Half a megabyte of tones on one letter took a quarter of an hour of the whole server."""
    import time

    import server.importing.tcvn3  # noqa: F401 - the codec

    heap = {"cp1258": b"\xec\xf2", "tcvn3": b"\xb3\xb4"}[code_page] * 60_000
    words = old_bytes("\n".join(NAMES * 300), code_page)
    path = tmp_path / "a.csv"
    for body in (heap * 5, words + b"\n" + heap):
        path.write_bytes(b"ma\n" + body + b"\n")
        begun = time.process_time()
        _try_to_read(path)
        assert time.process_time() - begun < 3


def test_bytes_that_are_no_vietnamese_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("код,имя\n1,Иванов Иван\n".encode("cp1251"))
    assert "Không nhận ra bảng mã" in refused(path)


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    rows = [["", ""], ["mã", "tên"], ["", ""], ["a", "b"], ["#mẫu", "c"], ["d", "e"]]
    for path in (csv_file(tmp_path / "a.csv", rows), excel_file(tmp_path / "a.xlsx", rows)):
        heading, found = read(path)
        assert heading == ["mã", "tên"]
        assert [(number, cells[0]) for number, cells in found] == [(4, "a"), (6, "d")]


def test_a_cell_of_several_lines_counts_as_one_row(tmp_path: Path) -> None:
    from server.importing.reading import clean

    path = tmp_path / "a.csv"
    path.write_text('mã,tên\n1,"hai\ndòng"\n2,b\n', "utf-8")
    _, rows = read(path)
    assert [clean(cell) for cell in rows[0][1]] == ["1", "hai dòng"]
    assert [number for number, _ in rows] == [2, 3]


def test_excel_gives_numbers_and_days_as_they_are(tmp_path: Path) -> None:
    at = datetime(2025, 11, 20, 8, 15)  # noqa: DTZ001 - Excel knows no zones
    path = excel_file(tmp_path / "a.xlsx", [["a", "b", "c", "d"], [7, 1.5, at, "0012"]])
    _, rows = read(path)
    assert rows == [(2, [7, 1.5, at, "0012"])]


def test_a_sheet_by_its_name(tmp_path: Path) -> None:
    path = excel_file(tmp_path / "a.xlsx", ROWS, sheet="Cán bộ")
    assert read(path, "Cán bộ")[0] == ["mã cán bộ", "họ tên"]
    assert refused(path, "Quầy") == "Tệp không có trang tính “Quầy”; có: Cán bộ."
    assert "Chỉ tệp Excel" in refused(csv_file(tmp_path / "a.csv", ROWS), "Quầy")


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\u200b=1", "＝1", "\u2212" + "2"]
)
def test_formula_injection_is_refused(tmp_path: Path, cell: str) -> None:
    from server.importing.errors import BadCell
    from server.importing.reading import clean

    with pytest.raises(BadCell, match="công thức"):
        clean(cell)


def test_a_formula_of_excel_is_refused_whatever_its_form(tmp_path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.worksheet.formula import ArrayFormula

    from server.importing.errors import BadCell
    from server.importing.reading import clean

    book: Any = Workbook()
    book.active.append(["a", "b"])
    book.active.append(["=1+1", ArrayFormula("B2:B2", "=SUM(A1:A2)")])
    book.save(tmp_path / "a.xlsx")
    _, rows = read(tmp_path / "a.xlsx")
    for cell in rows[0][1]:
        with pytest.raises(BadCell, match="công thức"):
            clean(cell)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("x" * 1001, "dài quá"), ("a\x00b", "không nhìn thấy"), ("a\u202eb", "không nhìn thấy"),
        ("#REF!", "lỗi của Excel"), (float("nan"), "số không hợp lệ"),
    ],
)  # fmt: skip
def test_cells_that_hold_no_value(cell: Any, why: str) -> None:
    from server.importing.errors import BadCell
    from server.importing.reading import clean

    with pytest.raises(BadCell, match=why):
        clean(cell)


def test_a_long_cell_is_judged_in_no_time() -> None:
    import time

    from server.importing.reading import clean

    begun = time.process_time()
    clean("a b" * 300 + "\u00e9")
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_two_hundred_columns(tmp_path: Path, form: str) -> None:
    rows = [[f"cột {i}" for i in range(200)], list(range(200))]
    make = csv_file if form == "csv" else excel_file
    assert refused(make(tmp_path / f"a.{form}", rows)) == "Tệp có 200 cột; nhiều nhất là 50."


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "Tệp trống"),
        (b"\n \n,,\n", "Tệp trống"),
        (b"\xef\xbb\xbf", "Tệp trống"),
        (b"%PDF-1.7\n", "không phải bảng"),
        (b"<html><table>", "không phải bảng"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), ".xls"),
        (b"PK\x03\x04" + b"x" * 100, "bị hỏng"),
        (b'a,b\n1,"2\n3,4\n', "ngoặc kép"),
        (b"a,b\n" + b"x" * 300_000, "quá dài"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "không phải bảng"),
    ],
)
def test_what_is_no_table(tmp_path: Path, body: bytes, why: str) -> None:
    (tmp_path / "a").write_bytes(body)
    assert why in refused(tmp_path / "a")


def test_a_truncated_excel_file(tmp_path: Path) -> None:
    path = excel_file(tmp_path / "a.xlsx", ROWS)
    whole = path.read_bytes()
    for part in (0.3, 0.6, 0.9, 0.99):
        path.write_bytes(whole[: int(len(whole) * part)])
        assert "bị hỏng" in refused(path)


def test_an_excel_file_whose_sheet_breaks_off(tmp_path: Path) -> None:
    path = excel_file(tmp_path / "a.xlsx", ROWS)
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    with_part(path, "xl/worksheets/sheet1.xml", sheet + b'<row r="1"><c r="A1"><v>1</v></c></row>')
    assert "bị hỏng" in refused(path)


def test_texts_that_excel_keeps_apart(tmp_path: Path) -> None:
    assert names_in(shared_file(tmp_path / "a.xlsx", ROWS)) == NAMES


@pytest.mark.parametrize("strings", ["sharedStrings", "worksheets/sheet2"])
def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, strings: str) -> None:
    """Texts that would fill the memory, also where they go by the name of a sheet."""
    import time

    path = shared_file(tmp_path / "a.xlsx", ROWS, strings)
    bomb = f'<sst xmlns="{MAIN}">'.encode() + b"<si><t>a</t></si>" * 4_000_000
    with_part(path, f"xl/{strings}.xml", bomb)
    assert path.stat().st_size < 1_000_000
    begun = time.process_time()
    assert "quá lớn sau khi giải nén" in refused(path)
    assert time.process_time() - begun < 1


def test_entities_of_its_own_are_refused(tmp_path: Path) -> None:
    path = excel_file(tmp_path / "a.xlsx", ROWS)
    with_part(
        path, "xl/styles.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    )
    assert "DOCTYPE" in refused(path)


def _sheet_of(path: Path, inside: bytes, part: str = "xl/worksheets/sheet1.xml") -> Path:
    """An Excel file whose sheet holds just this, as the part of that name."""
    excel_file(path, ROWS)
    with zipfile.ZipFile(path) as archive:
        told = archive.read("xl/_rels/workbook.xml.rels").decode()
    told = told.replace("xl/worksheets/sheet1.xml", part)
    with_part(path, "xl/_rels/workbook.xml.rels", told.encode())
    body = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode() + inside + b"</sheetData></worksheet>"
    return with_part(path, part, body)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/media/cat.png"])
@pytest.mark.parametrize(
    "inside",
    [
        b"<row>" + b"<c/>" * 3_000_000 + b"</row>",
        b"<x/>" * 3_000_000,
        (b"<row>" + b"<c/>" * 30_000 + b"</row>") * 100,
        b'<row><c t="inlineStr"><is><t>' + b"a" * 50_000_000 + b"</t></is></c></row>",
        b'<row><c r="XFD1"/></row>' * 200_000,
    ],
    ids=["a row without end", "signs of nothing", "wide rows", "a long text", "far to the right"],
)
def test_a_zip_bomb_of_cells_holds_nobody_up(tmp_path: Path, inside: bytes, part: str) -> None:
    """13 kB of a supervisor's held the server for half a minute, 40 kB took 3 GB of memory."""
    import time

    from server.importing.errors import BadFile
    from server.importing.reading import open_table

    path = _sheet_of(tmp_path / "a.xlsx", inside, part)
    assert path.stat().st_size < 300_000
    begun = time.process_time()
    with pytest.raises(BadFile, match="quá lớn sau khi giải nén"):
        list(open_table(path, most_rows=2_000).rows)
    assert time.process_time() - begun < 3


@pytest.mark.parametrize("hidden", ["utf-16", "after a remark"])
def test_entities_that_hide_are_refused_too(tmp_path: Path, hidden: str) -> None:
    path = excel_file(tmp_path / "a.xlsx", ROWS)
    text = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    body = text.encode("utf-16") if hidden == "utf-16" else b"<!--" + b"x" * 5_000 + b"-->"
    with_part(path, "xl/styles.xml", body if hidden == "utf-16" else body + text.encode())
    assert "DOCTYPE" in refused(path)


def test_a_sheet_that_lies_about_its_size(tmp_path: Path) -> None:
    """A row far below the others, and a dimension of the whole sheet: neither fills the memory."""
    path = excel_file(tmp_path / "a.xlsx", ROWS)
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<dimension ref="A1:XFD1048576"/><sheetData>'
        b'<row r="1"><c r="A1" t="str"><v>m</v></c></row>'
        b'<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData></worksheet>'
    )
    with_part(path, "xl/worksheets/sheet1.xml", sheet)
    assert "hơn 1000000 dòng" in refused(path)


def _try_to_read(path: Path) -> None:
    """Whatever a file holds, it is read or refused in a sentence; nothing else comes up."""
    from server.importing.errors import BadCell, BadFile
    from server.importing.reading import clean, open_table

    try:
        for _, cells in open_table(path).rows:
            for cell in cells:
                with contextlib.suppress(BadCell):
                    clean(cell)
    except BadFile as error:
        assert str(error).endswith(".") and str(error).isprintable()


@given(body=st.binary(max_size=300))
@example(body=b"\xff\xfea")  # half a character of UTF-16
@example(body=b"a,b\n1,\x00\x00\x00")
@example(body=b"a" * 9 + b"\x00" * 9)
def test_any_bytes_are_read_or_refused(body: bytes, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(body)
    _try_to_read(path)


@settings(max_examples=60)
@given(
    part=st.sampled_from(["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml",
                          "xl/styles.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"]),
    at=st.floats(0, 1, exclude_max=True),
    by=st.sampled_from([b"", b"<", b">", b"&", b'"', b"9" * 400, b"-1", b"\xff", b"A", b"1e999"]),
)  # fmt: skip
def test_an_excel_file_with_a_spoiled_part_is_read_or_refused(
    part: str, at: float, by: bytes, tmp_path_factory: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    day = datetime(2025, 11, 20)  # noqa: DTZ001 - Excel knows no zones
    if part == "xl/sharedStrings.xml":
        shared_file(path, [["mã", "tên"], ["1", "ô"]])
    else:
        excel_file(path, [["mã", "tên", "ngày"], ["1", "ô", day], [2, "#N/A", 1.5]])
    with zipfile.ZipFile(path) as archive:
        body = archive.read(part)
    index = int(len(body) * at)
    with_part(path, part, body[:index] + by + body[index + 1 :])
    _try_to_read(path)


def test_a_million_and_one_rows_are_refused_while_they_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read beyond the limit: what follows is never asked for."""
    from server.importing import reading
    from server.importing.errors import BadFile

    asked = 0

    def endless(path: Path) -> Iterator[tuple[int, list[object]]]:
        nonlocal asked
        yield 1, ["mã"]
        while True:
            asked += 1
            yield asked + 1, [str(asked)]

    monkeypatch.setattr(reading, "read_lines", endless)
    table = reading.open_table(csv_file(tmp_path / "a.csv", [["mã"]]))
    read = 0
    with pytest.raises(BadFile, match="hơn 1000000 dòng"):
        for _ in table.rows:
            read += 1
    assert (read, asked) == (1_000_000, 1_000_001)
