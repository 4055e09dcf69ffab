"""What an import says reaches whom votes are about, and so does its undoing."""

from collections.abc import Callable
from typing import Any

from tests.server.attribution.scene import HOUR, NINE, attributed, morning, vote
from tests.server.importing.conftest import NOW
from tests.server.votes.river import new_unit

DOSSIERS = ("mã đơn vị", "số hồ sơ", "mã cán bộ", "ngày tiếp nhận")
NOBODY = ("", "none", "nobody-signed-in")


def undo(outcome: Any) -> None:
    from server.importing.undoing import undo_import

    undo_import(number=outcome.number, by="admin", now_ms=NOW)


def test_dossiers_that_come_after_their_votes_name_their_officials(
    bring: Callable[..., Any],
) -> None:
    unit = new_unit()
    station = morning(unit)
    vote(station, NINE, dossier="H-7")
    station.send()
    assert attributed(unit) == [NOBODY]
    done = bring("dossiers", [DOSSIERS, (unit, "H-7", "CB-2", "22/11/2025")])
    assert attributed(unit) == [("CB-2", "dossier", "")]
    other = bring("dossiers", [DOSSIERS, (unit, "H-7", "CB-1", "22/11/2025")])
    assert attributed(unit) == [("CB-1", "dossier", "")]
    undo(other)
    assert attributed(unit) == [("CB-2", "dossier", "")]
    undo(done)
    assert attributed(unit) == [NOBODY]


def test_officials_that_come_after_their_dossiers_are_known_then(bring: Callable[..., Any]) -> None:
    unit = new_unit()
    station = morning(unit)
    vote(station, NINE, dossier="H-7")
    station.send()
    bring("dossiers", [DOSSIERS, (unit, "H-7", "CB-77", "22/11/2025")])
    assert attributed(unit) == [NOBODY]
    officials = [("mã", "họ tên", "đơn vị"), ("CB-77", "Lê Thị Mẫu", unit)]
    bring("officials", officials)
    assert attributed(unit) == [("CB-77", "dossier", "")]


def test_planned_shifts_count_where_the_unit_chose_so_until_they_are_undone(
    bring: Callable[..., Any],
) -> None:
    from server.organisation.models import Unit
    from server.organisation.services import set_rules

    unit = new_unit()
    set_rules(
        unit=Unit.objects.get(code=unit), shifts_count=True, two_for_rulings=None, by="x", now_ms=1
    )
    station = morning(unit)
    vote(station, NINE + HOUR)
    station.send()
    assert attributed(unit) == [NOBODY]
    heading = ("mã quầy", "mã cán bộ", "ngày", "từ giờ", "đến giờ")
    done = bring("shifts", [heading, (f"{unit}-1", "CB-1", "22/11/2025", "07:30", "11:30")])
    assert attributed(unit) == [("CB-1", "shift", "")]
    undo(done)
    assert attributed(unit) == [NOBODY]


def test_an_official_whom_votes_are_about_is_not_undone(bring: Callable[..., Any]) -> None:
    """Also where they helped out in another unit."""
    import pytest

    from server.importing.errors import UndoError

    home, unit = new_unit(), new_unit(())
    done = bring("officials", [("mã", "họ tên", "đơn vị"), ("CB-77", "Lê Thị Mẫu", home)])
    station = morning(unit)
    vote(station, NINE, dossier="H-7")
    station.send()
    bring("dossiers", [DOSSIERS, (unit, "H-7", "CB-77", "22/11/2025")])
    assert attributed(unit) == [("CB-77", "dossier", "")]
    with pytest.raises(UndoError, match="CB-77 đang được dùng"):
        undo(done)
