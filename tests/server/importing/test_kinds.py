"""What each kind asks of its rows, and what an import sets going."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.server.importing.conftest import NOW

UNITS = ("mã đơn vị", "tên đơn vị", "đơn vị cấp trên", "cấp", "từ ngày", "đến ngày",
         "đơn vị kế thừa", "ghi chú")  # fmt: skip


def told(outcome: Any) -> list[str]:
    return [str(problem) for problem in outcome.problems]


def test_the_reorganisation_of_july_2025_as_a_file(bring: Callable[..., Any]) -> None:
    """Two provinces merge, a district ends, two communes become one and one becomes two."""
    from server.organisation.models import Successor, UnitSpell

    before = [
        UNITS,
        ("10x", "Tỉnh Mẫu Bắc", "", "tỉnh", "", "30/06/2025", "15", "NQ mẫu"),
        ("15", "Tỉnh Mẫu", "", "tỉnh", "01/07/2025", "", "", ""),
        ("080x", "Huyện Mẫu", "10x", "huyện", "", "30/06/2025", "", ""),
        ("02701", "Xã Mẫu A", "080x", "xã", "", "30/06/2025", "02700", ""),
        ("02702", "Xã Mẫu B", "080x", "xã", "", "30/06/2025", "02700", ""),
        ("02703", "Xã Mẫu C", "080x", "xã", "", "30/06/2025", "02700; 02710", "một phần"),
        ("02700", "Phường Mẫu", "15", "phường", "01/07/2025", "", "", ""),
        ("02710", "Xã Mẫu D", "15", "xã", "01/07/2025", "", "", ""),
    ]
    outcome = bring("units", before)
    assert told(outcome) == [] and outcome.added == 8
    assert Successor.objects.count() == 5
    assert UnitSpell.objects.get(unit="080x").ended_date == date(2025, 7, 1)
    again = bring("units", before)
    assert told(again) == []
    assert (again.number, again.unchanged) == (None, 8)


def test_a_unit_changes_its_name_and_parent_in_a_second_row(bring: Callable[..., Any]) -> None:
    from server.organisation.models import UnitSpell

    rows = [
        UNITS[:5],
        ("01", "Tỉnh Mẫu", "", "tỉnh", ""),
        ("001", "Huyện Mẫu", "01", "huyện", ""),
        ("00101", "Xã Mẫu", "001", "xã", ""),
        ("00101", "Phường Mẫu", "01", "xã", "01/07/2025"),
    ]
    assert told(bring("units", rows)) == []
    spells = UnitSpell.objects.filter(unit="00101").order_by("pk")
    assert list(spells.values_list("name", "parent", "ended_date")) == [
        ("Xã Mẫu", "001", date(2025, 7, 1)), ("Phường Mẫu", "01", None),
    ]  # fmt: skip
    assert bring("units", rows).number is None


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("1", "A", "2", "", "", "", ""), ("2", "B", "1", "", "", "", "")], "vòng tròn"),
        ([("1", "A", "", "", "", "", "99001")], "có đơn vị kế thừa thì phải ghi ngày kết thúc"),
        ([("1", "A", "", "", "", "30/6/2025", "77")], "không có đơn vị 77"),
        ([("1", "A", "88", "", "", "", "")], "không có đơn vị 88"),
        ([("2701", "A", "", "xã", "", "", "")], "Excel có thể đã bỏ số 0"),
        ([("99001", "Tên khác", "", "", "", "", "")], "hãy ghi ngày bắt đầu thay đổi"),
        ([("1", "A", "", "", "02/07/2025", "01/07/2025", "")], "trước ngày bắt đầu"),
        ([("1", "A", "", "lâu đài", "", "", "")], "“lâu đài” không thuộc"),
        ([("xã 1", "A", "", "", "", "", "")], "không phải mã"),
    ],
)
def test_units_that_cannot_be(
    hall: Any, bring: Callable[..., Any], rows: list[tuple[str, ...]], sentence: str
) -> None:
    outcome = bring("units", [UNITS[:7], *rows])
    assert outcome.number is None and sentence in told(outcome)[0]


def test_a_code_that_was_used_is_not_given_again(bring: Callable[..., Any]) -> None:
    old = [UNITS[:6], ("1", "Xã Cũ", "", "", "01/01/2020", "30/06/2025")]
    bring("units", old)
    outcome = bring("units", [UNITS[:6], ("1", "Xã Mới", "", "", "01/07/2025", "")])
    assert outcome.number is None and len(told(outcome)) == 1


def test_a_successor_before_its_predecessor_ended_names_row_and_column(
    bring: Callable[..., Any],
) -> None:
    rows = [
        UNITS[:7],
        ("1", "Xã A", "", "", "", "30/06/2025", "2"),
        ("2", "Xã B", "", "", "01/08/2025", "", ""),
    ]
    (problem,) = told(bring("units", rows))
    assert problem.startswith("Dòng 2, cột G (đơn vị kế thừa): ")


def test_officials_and_counters_reach_the_kiosks(hall: Any, bring: Callable[..., Any]) -> None:
    from protocol.configuration import read_config
    from server.fleet.models import Configuration
    from server.fleet.services import make_kiosk

    kiosk = make_kiosk(counter="99001-1", now_ms=NOW)
    rows = [("mã", "họ tên", "đơn vị"), ("CB-7", "Lê Thị Mẫu", "99001")]
    bring("officials", rows, dry_run=True)
    assert Configuration.objects.filter(kiosk=kiosk).count() == 1
    assert bring("officials", rows).notes == []
    newest = Configuration.objects.filter(kiosk=kiosk).order_by("-version").first()
    assert newest is not None and (newest.version, newest.by, newest.why) == (2, "admin", "import")
    assert "CB-7" in str(read_config(bytes(newest.body)).officials)
    bring("counters", [("đơn vị", "số quầy", "tên"), ("99001", 1, "Đất đai")])
    assert Configuration.objects.filter(kiosk=kiosk).count() == 3


def test_a_counter_with_a_kiosk_is_not_undone(hall: Any, bring: Callable[..., Any]) -> None:
    from server.fleet.services import make_kiosk
    from server.importing.errors import UndoError
    from server.importing.undoing import undo_import

    done = bring("counters", [("đơn vị", "số quầy"), ("99001", 9)])
    make_kiosk(counter="99001-9", now_ms=NOW)
    with pytest.raises(UndoError, match="99001-9 đang được dùng"):
        undo_import(number=done.number, by="admin", now_ms=NOW)


def test_a_unit_with_counters_is_not_undone(bring: Callable[..., Any]) -> None:
    from server.importing.errors import UndoError
    from server.importing.undoing import undo_import

    done = bring("units", [UNITS[:2], ("1", "Xã A"), ("2", "Xã B")])
    bring("counters", [("đơn vị", "số quầy"), ("2", 1)])
    with pytest.raises(UndoError, match="2 đang được dùng"):
        undo_import(number=done.number, by="admin", now_ms=NOW)


def test_officials_that_overlap_are_refused_at_their_row(
    hall: Any, bring: Callable[..., Any]
) -> None:
    heading = ("mã", "họ tên", "đơn vị", "từ ngày", "đến ngày")
    rows = [
        heading,
        ("CB-1", "Cán bộ mẫu 1", "99001", "01/01/2025", "31/12/2025"),
        ("CB-1", "Cán bộ mẫu 1", "99001", "01/06/2025", ""),
    ]
    (problem,) = told(bring("officials", rows))
    assert problem.startswith("Dòng 3, cột D (từ ngày): ") and "31/12/2025" not in problem


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (("99001-1", "CB-2", "20/11/2025", "09:00", "10:00"), "cột A (mã quầy)"),
        (("99001-2", "CB-1", "20/11/2025", "09:00", "10:00"), "cột B (mã cán bộ)"),
        (("99009-1", "CB-1", "20/11/2025", "09:00", "10:00"), "cột A (mã quầy)"),
        (("99001-1", "CB-0", "20/11/2025", "09:00", "10:00"), "cột B (mã cán bộ)"),
        (("99001-2", "CB-2", "20/11/2025", "25:00", "10:00"), "cột D (từ giờ)"),
        (("99001-2", "CB-2", "20/11/2025", "", "10:00"), "cột D (từ giờ)"),
    ],
)
def test_shifts_that_cannot_be_name_row_and_column(
    hall: Any, bring: Callable[..., Any], row: tuple[str, ...], place: str
) -> None:
    heading = ("mã quầy", "mã cán bộ", "ngày", "từ giờ", "đến giờ")
    rows = [heading, ("99001-1", "CB-1", "20/11/2025", "07:30", "11:30"), row]
    (problem,) = told(bring("shifts", rows))
    assert problem.startswith(f"Dòng 3, {place}: ")


def test_a_shift_over_midnight_ends_on_the_next_day(hall: Any, bring: Callable[..., Any]) -> None:
    from server.organisation.models import Shift

    heading = ("mã quầy", "mã cán bộ", "ngày", "từ giờ", "đến giờ")
    bring("shifts", [heading, ("99001-1", "CB-1", "20/11/2025", "22:00", "02:00")])
    shift = Shift.objects.get()
    assert shift.ended_ms - shift.started_ms == 4 * 3_600_000


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("99001", "H1", "20/11/2025", "", "19/11/2025"), "cột E (ngày trả kết quả): trước ngày"),
        (("99001", "H1", "20/11/2025", "19/11/2025", ""), "cột D (ngày hẹn trả): trước ngày"),
        (("99001", "H1", "20/11/2025 10:00", "", "20/11/2025 09:00"), "cột E"),
        (("99001", "H 1", "20/11/2025", "", ""), "không có dấu cách"),
        (("9901", "H1", "20/11/2025", "", ""), "không có đơn vị 9901."),
        (("99001", "H1", "20/11/1825", "", ""), "không phải ngày"),
        (("99001", "", "20/11/2025", "", ""), "cột B (số hồ sơ): ô trống"),
    ],
)
def test_dossiers_that_cannot_be(
    hall: Any, bring: Callable[..., Any], row: tuple[str, ...], sentence: str
) -> None:
    heading = ("mã đơn vị", "số hồ sơ", "ngày tiếp nhận", "ngày hẹn trả", "ngày trả kết quả")
    (problem,) = told(bring("dossiers", [heading, row]))
    assert sentence in problem


def test_a_code_that_excel_cut_is_explained(hall: Any, bring: Callable[..., Any]) -> None:
    from server.organisation.services import make_unit

    make_unit(code="02647", name="Xã Mẫu Không")
    heading = ("mã đơn vị", "số hồ sơ", "ngày tiếp nhận")
    (problem,) = told(bring("dossiers", [heading, ("2647", "H1", "20/11/2025")]))
    assert "có đơn vị 02647: Excel bỏ mất số 0 ở đầu" in problem


def test_unknown_officials_of_dossiers_are_noted_and_kept(
    hall: Any, bring: Callable[..., Any]
) -> None:
    from server.dossiers.models import Dossier

    heading = ("mã đơn vị", "số hồ sơ", "mã cán bộ", "ngày tiếp nhận")
    outcome = bring("dossiers", [heading, ("99001", "H1", "NV-77", "20/11/2025")])
    assert outcome.notes == ["Mã cán bộ chưa có trong danh sách: 1 (NV-77 ở dòng 2)."]
    assert Dossier.objects.get().official == "NV-77"


def test_complaints_take_no_words_for_reasons(hall: Any, bring: Callable[..., Any]) -> None:
    heading = ("mã đơn vị", "số tiếp nhận", "ngày", "mã lý do")
    outcome = bring("complaints", [heading, ("99001", "1", "20/11/2025", "R77")])
    assert "“R77” không phải mã lý do" in told(outcome)[0]
