"""An official's own page: own duties, own sums of closed days, own rulings; never a vote."""

from typing import Any

import pytest
from django.test import Client

from tests.server.web.conftest import HOSTILE, NOW, PASSWORD, Office
from tests.server.web.test_duty_pages import posted, text
from tests.server.web.test_ruling_pages import LIST, NEW, WISH

DAY_MS = 24 * 3_600_000


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_begin_and_end_at_the_work_pc_each_once(reader: Any) -> None:
    client = reader("official")
    for _ in range(2):
        assert client.post("/own/", {"do": "start", "counter": "99001-2"}).status_code == 302
    assert posted() == [("99001-2", "CB-0101", True)]
    page = text(client.get("/own/"))
    assert "Đang trực quầy 2 · Việc 2 từ 16:26, tự bắt đầu trên máy tính làm việc" in page
    for _ in range(2):
        assert client.post("/own/", {"do": "end", "number": "1"}).status_code == 302
    assert posted() == [("99001-2", "CB-0101", False)]


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_nobody_ends_the_duty_of_another(reader: Any) -> None:
    from server.attribution.services import start_duty

    start_duty(unit="99001", counter="99001-3", official="CB-0105", by="x", now_ms=NOW)
    reader("official").post("/own/", {"do": "end", "number": "1"})
    assert posted() == [("99001-3", "CB-0105", True)]


def test_own_duties_are_listed_and_no_vote_changes_the_page_today(
    busy_office: Office, colleagues: None, reader: Any
) -> None:
    client = reader("official")
    page = client.get("/own/")
    words = text(page)
    assert "22/11/2025" in words and "đăng nhập bằng mã PIN" in words
    assert "CB-0102" not in words and "Cán bộ mẫu 02" not in words
    assert "Chưa đủ 5 lượt" in words  # today's eleven are of a day that is not over
    busy_office.votes("99001-1", None, [1, 1])
    assert text(client.get("/own/")).split("Ca trực")[1] == words.split("Ca trực")[1]


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_own_sums_appear_when_their_days_are_over(
    reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = reader("official")
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + DAY_MS)
    page = text(client.get("/own/"))
    assert "tính trên 10 lượt" in page and "Lượt đánh giá 11" in page
    for month in ("2025-10", "x", "2031-01", "\0"):
        assert client.get("/own/", {"from": month}).status_code == 200


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_a_ruling_that_concerns_them_may_be_objected_to_and_the_answer_is_read(
    reader: Any,
) -> None:
    official, supervisor = reader("official"), reader("supervisor")
    supervisor.post(NEW, WISH | {"official": "CB-0101"})
    supervisor.post(NEW, WISH | {"counter": "99001-3", "official": "CB-0107"})
    assert "quên đăng nhập" in text(official.get("/own/"))
    objection = {"do": "object", "ruling": "1", "text": f"Không phải tôi {HOSTILE}"}
    for _ in range(2):  # two clicks are one
        assert official.post("/own/", objection).status_code == 302
    from server.attribution.models import Objection

    assert Objection.objects.count() == 1
    # Another's ruling is nothing to them.
    assert official.post("/own/", objection | {"ruling": "2"}).status_code == 403
    supervisor.post(LIST, {"do": "answer", "number": "1", "text": "Đã kiểm tra."})
    page = official.get("/own/").content.decode()
    assert "Đã kiểm tra." in page and HOSTILE not in page


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_a_ruling_of_another_unit_is_read_and_objected_to_there(reader: Any) -> None:
    """Nobody is given another unit's votes unseen: where they never sat, they are not named."""
    from server.organisation.models import Counter, Official
    from server.organisation.services import set_seat

    official, supervisor = reader("official"), reader("supervisor2")
    there, new = LIST.replace("99001", "99002"), NEW.replace("99001", "99002")
    wish = WISH | {"counter": "99002-1", "official": "", "other": "CB-0101"}
    refused = supervisor.post(new, wish)
    assert refused.status_code == 422 and "không phục vụ ở đơn vị 99002" in text(refused)
    counter, who = Counter.objects.get(code="99002-1"), Official.objects.get(code="CB-0101")
    set_seat(counter=counter, official=who)
    assert supervisor.post(new, wish).status_code == 302
    page = text(official.get("/own/"))
    assert "Xã Mẫu Hai" in page and "quên đăng nhập" in page
    objection = {"do": "object", "unit": "99002", "ruling": "1", "text": "Tôi không ở đó."}
    assert official.post("/own/", objection | {"unit": "99001"}).status_code == 403
    assert official.post("/own/", objection).status_code == 302
    assert "Tôi không ở đó." in text(supervisor.get(there))
    assert "Tôi không ở đó." in text(official.get("/own/"))


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_a_refused_objection_stays_written(reader: Any) -> None:
    official, supervisor = reader("official"), reader("supervisor")
    supervisor.post(NEW, WISH | {"official": "CB-0101"})
    long = "Tôi không trực quầy này. " * 90
    reply = official.post("/own/", {"do": "object", "ruling": "1", "text": long})
    assert reply.status_code == 422 and reply.content.decode().count("Tôi không trực") == 90
    official.post("/own/", {"do": "object", "ruling": "1", "text": "Tôi không trực."})
    reply = supervisor.post(LIST, {"do": "answer", "number": "1", "text": "Đã xem. " * 300})
    assert reply.status_code == 422 and reply.content.decode().count("Đã xem.") == 300


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_an_objection_to_a_day_and_what_is_refused(reader: Any) -> None:
    client = reader("official")
    wish = {"do": "object-day", "counter": "99001-1", "day": "2025-11-21", "text": "Tôi đã trực."}
    assert client.post("/own/", wish).status_code == 302
    assert "về quầy Việc 1 ngày 21/11/2025" in text(client.get("/own/"))
    reply = client.post("/own/", wish | {"day": "2199-01-01"})
    assert reply.status_code == 422 and "Không phản đối được về ngày 01/01/2199" in text(reply)
    for change in ({"counter": "99002-1"}, {"day": "x"}, {"text": ""}, {"text": "x" * 2001}):
        assert client.post("/own/", wish | change).status_code == 422, change
    for do, more in (("start", {"counter": "99002-1"}), ("end", {"number": "x"}), ("x", {})):
        assert client.post("/own/", {"do": do, **more}).status_code == 422, do


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_a_form_of_another_site_begins_nothing() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.login(username="official", password=PASSWORD)
    assert client.post("/own/", {"do": "start", "counter": "99001-2"}).status_code == 403
    assert posted() == []


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_the_top_of_the_page_names_what_the_account_may_open(reader: Any) -> None:
    own = reader("official").get("/own/").content.decode()
    assert all(path not in own for path in ('href="/kiosks/"', 'href="/settings/"', "/integrity/"))
    other = reader("supervisor").get("/units/99001/").content.decode()
    assert 'href="/units/99001/duty/"' in other and "/own/" not in other
    assert "/units/99001/duty/" not in reader("admin").get("/units/99001/").content.decode()


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_whoever_moved_to_another_unit_keeps_their_past(
    reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.organisation.selectors import official, unit
    from server.organisation.services import change_official

    client, supervisor = reader("official"), reader("supervisor")
    client.post("/own/", {"do": "start", "counter": "99001-2"})
    supervisor.post(NEW, WISH | {"official": "CB-0101"})
    change_official(official=official("CB-0101"), unit=unit("99002"))
    page = text(client.get("/own/"))
    assert "Đang trực quầy 2 · Việc 2 · Xã Mẫu Một" in page
    assert client.post("/own/", {"do": "start", "counter": "99001-2"}).status_code == 422
    client.post("/own/", {"do": "end", "number": "1"})
    assert posted() == [("99001-2", "CB-0101", False)]
    day = {"do": "object-day", "counter": "99001-1", "day": "2025-11-21", "text": "Tôi đã trực."}
    objection = {"do": "object", "unit": "99001", "ruling": "1", "text": "Không phải tôi."}
    assert client.post("/own/", objection | {"unit": "99002"}).status_code == 403
    for wish in (day, objection):
        assert client.post("/own/", wish).status_code == 302
    supervisor.post(LIST, {"do": "answer", "number": "2", "text": "Đã kiểm tra."})
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + DAY_MS)
    page = text(client.get("/own/"))
    assert "tính trên 10 lượt" in page and "Lượt đánh giá 11" in page
    assert "1 · Việc 1 · Xã Mẫu Một đăng nhập bằng mã PIN" in page
    assert "quên đăng nhập" in page and "Đã kiểm tra." in page
    assert "về quầy Việc 1 ngày 21/11/2025" in page
