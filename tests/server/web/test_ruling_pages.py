"""Rulings on pages: proposed by one, confirmed by another; nobody sees a rating or an effect."""

from typing import Any

import pytest
from django.test import Client

from tests.server.web.conftest import HOSTILE, PASSWORD, Office
from tests.server.web.test_duty_pages import text

LIST, NEW = "/units/99001/rulings/", "/units/99001/rulings/new/"
WISH = {
    "do": "propose", "counter": "99001-2", "day": "2025-11-22", "from": "15:00", "to": "16:00",
    "official": "CB-0104", "other": "", "last": "", "reason": "quên đăng nhập",
}  # fmt: skip


@pytest.fixture
def two(colleagues: None) -> None:
    """Rulings of 99001 need a second person."""
    from server.organisation.selectors import unit
    from server.organisation.services import set_rules

    found = unit("99001")
    assert found is not None
    set_rules(unit=found, shifts_count=None, two_for_rulings=True, by="x", now_ms=1)


def states() -> list[str]:
    from server.attribution.models import Ruling

    return list(Ruling.objects.order_by("number").values_list("state", flat=True))


@pytest.mark.usefixtures("busy_office", "two")
def test_one_proposes_and_another_confirms(reader: Any) -> None:
    proposer, other = reader("supervisor"), reader("deputy")
    assert proposer.post(NEW, WISH).headers["Location"] == "/units/99001/rulings/1/"
    page = text(proposer.get("/units/99001/rulings/1/"))
    assert "Chờ xác nhận" in page and "Người đề nghị không tự xác nhận" in page
    refused = proposer.post("/units/99001/rulings/1/", {"do": "confirm"})
    assert refused.status_code == 422 and "không tự quyết" in text(refused)
    assert states() == ["proposed"]
    assert other.post("/units/99001/rulings/1/", {"do": "confirm"}).status_code == 302
    again = other.post("/units/99001/rulings/1/", {"do": "confirm"})
    assert again.status_code == 422 and "không còn chờ quyết" in text(again)
    assert states() == ["force"]


@pytest.mark.usefixtures("busy_office", "two")
def test_a_proposal_sent_twice_is_one(reader: Any) -> None:
    client = reader("supervisor")
    for _ in range(2):
        assert client.post(NEW, WISH).headers["Location"] == "/units/99001/rulings/1/"
    assert states() == ["proposed"]


@pytest.mark.usefixtures("busy_office", "two")
def test_two_hundred_withdrawn_proposals_do_not_push_one_that_waits_off_the_page(
    reader: Any,
) -> None:
    from server.attribution.models import Ruling

    client = reader("supervisor")
    client.post(NEW, WISH)
    first = Ruling.objects.get()
    Ruling.objects.bulk_create(
        Ruling(
            unit="99001", number=number, counter="99001-1", from_ms=first.from_ms,
            to_ms=first.to_ms, official="", reason="x", state="withdrawn",
            proposed_by="supervisor", proposed_ms=first.proposed_ms,
        )
        for number in range(2, 203)
    )  # fmt: skip
    page = client.get(LIST).content.decode()
    assert 'href="/units/99001/rulings/1/"' in page


@pytest.mark.usefixtures("busy_office", "two")
def test_refused_with_a_reason_or_withdrawn_by_the_proposer(reader: Any) -> None:
    proposer, other = reader("supervisor"), reader("deputy")
    proposer.post(NEW, WISH)
    silent = other.post("/units/99001/rulings/1/", {"do": "refuse", "why": " "})
    assert silent.status_code == 422 and "Hãy ghi lý do" in text(silent)
    other.post("/units/99001/rulings/1/", {"do": "refuse", "why": HOSTILE})
    page = other.get("/units/99001/rulings/1/").content.decode()
    assert "Đã từ chối" in page and HOSTILE not in page
    proposer.post(NEW, WISH)
    assert other.post("/units/99001/rulings/2/", {"do": "withdraw"}).status_code == 422
    assert proposer.post("/units/99001/rulings/2/", {"do": "withdraw"}).status_code == 302
    assert states() == ["refused", "withdrawn"]


@pytest.mark.usefixtures("busy_office")
def test_where_one_is_enough_it_is_in_force_at_once_and_may_be_lifted(reader: Any) -> None:
    client = reader("supervisor")
    assert client.post(NEW, WISH).status_code == 302
    twice = client.post(NEW, WISH)
    assert twice.status_code == 422 and "Quyết định số 1 đã nói về quầy này" in text(twice)
    done = client.post("/units/99001/rulings/1/", {"do": "lift", "reason": "nhầm quầy"})
    assert done.status_code == 302 and states() == ["lifted", "force"]
    assert "Hủy quyết định số 1" in text(client.get(LIST))


@pytest.mark.usefixtures("busy_office")
def test_what_cannot_be_ruled_is_refused_in_a_sentence(reader: Any) -> None:
    client = reader("supervisor")
    for change, words in (
        ({"from": "7"}, "Giờ không đọc được ở ô “Từ giờ”;"),
        ({"from": "16:00", "to": "15:00"}, "Giờ kết thúc phải sau giờ bắt đầu"),
        ({"to": "15:05"}, "từ 10 phút"),
        ({"to": "23:00"}, "khoảng thời gian đã qua"),
        ({"day": "22/11"}, "Ngày không đọc được"),
        ({"day": ""}, "Hãy chọn ngày"),
        ({"counter": "99002-1"}, "Hãy chọn một mục trong danh sách “Quầy”."),
        ({"official": ""}, "Hãy chọn một mục trong danh sách “Ai đã phục vụ”."),
        ({"other": "CB-9999"}, "Không có cán bộ nào mang mã này"),
        ({"other": "\0"}, "Hãy chọn"),
        ({"reason": ""}, "Hãy ghi lý do"),
        ({"reason": "x" * 501}, "Hãy ghi lý do"),
    ):
        wish = WISH | change
        if "other" in change:
            wish["official"] = ""
        reply = client.post(NEW, wish)
        assert reply.status_code == 422 and words in text(reply), change
        assert (
            "quên đăng nhập" in reply.content.decode() or "reason" in change
        )  # it stays filled in
    assert states() == []


@pytest.mark.usefixtures("busy_office")
def test_times_and_days_may_be_written_as_people_do(reader: Any) -> None:
    from server.attribution.models import Ruling

    wish = WISH | {"day": "22/11/2025", "from": "15h00", "to": "15h30", "official": "-"}
    assert reader("supervisor").post(NEW, wish).status_code == 302
    row = Ruling.objects.get()
    assert (row.official, row.to_ms - row.from_ms) == ("", 30 * 60_000)


def test_pages_of_rulings_tell_nothing_of_votes(busy_office: Office, reader: Any) -> None:
    client = reader("supervisor")
    client.post(NEW, WISH)
    client.get(LIST)  # the word that it is done is said once
    pages = [text(client.get(path)) for path in (LIST, NEW, f"{LIST}1/")]
    busy_office.votes("99001-2", None, [1, 1, 1, 5, 5])
    assert [text(client.get(path)) for path in (LIST, NEW, f"{LIST}1/")] == pages


@pytest.mark.usefixtures("busy_office", "two")
def test_objections_are_answered_once(reader: Any) -> None:
    from server.attribution.services import object_to

    client = reader("supervisor")
    client.post(NEW, WISH)
    number = object_to(
        unit="99001", official="CB-0101", text=HOSTILE, by="official", now_ms=1, ruling=1
    )
    assert HOSTILE not in client.get(LIST).content.decode()
    answer = {"do": "answer", "number": str(number), "text": "Đã xem."}
    assert client.post(LIST, answer).status_code == 302
    again = client.post(LIST, answer)
    assert again.status_code == 422 and "đã được trả lời" in text(again)
    assert "Đã xem." in text(client.get(f"{LIST}1/"))
    assert client.post(LIST, answer | {"number": "77"}).status_code == 422


@pytest.mark.usefixtures("busy_office", "two")
def test_nobody_else_proposes_or_decides(reader: Any) -> None:
    reader("supervisor").post(NEW, WISH)
    for role in ("supervisor2", "admin", "official"):
        assert reader(role).post(NEW, WISH).status_code == 403
        for do in ("confirm", "refuse", "withdraw", "lift"):
            assert reader(role).post(f"{LIST}1/", {"do": do, "why": "x"}).status_code == 403
    strange = Client(enforce_csrf_checks=True)
    assert strange.login(username="deputy", password=PASSWORD)
    assert strange.post(f"{LIST}1/", {"do": "confirm"}).status_code == 403
    assert states() == ["proposed"]


@pytest.mark.usefixtures("busy_office", "two")
def test_the_head_of_the_unit_above_sees_what_waits_beneath_and_may_decide(reader: Any) -> None:
    from datetime import date

    from server.organisation.models import Role
    from server.organisation.selectors import unit
    from server.organisation.services import change_unit, make_account, make_unit

    above, own = make_unit(code="10", name="Tỉnh mẫu"), unit("99001")
    assert own is not None
    change_unit(unit=own, on_date=date(2000, 1, 1), parent=above)
    make_account(username="head", password=PASSWORD, role=Role.SUPERVISOR, unit=above)
    reader("supervisor").post(NEW, WISH)
    head = reader("head")
    page = text(head.get("/units/10/rulings/"))
    assert "Chờ xác nhận ở các đơn vị bên dưới Xã Mẫu Một · Số 1" in page
    assert "Chờ xác nhận ở các đơn vị" not in text(reader("deputy").get(LIST))
    assert head.get("/units/99001/duty/99001-2/2025-11-22/").status_code == 200
    assert head.get("/units/99001/duty/").status_code == 403
    assert head.post(f"{LIST}1/", {"do": "confirm"}).status_code == 302
    assert states() == ["force"]
