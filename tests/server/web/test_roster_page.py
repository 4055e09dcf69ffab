"""The roster of a week: shifts planned and taken back by page, and what is refused."""

from typing import Any

import pytest
from django.test import Client

from tests.server.attribution.scene import deeds
from tests.server.web.conftest import HOSTILE, NOW, PASSWORD, Office
from tests.server.web.test_duty_pages import text

ROSTER = "/units/99001/roster/"
NEXT = ROSTER + "?week=2025-11-26"
WISH = {
    "do": "add", "official": "CB-0101", "counter": "99001-1", "from": "07:30", "to": "11:30",
    "other": "", "day": ["2025-11-24", "2025-11-25"],
}  # fmt: skip


def planned() -> list[tuple[str, str, str, int]]:
    """Day, counter, official and length in minutes of every shift."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from server.organisation.models import Shift

    zone, found = ZoneInfo("Asia/Ho_Chi_Minh"), []
    for row in Shift.objects.order_by("started_ms"):
        began = datetime.fromtimestamp(row.started_ms / 1000, zone)
        minutes = (row.ended_ms - row.started_ms) // 60_000
        found.append((f"{began:%d/%m %H:%M}", row.counter, row.official, minutes))
    return found


@pytest.mark.usefixtures("office")
def test_shifts_are_planned_on_several_days_shown_and_taken_back(reader: Any) -> None:
    client = reader("supervisor")
    for _ in range(2):  # two clicks are one
        reply = client.post(NEXT, WISH)
        assert reply.headers["Location"] == ROSTER + "?week=2025-11-24"
    assert planned() == [
        ("24/11 07:30", "99001-1", "CB-0101", 240), ("25/11 07:30", "99001-1", "CB-0101", 240),
    ]  # fmt: skip
    page = client.get(NEXT)
    assert text(page).count("07:30–11:30 1 · Việc 1") == 2
    assert HOSTILE not in page.content.decode()
    assert "07:30–11:30" not in text(client.get(ROSTER))  # of another week
    number = page.content.decode().split('name="shift" value="')[1].split('"')[0]
    for _ in range(2):
        assert client.post(NEXT, {"do": "remove", "shift": number}).status_code == 302
    assert [day for day, *_ in planned()] == ["25/11 07:30"]
    assert client.post(NEXT, WISH | {"from": "13h30", "to": "17h"}).status_code == 302
    assert planned()[0] == ("24/11 13:30", "99001-1", "CB-0101", 210)
    told = [(deed["planned"], deed["counter"], deed["by"]) for deed in deeds("shift")]
    assert told == [(kept, "99001-1", "supervisor") for kept in (True, True, False, True, True)]


@pytest.mark.usefixtures("office")
def test_a_shift_past_midnight_and_one_of_who_helps_out(reader: Any) -> None:
    client = reader("supervisor")
    from server.organisation.models import Counter
    from server.organisation.selectors import unit
    from server.organisation.services import make_official, set_seat

    guest = make_official(unit=unit("99002"), code="CB-9", name="Cán bộ khác xã")
    set_seat(counter=Counter.objects.get(code="99001-1"), official=guest)
    night = WISH | {"from": "22:00", "to": "02:00", "day": ["2025-11-30"], "other": "CB-9"}
    assert client.post(NEXT, night).status_code == 302
    assert planned() == [("30/11 22:00", "99001-1", "CB-9", 240)]
    assert "Cán bộ khác xã" in text(client.get(NEXT))


@pytest.mark.usefixtures("office")
def test_all_of_the_days_or_none(reader: Any) -> None:
    client = reader("supervisor")
    client.post(NEXT, WISH | {"day": ["2025-11-25"], "official": "CB-0102"})
    reply = client.post(NEXT, WISH)
    assert reply.status_code == 422 and "CB-0102" in text(reply)
    assert len(planned()) == 1
    for change in (
        {"day": []}, {"day": ["2026-01-01"]}, {"day": ["x"]}, {"from": "x"}, {"to": "25:00"},
        {"counter": "99002-1"}, {"official": "CB-9999"}, {"other": "CB-9999"}, {"do": "fly"},
        {"official": HOSTILE}, {"official": "\0"},
    ):  # fmt: skip
        wish = WISH | {"day": ["2025-11-26"]} | change
        assert client.post(NEXT, wish).status_code == 422, change
    assert len(planned()) == 1
    for week in ("x", "2025-13-01", "\0", "1900-01-01", "2199-12-31"):
        assert client.get(ROSTER, {"week": week}).status_code == 200, week


@pytest.mark.usefixtures("office")
def test_where_shifts_count_only_those_that_have_not_begun_are_planned_and_taken_back(
    reader: Any,
) -> None:
    from server.organisation.models import Shift
    from server.organisation.selectors import unit
    from server.organisation.services import set_rules

    client = reader("supervisor")
    today = WISH | {"day": ["2025-11-22"], "from": "07:30", "to": "17:00"}
    assert client.post(ROSTER, today).status_code == 302  # it is 16:26, and shifts do not count
    set_rules(unit=unit("99001"), shifts_count=True, two_for_rulings=None, by="x", now_ms=1)
    number = str(Shift.objects.get().pk)
    assert "Bỏ ca" not in client.get(ROSTER).content.decode()
    wishes = ({"do": "remove", "shift": number}, today | {"counter": "99001-2"})
    for wish in wishes:
        reply = client.post(ROSTER, wish)
        assert reply.status_code == 422 and "cần một quyết định" in text(reply)
    assert len(planned()) == 1
    late = today | {"from": "16:30", "counter": "99001-2", "official": "CB-0102"}
    assert client.post(ROSTER, late).status_code == 302
    assert len(planned()) == 2


@pytest.mark.usefixtures("office")
def test_where_shifts_count_nobody_plans_a_neighbour_to_have_bad_votes_counted_as_theirs(
    reader: Any,
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from server.organisation.models import Counter
    from server.organisation.selectors import unit
    from server.organisation.services import make_official, set_rules, set_seat

    neighbour = make_official(unit=unit("99002"), code="CB-9", name="Cán bộ khác xã")
    set_rules(unit=unit("99001"), shifts_count=True, two_for_rulings=None, by="x", now_ms=1)
    wish = WISH | {"other": "CB-9"}
    file = "mã quầy,mã cán bộ,ngày,từ giờ,đến giờ\n99001-1,CB-9,24/11/2025,07:30,11:30\n".encode()

    def by_file(account: str) -> Any:
        upload = SimpleUploadedFile("ca.csv", file)
        return reader(account).post("/imports/shifts/", {"do": "apply", "file": upload})

    for reply in (reader("supervisor").post(NEXT, wish), by_file("supervisor")):
        assert reply.status_code == 422 and "nhờ quản trị" in text(reply)
    assert planned() == []
    assert by_file("admin").status_code == 302
    assert reader("admin").post(NEXT, wish).status_code == 302
    set_seat(counter=Counter.objects.get(code="99001-1"), official=neighbour)
    later = wish | {"from": "13:00", "to": "17:00"}
    assert reader("supervisor").post(NEXT, later).status_code == 302
    assert len(planned()) == 4


@pytest.mark.usefixtures("office")
def test_a_supervisor_does_not_block_a_neighbours_official_where_shifts_do_not_count(
    reader: Any,
) -> None:
    """Nor learns where that official is: the refusal is the same."""
    from server.organisation.models import Counter
    from server.organisation.selectors import unit
    from server.organisation.services import make_official, set_seat

    guest = make_official(unit=unit("99002"), code="CB-9", name="Cán bộ khác xã")
    stranger, own = reader("supervisor"), reader("supervisor2")
    reply = stranger.post(NEXT, WISH | {"other": "CB-9"})
    assert reply.status_code == 422 and "không phục vụ ở quầy 99001-1" in text(reply)
    theirs = WISH | {"counter": "99002-2", "official": "CB-9", "from": "08:15", "to": "10:45"}
    assert own.post("/units/99002/roster/?week=2025-11-26", theirs).status_code == 302
    reply = stranger.post(NEXT, WISH | {"other": "CB-9"})
    assert reply.status_code == 422 and "không phục vụ ở quầy 99001-1" in text(reply)
    set_seat(counter=Counter.objects.get(code="99001-1"), official=guest)
    for account in ("supervisor", "admin"):
        reply = reader(account).post(NEXT, WISH | {"other": "CB-9"})
        assert reply.status_code == 422 and "đã được xếp ở đơn vị khác" in text(reply)
        assert not any(what in text(reply) for what in ("99002-2", "08:15", "10:45"))
    assert len(planned()) == 2


def test_a_supervisor_who_plans_the_past_moves_no_vote_once_shifts_are_let_count(
    office: Office, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor, once they do not count any more, by shifts of the time in which they did."""
    from server.attribution.models import Attribution
    from server.pipeline import run_until_done

    client, admin = reader("supervisor"), reader("admin")
    minutes = 60_000

    def choose(word: str, now_ms: int) -> None:
        monkeypatch.setattr("server.web.months.utc_ms", lambda: now_ms)
        rules = {"do": "rules", "shifts_count": word, "two_for_rulings": ""}
        assert admin.post("/units/99001/organisation/", rules).status_code == 302
        run_until_done()

    def about() -> set[str]:
        return set(Attribution.objects.values_list("official", flat=True))

    office.votes("99001-2", None, [1, 1, 1])
    past = WISH | {"day": ["2025-11-22"], "counter": "99001-2", "from": "07:30", "to": "17:00"}
    assert client.post(ROSTER, past).status_code == 302  # it is 16:26
    choose("yes", NOW)
    assert about() == {""}
    later = past | {"counter": "99001-1", "official": "CB-0102", "from": "16:28"}
    assert client.post(ROSTER, later).status_code == 302
    choose("no", NOW + 4 * minutes)
    for wish in (
        *({"do": "remove", "shift": str(row.pk)} for row in _shifts_of("CB-0102")),
        later | {"counter": "99001-3", "official": "CB-0103"},
    ):
        reply = client.post(ROSTER, wish)
        assert reply.status_code == 422 and "cần một quyết định" in text(reply)
    (row,) = _shifts_of("CB-0101")  # it never counted, so it is the supervisor's to correct
    assert client.post(ROSTER, {"do": "remove", "shift": str(row.pk)}).status_code == 302
    choose("yes", NOW + 6 * minutes)
    assert about() == {""}


def _shifts_of(official: str) -> list[Any]:
    from server.organisation.models import Shift

    return list(Shift.objects.filter(official=official))


@pytest.mark.usefixtures("office", "colleagues")
def test_only_those_who_answer_for_the_unit_open_it(reader: Any) -> None:
    for account in ("supervisor2", "official"):
        assert reader(account).get(ROSTER).status_code == 403, account
        assert reader(account).post(NEXT, WISH).status_code == 403, account
    assert reader(None).get(ROSTER).status_code == 302
    assert reader("supervisor").get("/units/99009/roster/").status_code == 403
    assert reader("admin").get("/units/99009/roster/").status_code == 403
    assert reader("admin").get(ROSTER).status_code == 200
    client = Client(enforce_csrf_checks=True)
    assert client.login(username="supervisor", password=PASSWORD)
    assert client.post(NEXT, WISH).status_code == 403
    assert planned() == []


def test_the_form_begins_with_who_and_when_was_clicked(office: Office, reader: Any) -> None:
    from datetime import date

    from server.organisation.models import Counter
    from server.organisation.selectors import official
    from server.organisation.services import add_holiday, set_seat

    set_seat(counter=Counter.objects.get(code="99001-3"), official=official("CB-0102"))
    add_holiday(day=date(2025, 11, 26), name="Ngày nghỉ mẫu")
    page = reader("supervisor").get(NEXT + "&official=CB-0102&day=2025-11-25").content.decode()
    assert '<option value="CB-0102" selected>' in page
    assert '<option value="99001-3" selected>' in page
    assert 'value="2025-11-25" checked' in page and 'value="2025-11-24" checked' not in page
    page = reader("supervisor").get(NEXT).content.decode()
    assert page.count(" checked>") == 4 and "Ngày nghỉ mẫu" in page
