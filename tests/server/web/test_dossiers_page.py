"""Dossiers of a unit on a page: what the counts are, of whom, and who may look."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.server.web.test_duty_pages import text

DAY = 86_400_000
NOON = int(datetime(2025, 11, 3, 5, tzinfo=UTC).timestamp()) * 1000  # 12:00 in Vietnam
PAGE = "/units/99001/dossiers/"


def keep(unit: str, *each: tuple[int, int | None, int | None, str]) -> None:
    """Dossiers by the days (after 3 November) of receipt, promise and result, and procedure."""
    from server.dossiers.services import Facts, keep_dossiers

    def at(day: int | None) -> int | None:
        return None if day is None else NOON + day * DAY

    keep_dossiers(
        rows=[
            Facts(unit=unit, number=f"{unit}-{n}", procedure=procedure, official="", counter="",
                  channel="counter", received_ms=NOON + got * DAY, due_ms=at(due),
                  resolved_ms=at(done))
            for n, (got, due, done, procedure) in enumerate(each)
        ]
    )  # fmt: skip


@pytest.mark.usefixtures("office")
def test_dossiers_are_counted_by_month_and_by_procedure(reader: Any) -> None:
    from server.organisation.services import make_procedure

    make_procedure(code="1.004", name="Đăng ký khai sinh")
    keep("99001", (-30, -20, -25, "1.004"), (0, 5, 4, "1.004"), (1, 5, 6, "1.005"),
         (2, 3, None, ""), (3, None, None, "1.004"))  # fmt: skip
    page = text(reader("supervisor").get(PAGE + "?from=2025-10&to=2025-11"))
    assert "66,67 % trên 3 hồ sơ đã giải quyết" in page and "1 đã quá hạn" in page
    assert "Tháng 11/2025 0 4 2 1 1 2 50,00 %" in page
    assert "Tháng 10/2025 0 1 1 1 0 0 100,00 %" in page
    assert "Đăng ký khai sinh 1.004 0 3 2 2 0 1 100,00 %" in page
    assert "1.005 0 1 1 0 1 0 0,00 %" in page and "Không rõ thủ tục 0 1 0 0 0 1 –" in page
    assert "Theo đơn vị" not in page and "Nhập tệp In trang này" in page
    for query in ("?from=x", "?from=2031-01", "?to=%00"):
        assert reader("supervisor").get(PAGE + query).status_code == 200


@pytest.mark.usefixtures("office", "colleagues")
def test_the_units_beneath_are_counted_too_and_others_see_nothing(reader: Any) -> None:
    from server.organisation.models import Role, Unit
    from server.organisation.services import change_unit, make_account, make_unit

    province = make_unit(code="99", name="Tỉnh Mẫu")
    for code in ("99001", "99002"):
        unit = Unit.objects.get(code=code)
        change_unit(unit=unit, on_date=date(2025, 1, 1), parent=province)
        keep(code, (0, 5, 4, "1.004"))
    make_account(username="chief", password="x" * 20, role=Role.SUPERVISOR, unit=province)
    page = text(reader("chief").get("/units/99/dossiers/"))
    assert "trên 2 hồ sơ" in page and "Gồm cả các đơn vị cấp dưới hiện nay" in page
    assert "Xã Mẫu Hai 99002 0 1 1 1 0 0 100,00 %" in page
    for account in ("supervisor2", "official"):
        assert reader(account).get(PAGE).status_code == 403, account
    assert reader(None).get(PAGE).status_code == 302
    assert reader("admin").get("/units/nowhere/dossiers/").status_code == 403
