"""All or nothing, dry run first, twice changes nothing, and undone: for every kind."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.server.importing.conftest import NOW

Rows = list[tuple[Any, ...]]

# kind -> a file that adds, and one that changes what it added.
FILES: dict[str, tuple[Rows, Rows]] = {
    "units": (
        [
            ("Mã đơn vị", "TÊN ĐƠN VỊ", "don vi cap tren", "cấp", "từ ngày"),
            ("99100", "Xã Mẫu Mười", "99", "xã", "01/07/2025"),
            ("99", "Tỉnh Mẫu", "", "tỉnh", "01/07/2025"),
        ],
        [("code", "name", "parent", "from"), ("99100", "Phường Mẫu", "99", "2026-01-01")],
    ),
    "counters": (
        [
            ("mã đơn vị", "số quầy", "tên quầy", "đơn vị vận hành", "lưu động", "từ ngày"),
            ("99001", 7, "Bưu điện", "Bưu điện tỉnh", "x", "01/07/2025"),
        ],
        [("unit", "number", "name", "from"), ("99001", 7, "Bưu điện mới", "01/07/2025")],
    ),
    "officials": (
        [
            ("mã cán bộ", "họ tên", "chức danh", "mã đơn vị", "mã quầy", "từ ngày"),
            ("CB-9", "Trần Văn Mẫu", "Chuyên viên", "99001", "99001-1", "01/07/2025"),
        ],
        [("code", "name", "unit"), ("CB-9", "Trần Thị Mẫu", "99001")],
    ),
    "shifts": (
        [
            ("mã quầy", "mã cán bộ", "ngày", "từ giờ", "đến giờ"),
            ("99001-1", "CB-1", "20/11/2025", "07:30", "11:30"),
            ("99001-1", "CB-2", "20/11/2025", "13h30", "17:00"),
        ],
        [
            ("counter", "official", "date", "start", "end"),
            ("99001-1", "CB-1", "21/11/2025", "07:30", "11:30"),
        ],
    ),
    "procedures": (
        [
            ("mã thủ tục", "tên thủ tục", "mã lĩnh vực", "tên lĩnh vực"),
            ("1.000001", "Cấp giấy mẫu", "dat-dai", "Đất đai"),
        ],
        [("code", "name", "field"), ("1.000001", "Cấp giấy mẫu mới", "dat-dai")],
    ),
    "holidays": (
        [("ngày", "tên ngày nghỉ", "mã đơn vị"), ("02/09/2026", "Quốc khánh", "")],
        [("date", "name"), ("02/09/2026", "Ngày Quốc khánh")],
    ),
    "dossiers": (
        [
            ("mã đơn vị", "số hồ sơ", "mã cán bộ", "ngày tiếp nhận", "ngày hẹn trả"),
            ("99001", "H1", "CB-1", "20/11/2025 08:15", "27/11/2025"),
            ("99001", "H2", "", "20/11/2025", ""),
        ],
        [
            ("unit", "number", "official", "received", "due", "resolved"),
            ("99001", "H1", "CB-2", "20/11/2025 08:15", "27/11/2025", "26/11/2025"),
        ],
    ),
    "transactions": (
        [("mã quầy", "ngày", "số lượt"), ("99001-1", "20/11/2025", 57)],
        [("counter", "date", "n"), ("99001-1", "20/11/2025", 58)],
    ),
    "complaints": (
        [
            ("mã đơn vị", "số tiếp nhận", "ngày", "mã lý do", "nguồn"),
            ("99001", "PA-1", "20/11/2025", "r6", "đường dây nóng"),
        ],
        [("unit", "ref", "date", "reason"), ("99001", "PA-1", "20/11/2025", "R3")],
    ),
}


def counted(outcome: Any) -> tuple[int, int, int, int]:
    assert [str(problem) for problem in outcome.problems] == []
    return outcome.added, outcome.changed, outcome.unchanged, outcome.wrong


@pytest.mark.parametrize("kind", FILES)
def test_dry_run_then_import_then_nothing_to_do_then_undone(
    hall: Any, bring: Callable[..., Any], everything: Callable[[], Any], kind: str
) -> None:
    from server.importing.models import Import, ImportedRow
    from server.importing.undoing import undo_import

    first, second = FILES[kind]
    n = len(first) - 1
    at_first = everything()
    dry = bring(kind, first, dry_run=True)
    assert (counted(dry), dry.number) == ((n, 0, 0, 0), None)
    assert everything() == at_first and not Import.objects.exists()

    done = bring(kind, first)
    assert counted(done) == (n, 0, 0, 0)
    then = everything()
    assert then != at_first

    again = bring(kind, first)
    assert (counted(again), again.number) == ((0, 0, n, 0), None)
    assert everything() == then

    other = bring(kind, second)
    expected = (1, 0, 0, 0) if kind == "shifts" else (0, 1, 0, 0)
    assert counted(other) == expected
    assert undo_import(number=other.number, by="admin", now_ms=NOW) == []
    apart = (
        "organisation.rosterchange", "dossiers.dossierchange", "organisation.unitancestor",
        "dossiers.servedchange", "fleet.settingschange",  # work that waits, a history never cut
    )  # fmt: skip
    for table, rows in everything().items():
        if table not in apart:
            assert rows == then[table], table
    assert undo_import(number=done.number, by="admin", now_ms=NOW) == []
    for table, rows in everything().items():
        if table not in apart:
            assert rows == at_first[table], table
    assert len(everything()["organisation.unitancestor"]) == len(
        at_first["organisation.unitancestor"]
    )
    assert bool(everything()["dossiers.servedchange"]) == (kind == "transactions")
    assert ImportedRow.objects.exists()


@pytest.mark.parametrize("kind", FILES)
def test_undo_is_refused_once_a_row_was_changed(
    hall: Any, bring: Callable[..., Any], everything: Callable[[], Any], kind: str
) -> None:
    from server.importing.errors import UndoError
    from server.importing.undoing import undo_import

    first, second = FILES[kind]
    done = bring(kind, first)
    if kind == "shifts":
        from server.organisation.models import Shift

        Shift.objects.filter(official="CB-2").update(ended_ms=NOW)
    else:
        bring(kind, second)
    then = everything()
    with pytest.raises(UndoError, match="đã được sửa sau lần nhập này"):
        undo_import(number=done.number, by="admin", now_ms=NOW)
    assert everything() == then


@pytest.mark.parametrize("kind", FILES)
def test_one_bad_row_and_nothing_is_applied(
    hall: Any, bring: Callable[..., Any], everything: Callable[[], Any], kind: str
) -> None:
    from server.importing.models import Import

    first, _ = FILES[kind]
    then = everything()
    outcome = bring(kind, [*first, ("=1+1",)])
    assert (outcome.number, outcome.wrong > 0) == (None, True)
    place = f"Dòng {len(first) + 1}, cột A ("
    assert str(outcome.problems[0]).startswith(place)
    assert "công thức" in outcome.problems[0].sentence
    assert everything() == then and not Import.objects.exists()


@pytest.mark.parametrize("kind", FILES)
def test_a_key_twice_in_a_file_names_both_rows(
    hall: Any, bring: Callable[..., Any], kind: str
) -> None:
    first, _ = FILES[kind]
    outcome = bring(kind, [*first, first[1]])
    told = {str(problem).rpartition(": ")[2] for problem in outcome.problems}
    assert "trùng với dòng 2." in told


@pytest.mark.parametrize("kind", FILES)
def test_a_missing_and_an_unknown_column_are_told_in_one_sentence(
    hall: Any, bring: Callable[..., Any], kind: str
) -> None:
    from server.importing.errors import BadFile

    heading = FILES[kind][0][0]
    with pytest.raises(BadFile, match=r"^Tệp thiếu cột: .*\.$"):
        bring(kind, [heading[1:], ("x",) * (len(heading) - 1)])
    with pytest.raises(BadFile, match=r"^Cột \w+ \(“màu tóc”\) không thuộc bảng này; .*\.$"):
        bring(kind, [(*heading, "màu tóc"), ("x",)])
    with pytest.raises(BadFile, match=r"^Cột “.*” có hai lần: A và \w+\.$"):
        bring(kind, [(*heading, heading[0]), ("x",)])


@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_a_heading_alone_is_refused(
    hall: Any, bring: Callable[..., Any], kind: str
) -> None:
    from server.importing.errors import BadFile

    with pytest.raises(BadFile, match="không có dòng nào"):
        bring(kind, FILES[kind][0][:1])


def test_every_kind_has_its_files_here_and_the_command_names_it() -> None:
    import importlib

    from server.importing.kinds import KINDS

    assert list(FILES) == list(KINDS)
    assert tuple(KINDS) == importlib.import_module("server.console.import").NAMES


def test_the_document_lists_every_kind_and_column() -> None:
    from pathlib import Path

    from server.importing.kinds import KINDS

    text = (Path(__file__).parents[3] / "docs" / "importing.md").read_text("utf-8")
    for kind in KINDS.values():
        (line,) = (line for line in text.splitlines() if line.startswith(f"| `{kind.name}` "))
        stars = {True: "**", False: ""}
        columns = [f"{stars[c.needed]}{c.words}{stars[c.needed]} `{c.key}`" for c in kind.columns]
        assert line == f"| `{kind.name}` {kind.words} | {' · '.join(columns)} |"


@pytest.mark.parametrize("kind", ["shifts", "dossiers", "transactions", "complaints"])
def test_a_supervisor_imports_for_the_own_unit_only(
    hall: Any, bring: Callable[..., Any], everything: Callable[[], Any], kind: str
) -> None:
    from server.importing.errors import UndoError
    from server.importing.undoing import undo_import

    first, _ = FILES[kind]
    then = everything()
    outcome = bring(kind, first, may=lambda unit: unit == "99002")
    assert outcome.wrong == len(first) - 1 and everything() == then
    assert "không nhập được cho đơn vị 99001" in outcome.problems[0].sentence
    done = bring(kind, first, may=lambda unit: unit == "99001")
    with pytest.raises(UndoError, match="99001"):
        undo_import(number=done.number, by="x", now_ms=NOW, may=lambda unit: unit == "99002")


def test_a_second_undo_is_refused(hall: Any, bring: Callable[..., Any]) -> None:
    from server.importing.errors import UndoError
    from server.importing.undoing import undo_import

    done = bring("holidays", FILES["holidays"][0])
    undo_import(number=done.number, by="admin", now_ms=NOW)
    with pytest.raises(UndoError, match="đã được hoàn tác"):
        undo_import(number=done.number, by="admin", now_ms=NOW)
    with pytest.raises(UndoError, match="Không có lần nhập số 0"):
        undo_import(number=0, by="admin", now_ms=NOW)


def test_problems_are_told_in_the_readers_language(hall: Any, bring: Callable[..., Any]) -> None:
    from django.utils import translation

    rows = [("date", "name"), ("31/02/2026", "Tết")]
    with translation.override("en"):
        outcome = bring("holidays", rows)
        assert str(outcome.problems[0]) == (
            "Row 2, column A (date): “31/02/2026” is no day; write it as 31/12/2025."
        )


def test_a_million_problems_are_counted_and_the_first_told(
    hall: Any, bring: Callable[..., Any]
) -> None:
    outcome = bring(
        "transactions", [("counter", "date", "n"), *((i, "x", "y") for i in range(500))]
    )
    assert (outcome.wrong, len(outcome.problems)) == (1000, 200)
