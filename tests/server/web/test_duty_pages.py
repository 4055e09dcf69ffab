"""The duty board and a counter's day: who is on duty, by what, and never a vote."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.server.web.conftest import HOSTILE, NOW, PASSWORD, Office

BOARD = "/units/99001/duty/"
DAY = "/units/99001/duty/99001-1/2025-11-22/"


def text(reply: Any) -> str:
    """The page without its marks, blanks as one."""
    body = re.sub(r"<(script|style).*?</\1>", "", reply.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def put(client: Any, counter: str, official: str) -> Any:
    return client.post(BOARD, {"do": "set", "counter": counter, "official": official})


def posted() -> list[tuple[str, str, bool]]:
    """Counter, official and whether it goes on, of every posted duty."""
    from server.attribution.models import PostedDuty

    rows = PostedDuty.objects.order_by("number")
    return [(row.counter, row.official, row.ended_ms is None) for row in rows]


@pytest.mark.usefixtures("busy_office")
def test_the_board_says_who_is_on_duty_since_when_and_by_what(reader: Any) -> None:
    client = reader("supervisor")
    assert put(client, "99001-2", "CB-0105").status_code == 302
    page = text(client.get(BOARD))
    assert "99001-2" not in page  # names, not codes
    assert "Cán bộ mẫu 05 từ 16:26, người phụ trách đặt trên bảng trực" in page
    assert "Giờ đã qua thì cần một quyết định" in page
    assert "Không ai" in page


@pytest.mark.usefixtures("busy_office")
def test_setting_somebody_twice_sets_them_once_and_nobody_ends_it(reader: Any) -> None:
    client = reader("supervisor")
    for _ in range(2):
        assert put(client, "99001-2", "CB-0105").status_code == 302
    assert posted() == [("99001-2", "CB-0105", True)]
    for _ in range(2):
        assert put(client, "99001-2", "-").status_code == 302
    assert posted() == [("99001-2", "CB-0105", False)]


@pytest.mark.usefixtures("busy_office")
def test_what_cannot_be_set_is_refused_in_a_sentence(reader: Any) -> None:
    client = reader("supervisor")
    for counter, official in (
        ("99002-1", "CB-0101"), ("99001-1", "CB-9999"), ("99001-1", ""), ("", "CB-0101"),
        ("99001-1", HOSTILE), ("\0", "CB-0101"),
    ):  # fmt: skip
        reply = put(client, counter, official)
        assert reply.status_code == 422, (counter, official)
        label = "Cán bộ" if counter == "99001-1" else "Quầy"
        assert f"Hãy chọn một mục trong danh sách “{label}”." in text(reply)
        assert HOSTILE not in reply.content.decode()
    assert "không hiểu biểu mẫu" in text(client.post(BOARD, {"do": "fly"}))
    assert posted() == []


@pytest.mark.usefixtures("busy_office")
def test_a_form_of_another_site_sets_nobody() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.login(username="supervisor", password=PASSWORD)
    assert put(client, "99001-2", "CB-0105").status_code == 403
    assert posted() == []


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_only_the_units_own_supervisors_set_the_board(reader: Any) -> None:
    for role in ("supervisor2", "admin", "official"):
        assert put(reader(role), "99001-2", "CB-0105").status_code == 403
    assert posted() == []


def test_a_day_tells_each_stretch_in_a_sentence_and_no_vote(
    busy_office: Office, reader: Any
) -> None:
    client = reader("supervisor")
    page = client.get(DAY)
    words = text(page)
    assert "Trực: Cán bộ mẫu 01 (CB-0101), đăng nhập bằng mã PIN. Kết thúc: " in words
    assert "Không ai đăng nhập: lượt đánh giá thuộc về quầy." in words
    assert '<svg class="day' in page.content.decode()
    before = words
    busy_office.votes("99001-1", None, [1, 1, 1])
    assert text(client.get(DAY)) == before  # three more citizens change nothing here


@pytest.mark.usefixtures("busy_office")
def test_a_day_shows_rulings_in_force_and_proposed(reader: Any) -> None:
    from server.attribution.services import propose_ruling
    from server.organisation.selectors import unit
    from server.organisation.services import set_rules

    wish = {"unit": "99001", "counter": "99001-1", "reason": "quên", "by": "x", "now_ms": NOW}
    eight = NOW - (8 * 60 + 26) * 60_000 - 40_000
    hour = 3_600_000
    propose_ruling(official="CB-0104", from_ms=eight, to_ms=eight + hour, **wish)
    found = unit("99001")
    assert found is not None
    set_rules(unit=found, shifts_count=None, two_for_rulings=True, by="x", now_ms=1)
    propose_ruling(official="", from_ms=eight + 2 * hour, to_ms=eight + 3 * hour, **wish)
    words = text(reader("supervisor").get(DAY))
    assert "08:00–09:00 Theo quyết định số 1: Cán bộ mẫu 04 (CB-0104) phục vụ." in words
    assert "Số 2 · 10:00–11:00 22/11/2025 · Không phải cán bộ của đơn vị" in words


@pytest.mark.usefixtures("busy_office")
def test_days_that_are_none_and_counters_of_others_are_no_pages(reader: Any) -> None:
    client = reader("supervisor")
    for rest in ("99001-1/2025-13-01", "99001-1/x", "99002-1/2025-11-22", "99001-1/2025-11-23",
                 "99001-1/99999-01-01", "%00/2025-11-22"):  # fmt: skip
        assert client.get(f"/units/99001/duty/{rest}/").status_code == 404, rest
    page = client.get("/units/99001/duty/99001-1/2025-11-21/")
    assert page.status_code == 200 and "2025-11-22" in page.content.decode()


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_what_these_pages_ask_of_the_big_tables_names_its_units(reader: Any) -> None:
    from tests.server.cluster import find_faults
    from tests.server.test_statement_rules import recorded

    unit = "/units/99001/"
    with recorded() as statements:
        put(reader("supervisor"), "99001-2", "CB-0105")
        for path in (unit, BOARD, DAY, f"{unit}rulings/", f"{unit}organisation/", "/units/"):
            assert reader("supervisor").get(path).status_code == 200
        assert reader("official").get("/own/").status_code == 200
    assert [fault for sql in sorted(statements) for fault in find_faults(sql)] == []


@pytest.mark.usefixtures("busy_office")
def test_the_board_of_a_province_leads_to_the_days_of_the_units_beneath(reader: Any) -> None:
    from server.organisation.models import Role, Unit
    from server.organisation.services import change_unit, make_account, make_unit

    province = make_unit(code="99", name="Tỉnh Mẫu")
    make_account(username="chief", password=PASSWORD, role=Role.SUPERVISOR, unit=province)
    commune = Unit.objects.get(code="99001")
    change_unit(unit=commune, on_date=date(2025, 1, 1), parent=province)
    client = reader("chief")
    page = client.get("/units/99/duty/").content.decode()
    found = re.findall(r'href="(/units/\d+/duty/[^"]+)"', page)
    assert found == [DAY]  # of those beneath alone
    assert client.get(found[0]).status_code == 200
    assert client.get(BOARD).status_code == 403
