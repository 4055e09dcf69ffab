"""The page of a unit with units beneath it: as it was, as it is, and what cannot be mapped."""

import datetime as dt
from typing import Any

import pytest

from tests.server.web.conftest import NOW, PASSWORD, Office
from tests.server.web.test_duty_pages import text

NOVEMBER = "?from=2025-11&to=2025-11"
DECEMBER = dt.date(2025, 12, 1)


@pytest.fixture
def province(busy_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both units stood beneath 10; 99001 ended with November 2025; it is January 2026."""
    from server.organisation.models import Role
    from server.organisation.selectors import unit
    from server.organisation.services import change_unit, end_unit, make_account, make_unit

    above = make_unit(code="10", name="Tỉnh mẫu")
    for code in ("99001", "99002"):
        found = unit(code)
        assert found is not None
        change_unit(unit=found, on_date=dt.date(2000, 1, 1), parent=above)
        if code == "99001":
            end_unit(unit=found, on_date=DECEMBER)
    make_unit(code="99003", name="Xã ở tỉnh khác")
    make_account(username="head", password=PASSWORD, role=Role.SUPERVISOR, unit=above)
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 45 * 86_400_000)


def succeed(*successors: str) -> None:
    from server.organisation.selectors import unit
    from server.organisation.services import add_successor

    for code in successors:
        old, new = unit("99001"), unit(code)
        assert old is not None and new is not None
        add_successor(predecessor=old, successor=new, on_date=DECEMBER)


@pytest.mark.usefixtures("province")
def test_as_it_was_adds_up_who_stood_beneath_it_then(reader: Any) -> None:
    client = reader("head")
    assert client.get("/").headers["Location"] == "/units/10/"
    page = text(client.get(f"/units/10/{NOVEMBER}"))
    assert "kể cả đơn vị nay đã kết thúc" in page and "Số liệu tính đến" in page
    assert "Lượt đánh giá 25" in page and "Xã Mẫu Một 99001 25" in page
    assert "không quy được" not in page
    assert "Lượt đánh giá 0" in text(client.get("/units/10/?from=2025-12"))


@pytest.mark.usefixtures("province")
def test_as_it_is_counts_old_ratings_for_the_successor(reader: Any) -> None:
    succeed("99002")
    page = text(reader("head").get(f"/units/10/{NOVEMBER}&view=as-is"))
    assert "Xã Mẫu Hai 99002 25" in page and "Mọi lượt đều quy được" in page
    own = text(reader("supervisor2").get(f"/units/99002/{NOVEMBER}&view=as-is"))
    assert "Gồm cả đơn vị cũ đã nhập vào" in own and "Lượt đánh giá 25" in own
    alone = text(reader("supervisor2").get(f"/units/99002/{NOVEMBER}"))
    assert "của riêng đơn vị này" in alone and "Lượt đánh giá 0" in alone


@pytest.mark.usefixtures("province")
def test_what_cannot_be_mapped_is_said_with_its_share_and_why(reader: Any) -> None:
    client, address = reader("head"), f"/units/10/{NOVEMBER}&view=as-is"
    page = text(client.get(address)).replace("\N{NO-BREAK SPACE}", " ")
    assert "25 lượt (100,0 %) không quy được về một đơn vị của hôm nay" in page
    assert "Xã Mẫu Một: 25 lượt; đã kết thúc mà chưa ghi đủ đơn vị kế thừa." in page
    succeed("99002", "99003")
    page = text(client.get(address))
    assert "Xã Mẫu Một: 25 lượt; đã chia cho nhiều đơn vị (Xã Mẫu Hai, Xã ở tỉnh khác)." in page


@pytest.mark.usefixtures("province")
def test_the_csv_has_the_rows_of_the_page(reader: Any) -> None:
    import csv
    import io

    def rows(query: str) -> list[tuple[str, str, str]]:
        reply = reader("head").get(f"/units/10/figures.csv{NOVEMBER}{query}")
        told = csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig")))
        return [(row["loại"], row["mã"], row["số lượt"]) for row in told][1:]

    each = [("đơn vị bên dưới", "99001", "25"), ("đơn vị bên dưới", "99002", "0")]
    assert rows("") == [("đơn vị và bên dưới", "10", "25"), *each]
    lost = [("đơn vị và bên dưới", "10", "0"), ("không quy được", "99001", "25")]
    assert rows("&view=as-is") == lost


@pytest.mark.usefixtures("province")
def test_only_units_that_the_reader_may_open_are_links(reader: Any) -> None:
    page = reader("head").get(f"/units/10/{NOVEMBER}").content.decode()
    assert 'href="/units/99002/?' in page and 'href="/units/99001/?' not in page
    for view in ("as-is", "as-was", "x", "\0"):
        assert reader("head").get("/units/10/", {"view": view}).status_code == 200


@pytest.mark.usefixtures("busy_office")
def test_a_unit_with_none_beneath_it_shows_its_own_figures_alone(reader: Any) -> None:
    page = text(reader("supervisor").get(f"/units/99001/{NOVEMBER}&view=as-is"))
    assert "Như khi đó" not in page and "Lượt đánh giá 25" in page


@pytest.mark.usefixtures("busy_office")
def test_ratings_are_told_apart_by_what_names_the_official(reader: Any) -> None:
    from server import pipeline
    from server.attribution.services import propose_ruling

    minutes = 60_000
    page = text(reader("supervisor").get("/units/99001/"))
    told = page.split("theo căn cứ")[1].split("Lượt chưa gán")[0]
    assert "Đăng nhập trên thiết bị 19 Cán bộ đăng nhập trên thiết bị tại quầy." in told
    propose_ruling(
        unit="99001", counter="99001-2", from_ms=NOW - 180 * minutes, to_ms=NOW, official="CB-0104",
        reason="quên", by="supervisor", now_ms=NOW,
    )  # fmt: skip
    propose_ruling(
        unit="99001", counter="99001-3", from_ms=NOW - 180 * minutes, to_ms=NOW, official="",
        reason="không phải người của xã", by="supervisor", now_ms=NOW,
    )  # fmt: skip
    pipeline.run_until_done()
    page = text(reader("supervisor").get("/units/99001/"))
    told, rest = page.split("theo căn cứ")[1].split("Lượt chưa gán được")
    assert "Quyết định 6 Người có thẩm quyền" in told and "thiết bị 16" in told
    assert "không phải cán bộ của đơn vị phục vụ 3" in rest
