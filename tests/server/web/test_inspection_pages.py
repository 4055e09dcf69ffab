"""The inspector's list of votes that named harassment, visits, and who is granted what."""

from datetime import date
from typing import Any

import pytest

from tests.server.inspection.scene import looks, tally
from tests.server.web.conftest import HOSTILE, NOW, PASSWORD, Office

pytestmark = pytest.mark.one_database
VOTES, VISITS, GRANTS = "/desk/integrity/", "/desk/visits/", "/grants/"
KEY = {
    "unit": "99001", "counter": "99001-1", "first": "2025-11-22", "last": "2025-11-22",
}  # fmt: skip


@pytest.fixture
def inspected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units 99001 and 99002, without kiosks; who heads and works in them; an inspector and a
    reviewer of 99001."""
    from server.organisation.models import Role
    from server.organisation.services import make_account, make_counter, make_official, make_unit

    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW)
    first = make_unit(code="99001", name="Xã Mẫu Một")
    other = make_unit(code="99002", name="Xã Mẫu Hai")
    make_counter(unit=first, number=1, name="Việc 1")
    official = make_official(unit=first, code="CB-0101", name="Cán bộ mẫu 01")
    for username, role, unit in (
        ("supervisor", Role.SUPERVISOR, first),
        ("supervisor2", Role.SUPERVISOR, other),
        ("admin", Role.ADMINISTRATOR, None),
    ):
        make_account(username=username, password=PASSWORD, role=role, unit=unit)
    make_account(username="official", password=PASSWORD, role=Role.OFFICIAL, official=official)
    inspect(first)


def inspect(first: Any) -> None:
    from server.organisation.models import Role
    from server.organisation.services import give_grant, make_account

    for name, role in (("inspector", Role.INSPECTOR), ("reviewer", Role.REVIEWER)):
        account = make_account(username=name, password=PASSWORD, role=role)
        give_grant(account=account, unit=first, by="admin", now_ms=NOW - 1)


def press(office: Office, official: str, reasons: list[list[str]]) -> None:
    """As many very dissatisfied citizens, each with their reasons."""
    from server.ingest.services import accept_lines
    from server.pipeline import run_until_done

    paper = office.kiosks["99001-1"]
    first = len(paper.lines) + 1
    duty = paper.duty(official)
    for named in reasons:
        cast = paper.vote(1, duty=duty, after_ms=90_000)  # nobody presses for a queue
        told = {"vote": cast, "reasons": named, "outcome": "answered"}
        paper.add("vote.reasons", told)
    paper.add("duty.ended", {"duty": duty, "by": "button"})
    accept_lines(
        journal=paper.journal, head_note=paper.head(), body=paper.body(first), now_ms=NOW - 60_000
    )
    run_until_done()


def voted(n: int) -> None:
    """So many votes about CB-0101 on 22 November, one of which named harassment."""
    tally("99001", "99001-1", day=date(2025, 11, 22), r6=1, n1=n, official="CB-0101")


def read(client: Any, address: str, status: int = 200) -> str:
    reply = client.get(address)
    assert reply.status_code == status, reply.content.decode()
    return str(reply.content.decode())


def test_an_inspectors_home_is_the_desk(inspected: None, reader: Any) -> None:
    assert reader("inspector").get("/").headers["Location"].startswith("/desk/")
    page = read(reader("inspector"), VISITS)
    assert "Bàn thanh tra" in page and "/kiosks/" not in page and "/settings/" not in page
    read(reader("inspector"), "/integrity/")


def test_the_desk_is_nobody_elses(inspected: None, reader: Any) -> None:
    for who in ("supervisor", "supervisor2", "admin", "official", "reviewer"):
        for page in (VOTES, VISITS, f"{VISITS}new/", f"{VISITS}99001/1/"):
            read(reader(who), page, 403)
            assert reader(who).post(page, {"do": "look", **KEY}).status_code in (403, 405)
    assert looks() == []


def test_who_is_nobody_signs_in_first(inspected: None, reader: Any) -> None:
    for page in (VOTES, VISITS, f"{VISITS}99001/1/", GRANTS):
        assert reader(None).get(page).headers["Location"].startswith("/login/")


def test_an_inspector_sees_no_supervisors_pages(inspected: None, reader: Any) -> None:
    for page in ("/units/99001/", "/kiosks/", "/settings/", "/units/99001/rulings/", GRANTS):
        read(reader("inspector"), page, 403)


def test_a_foreign_unit_and_one_that_is_not_there_answer_alike(
    inspected: None, reader: Any
) -> None:
    client = reader("inspector")
    for code in ("99002", "77777", "x"):
        for page in (f"{VOTES}?unit={code}", f"{VISITS}?unit={code}", f"{VISITS}{code}/1/"):
            read(client, page, 403)
        given = {"do": "answer", **KEY, "unit": code, "words": "x"}
        assert client.post(VOTES, given).status_code == 403
    read(client, f"{VISITS}99001/7/", 404)
    read(client, f"{VISITS}99001/x/", 404)


def test_votes_stand_by_day_and_counter_without_hour_and_each_opening_is_a_deed(
    office: Office, reader: Any
) -> None:
    from server.organisation.selectors import unit

    inspect(unit("99001"))
    press(office, "CB-0101", [["R6"], ["R6", "R1"], ["R1"], [], ["R3"]])
    client = reader("inspector")
    page = read(client, VOTES)
    assert "22/11/2025" in page and "1 · Việc 1" in page and "Cán bộ mẫu 01" in page
    assert "<b>2</b>" in page and "15:2" not in page and "15 giờ" not in page
    read(client, f"{VOTES}?unit=99001&from=2025-11&to=2025-11")
    assert looks() == [
        {"by": "inspector", "what": "integrity votes of the territory 2025-09-01/2025-11-30"},
        {"by": "inspector", "what": "integrity votes of 99001 2025-11-01/2025-11-30"},
    ]


def test_nobody_is_named_where_somebody_has_fewer_than_five_votes(
    inspected: None, reader: Any
) -> None:
    voted(6)
    tally("99001", "99001-1", day=date(2025, 11, 22), r6=1, n1=4, official="CB-0102")
    page = read(reader("inspector"), VOTES)
    assert "Không nêu tên" in page
    assert "Cán bộ mẫu 01" not in page and "CB-0101" not in page


def test_votes_of_another_territory_are_not_there(inspected: None, reader: Any) -> None:
    tally("99002", "99002-1", r6=7, n1=7)
    page = read(reader("inspector"), VOTES)
    assert "Xã Mẫu Hai" not in page and "Không có lượt đánh giá nào" in page


def test_looking_into_and_answering_stay_with_who_did_it(inspected: None, reader: Any) -> None:
    voted(1)
    client = reader("inspector")
    assert client.post(VOTES, {"do": "look", **KEY}).status_code == 302
    page = read(client, f"{VOTES}?state=looking")
    assert "Đang xác minh: inspector, 22/11/2025" in page
    refused = client.post(VOTES, {"do": "answer", **KEY, "words": "  "})
    assert refused.status_code == 422 and "<details open>" in refused.content.decode()
    client.post(VOTES, {"do": "answer", **KEY, "words": f"Đã hỏi. {HOSTILE}"})
    page = read(client, f"{VOTES}?state=answered")
    assert "Đã hỏi. &lt;script&gt;" in page and HOSTILE not in page
    assert "Không có lượt đánh giá nào" in read(client, f"{VOTES}?state=new")


def test_odd_addresses_and_forms_are_no_accident(inspected: None, reader: Any) -> None:
    client = reader("inspector")
    for query in ("page=0", "page=99999", "page=x", "state=x", "from=x&to=y", "page=%00"):
        read(client, f"{VOTES}?{query}")
    for do in ({}, {"do": "x"}, {"do": "look", **KEY}):
        assert client.post(VOTES, do).status_code == 422
    for day in ("", "x", "2025-13-01"):
        assert client.post(VOTES, {"do": "look", **KEY, "first": day}).status_code == 403


def test_a_visit_is_entered_filled_and_told(inspected: None, reader: Any) -> None:
    tally("99001", "99001-1", n1=20, n5=80)
    client = reader("inspector")
    wrong = client.post(f"{VISITS}new/", {"do": "enter", "unit": "99002", "first": "2025-11-21"})
    assert wrong.status_code == 422
    given = {"do": "enter", "unit": "99001", "first": "21/11/2025", "people": "Hai người",
             "about": HOSTILE}  # fmt: skip
    page = client.post(f"{VISITS}new/", given).headers["Location"]
    assert page == f"{VISITS}99001/1/"
    for do in (
        {"do": "find", "words": "Niêm yết cũ"},
        {"do": "measure", "words": "Thay", "owner": "Chủ tịch", "due": "2025-11-21"},
        {"do": "measure", "words": "Mở quầy", "owner": "Phó", "due": "2025-12-21"},
    ):
        assert client.post(page, do).status_code == 302
    told = read(client, page)
    assert told.count("quá hạn") == 1 and "Niêm yết cũ" in told and HOSTILE not in told
    assert "20,0" in told and "Chưa đủ lượt đánh giá để so sánh" in told
    assert "Còn 2 biện pháp chưa làm xong." in told
    assert "Mở quầy" in read(client, VISITS)
    assert (
        client.post(page, {"do": "done", "measure": "1", "done": "2025-12-01"}).status_code == 422
    )
    assert (
        client.post(page, {"do": "done", "measure": "1", "done": "2025-11-22"}).status_code == 302
    )
    assert "quá hạn" not in read(client, page)
    changed = {"do": "change", "first": "2025-11-20", "people": "Một người", "about": "Phí"}
    assert client.post(page, changed).status_code == 302
    assert "Một người" in read(client, page)


def test_an_administrator_grants_and_ends_and_is_told_why_not(inspected: None, reader: Any) -> None:
    client = reader("admin")
    given = {"do": "give", "account": "inspector", "unit": "99002", "last": "2090-01-31"}
    assert client.post(GRANTS, given).status_code == 302
    page = read(client, GRANTS)
    assert "Xã Mẫu Hai" in page and "31/01/2090" in page
    read(reader("inspector"), f"{VISITS}?unit=99002")
    again = client.post(GRANTS, given)
    assert again.status_code == 422 and "đã được giao 99002" in again.content.decode()
    for wrong in (
        {"unit": "x"},
        {"account": ""},
        {"account": "supervisor"},
        {"last": "2020-01-01"},
    ):
        assert client.post(GRANTS, {**given, "unit": "99001", **wrong}).status_code == 422
    end = {"do": "end", "account": "inspector", "unit": "99002"}
    assert client.post(GRANTS, end).status_code == 302
    read(reader("inspector"), f"{VISITS}?unit=99002", 403)
    assert client.post(GRANTS, end).status_code == 422


def test_granting_is_for_administrators(inspected: None, reader: Any) -> None:
    for who in ("supervisor", "official", "inspector", "reviewer"):
        read(reader(who), GRANTS, 403)
        given = {"do": "give", "account": who, "unit": "99002"}
        assert reader(who).post(GRANTS, given).status_code == 403


def test_an_inspector_whose_grant_ended_has_an_empty_desk(inspected: None, reader: Any) -> None:
    from server.organisation.selectors import account_of, unit
    from server.organisation.services import end_grant

    account, first = account_of("inspector"), unit("99001")
    assert account is not None and first is not None
    end_grant(account=account, unit=first, by="admin", now_ms=NOW)
    voted(6)
    assert "Xã Mẫu Một" not in read(reader("inspector"), VOTES)
    read(reader("inspector"), "/integrity/", 403)
