"""Units, counters, officials, procedures and holidays through time, on pages."""

from typing import Any

import pytest
from django.test import Client

from tests.server.web.conftest import HOSTILE, PASSWORD, Office
from tests.server.web.test_duty_pages import text

ORGANISATION = "/units/99002/organisation/"
NEW = {
    "do": "new", "code": "10", "name": "Tỉnh mẫu", "level": "province", "parent": "",
    "started": "",
}  # fmt: skip


def post(client: Any, path: str, **given: str) -> Any:
    return client.post(path, {"do": given.pop("do"), **given})


@pytest.mark.usefixtures("office")
def test_a_merger_is_entered_on_pages_and_read_on_every_day(reader: Any) -> None:
    client = reader("admin")
    assert client.post("/units/", NEW).status_code == 302
    assert client.post("/units/", NEW).status_code == 302  # twice is once
    commune = NEW | {"code": "00101", "name": "Xã cũ", "level": "commune", "parent": "10"}
    client.post("/units/", commune | {"started": "2000-01-01"})
    old = "/units/00101/organisation/"
    assert post(client, old, do="change", on="2010-01-01", name="Xã đổi tên").status_code == 302
    early = post(client, old, do="successor", successor="99001", on="2025-07-01", note="")
    assert early.status_code == 422 and "chưa kết thúc" in text(early)
    for _ in range(2):
        assert post(client, old, do="end", last="30/06/2025").status_code == 302
        done = post(client, old, do="successor", successor="99001", on="2025-07-01", note="NQ 1")
        assert done.status_code == 302
    before = text(client.get("/units/", {"date": "2025-06-30"}))
    assert "Xã đổi tên 00101 Xã, phường, đặc khu" in before and "Trở thành" not in before
    assert "Xã cũ" in text(client.get("/units/", {"date": "2009-12-31"}))
    after = text(client.get("/units/"))
    assert "Xã đổi tên 00101" in after.split("Đã kết thúc trước đó")[1]
    assert "30/06/2025 → Xã Mẫu Một 99001 (NQ 1)" in after
    page = text(client.get(old))
    assert "01/01/2000 – 31/12/2009 Xã cũ" in page and "01/01/2010 – 30/06/2025" in page
    assert "Từ 01/07/2025: Xã đổi tên" in text(client.get("/units/99001/organisation/"))
    assert post(client, old, do="unlink", successor="99001").status_code == 302
    assert post(client, old, do="reopen").status_code == 302
    assert "từ 01/01/2010 Xã đổi tên" in text(client.get(old))


@pytest.mark.usefixtures("office")
def test_what_cannot_be_entered_is_refused_in_a_sentence_and_stays_filled_in(reader: Any) -> None:
    client = reader("admin")
    for change, words in (
        ({"code": "a b"}, "không phải là mã"),
        ({"name": " "}, "Tên phải có"),
        ({"level": "kingdom"}, "Hãy chọn một mục"),
        ({"parent": "77"}, "Không có đơn vị nào mang mã này"),
        ({"started": "31/02/2025"}, "Ngày không đọc được"),
        ({"do": "fly"}, "không hiểu biểu mẫu"),
    ):
        reply = client.post("/units/", NEW | change)
        assert reply.status_code == 422 and words in text(reply), change
        if "do" not in change and "name" not in change:
            assert 'value="Tỉnh mẫu"' in reply.content.decode()
    for given, words in (
        ({"do": "change", "on": "", "name": "x"}, "Hãy chọn ngày"),
        ({"do": "change", "on": "2025-07-01", "name": ""}, "Hãy ghi tên mới"),
        ({"do": "change", "on": "2025-07-01", "move": "yes", "parent": "99002"}, "không thể"),
        ({"do": "rules", "shifts_count": "x", "two_for_rulings": ""}, "Hãy chọn một mục"),
        ({"do": "unlink", "successor": ""}, "Không có đơn vị nào"),
    ):
        reply = client.post(ORGANISATION, given)
        assert reply.status_code == 422 and words in text(reply), given


@pytest.mark.usefixtures("office")
def test_rules_are_chosen_and_said(reader: Any) -> None:
    client = reader("admin")
    assert "ca đã xếp không được dùng" in text(client.get(ORGANISATION))
    post(client, ORGANISATION, do="rules", shifts_count="yes", two_for_rulings="yes")
    page = text(reader("supervisor2").get(ORGANISATION))
    assert "gán theo ca đã xếp" in page and "khi người thứ hai xác nhận" in page
    assert "Đổi quy tắc" not in page


@pytest.mark.usefixtures("office")
def test_counters_with_their_stretches(reader: Any) -> None:
    client, path = reader("admin"), "/units/99001/counters/"
    for _ in range(2):
        assert post(client, path, do="counter", number="4", name="Bưu điện").status_code == 302
        spell = {"counter": "99001-4", "agency": "99002", "operator": "Bưu điện tỉnh"}
        more = {"mobile": "yes", "started": "2025-07-01", "last": "2025-12-31"}
        assert post(client, path, do="spell", **spell, **more).status_code == 302
    page = text(client.get(path))
    told = "01/07/2025 – 31/12/2025 : Xã Mẫu Hai 99002 · do Bưu điện tỉnh vận hành · lưu động"
    assert page.count(told) == 1
    crossing = {"counter": "99001-4", "started": "2025-08-01", "last": ""}
    refused = post(client, path, do="spell", **crossing)
    assert refused.status_code == 422 and "bị chồng lên nhau" in text(refused)
    assert post(client, path, do="counter", number="0", name="x").status_code == 422
    assert post(client, path, do="name", counter="99001-4", number="5", name="E").status_code == 302
    assert post(client, path, do="name", counter="99002-1", number="5", name="E").status_code == 422
    from server.organisation.models import CounterSpell

    pk = str(CounterSpell.objects.get().pk)
    for _ in range(2):
        assert post(client, path, do="remove", counter="99001-4", spell=pk).status_code == 302
    assert not CounterSpell.objects.exists()


@pytest.mark.usefixtures("office")
def test_officials_with_their_stretches_and_seats(reader: Any) -> None:
    client, path = reader("admin"), "/units/99001/officials/"
    assert HOSTILE not in client.get(path).content.decode()
    for _ in range(2):
        given = {"code": "CB-0109", "name": "Cán bộ mẫu 09", "title": "Chuyên viên"}
        assert post(client, path, do="official", **given).status_code == 302
        spell = {"official": "CB-0109", "agency": "99002", "title": "Trưởng phòng"}
        days = {"started": "2025-07-01", "last": ""}
        assert post(client, path, do="spell", **spell, **days).status_code == 302
        seat = {"official": "CB-0109", "counter": "99001-1"}
        assert post(client, path, do="seat", **seat, **days).status_code == 302
    page = text(client.get(path))
    assert "từ 01/07/2025 : Xã Mẫu Hai · Trưởng phòng" in page
    taken = post(client, path, do="official", code="CB-0101", name="Người khác", title="")
    assert taken.status_code == 422 and "Mã này là của cán bộ khác" in text(taken)
    renamed = post(client, path, do="name", official="CB-0109", name="Tên mới", title="")
    assert renamed.status_code == 302 and "Tên mới" in text(client.get(path))
    from server.organisation.models import OfficialSpell, Seat

    for do, row in (
        ("remove-spell", OfficialSpell.objects.get()),
        ("remove-seat", Seat.objects.get()),
    ):
        assert post(client, path, do=do, official="CB-0109", row=str(row.pk)).status_code == 302
    assert not OfficialSpell.objects.exists() and not Seat.objects.exists()


@pytest.mark.usefixtures("office")
def test_what_kiosks_could_not_be_told_is_kept_and_said(reader: Any) -> None:
    from server.organisation.models import Official

    Official.objects.filter(code="CB-0101").update(pin_sealed=b"of another key")
    client, path = reader("admin"), "/units/99001/officials/"
    given = {"code": "CB-0109", "name": "Cán bộ mẫu 09", "title": ""}
    assert post(client, path, do="official", **given).status_code == 302
    page = text(client.get(path))
    assert "Đã lưu, nhưng có thiết bị chưa nhận được" in page and "Cán bộ mẫu 09" in page


@pytest.mark.usefixtures("office")
def test_procedures_by_field_and_holidays_from_above(reader: Any) -> None:
    client = reader("admin")
    for _ in range(2):
        assert (
            post(client, "/procedures/", do="field", code="ht", name="Hộ tịch").status_code == 302
        )
        given = {"code": "1.001193", "name": "Khai sinh", "field": "ht", "started": "", "last": ""}
        assert post(client, "/procedures/", do="procedure", **given).status_code == 302
        day = {"day": "2025-09-02", "name": "Quốc khánh"}
        assert post(client, "/holidays/", do="add", **day).status_code == 302
        own = {"day": "2025-12-30", "name": "Ngày của xã"}
        assert post(client, "/units/99001/holidays/", do="add", **own).status_code == 302
    assert "Hộ tịch 1.001193 Khai sinh" in text(client.get("/procedures/"))
    page = text(reader("supervisor").get("/units/99001/holidays/"))
    assert "30/12/2025 Ngày của xã" in page and "02/09/2025 Quốc khánh" in page
    assert "Ngày của xã" not in text(reader("supervisor2").get("/units/99002/holidays/"))
    for year in ("2026", "x", "99999", "\0", "²"):
        assert client.get("/holidays/", {"year": year}).status_code == 200
    assert post(client, "/holidays/", do="add", day="2025-01-01", name="").status_code == 422
    assert post(client, "/holidays/", do="remove", day="2025-09-02").status_code == 302
    assert "Chưa ghi ngày nào." in text(client.get("/holidays/"))


@pytest.mark.usefixtures("office")
def test_a_supervisor_sees_the_own_part_of_the_tree_alone(reader: Any) -> None:
    page = text(reader("supervisor").get("/units/"))
    assert "Xã Mẫu Một" in page and "Xã Mẫu Hai" not in page
    for of in ("99002", "99999", "\0"):
        assert reader("supervisor").get("/units/", {"of": of}).status_code == 403
    admin = reader("admin")
    admin.post("/units/99001/organisation/", {"do": "end", "last": "2025-10-31"})
    ended = text(reader("supervisor").get("/units/"))
    assert "Không có đơn vị nào vào ngày này" in ended and "Xã Mẫu Một 99001" in ended
    assert "Xã Mẫu Một 99001" in text(admin.get("/units/", {"of": "99001"}))
    wrong = reader("supervisor").get("/units/", {"date": "x"})
    assert wrong.status_code == 422 and "Đang hiện cây của hôm nay" in text(wrong)


@pytest.mark.usefixtures("office")
def test_nobody_but_administrators_enters_anything(reader: Any) -> None:
    strange = Client(enforce_csrf_checks=True)
    assert strange.login(username="admin", password=PASSWORD)
    assert strange.post("/units/", NEW).status_code == 403
    for path in (ORGANISATION, "/units/99002/counters/", "/units/99002/officials/"):
        given = {"do": "rules", "shifts_count": "yes", "two_for_rulings": "yes"}
        assert reader("supervisor2").post(path, given).status_code == 403
    from server.organisation.models import Unit, UnitRules

    assert Unit.objects.count() == 2 and not UnitRules.objects.exists()


def test_a_tree_of_thousands_folds_and_asks_few_questions(office: Office, reader: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from server.organisation.closure import rebuild_tree
    from server.organisation.models import Unit, UnitSpell

    rows = [Unit(code=f"{n:02}", name=f"Tỉnh {n}") for n in range(10, 44)]
    rows += [Unit(code=f"{n:05}", name=f"Xã {n}", parent=rows[n % 34]) for n in range(3_400)]
    Unit.objects.bulk_create(rows)
    UnitSpell.objects.bulk_create(UnitSpell(unit=u, name=u.name, parent=u.parent) for u in rows)
    rebuild_tree()
    client = reader("admin")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = client.get("/units/")
    assert page.content.decode().count('<tr role="row">') < 60
    assert "of=10" in page.content.decode() and len(asked) <= 12
    below = client.get("/units/", {"of": "10"}).content.decode()
    assert below.count('<tr role="row">') > 100 and "Tỉnh 10" in below
