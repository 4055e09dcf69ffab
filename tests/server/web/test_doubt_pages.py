"""The workbench: who may open it, what it never tells, and two people deciding."""

import re
import secrets
from typing import Any

import pytest
from django.test import Client

from tests.server.attribution.scene import HOUR, NINE, deeds
from tests.server.flags.scene import mash, quiet_votes, run, scene, states


def _client(role: str, *, grant: str = "", unit: str | None = None) -> tuple[Client, Any]:
    from server.organisation.models import Grant, Role, Unit
    from server.organisation.services import make_account

    home = None if unit is None else Unit.objects.get(code=unit)
    name = f"{role}-{secrets.token_hex(3)}"
    account = make_account(
        username=name, password=secrets.token_hex(16), role=Role(role), unit=home
    )
    if grant:
        Grant.objects.create(
            account=account, unit=Unit.objects.get(code=grant), from_ms=0, granted_by="root"
        )
    client = Client()
    client.force_login(account)
    return client, account


@pytest.fixture
def doubted() -> tuple[str, list[int]]:
    unit, station = scene()
    quiet_votes(station, [5, 4])
    seqs = mash(station, NINE + HOUR, [5, 1, 5, 5, 5, 5])
    run(station)
    return unit, seqs


def test_two_reviewers_decide_on_the_pages_and_the_first_alone_cannot(
    doubted: tuple[str, list[int]],
) -> None:
    unit, _ = doubted
    (first, one), (second, _) = (_client("reviewer", grant=unit) for _ in range(2))
    page = f"/desk/doubts/{unit}/1/"
    listed = first.get("/desk/doubts/").content.decode()
    assert page in listed and "dồn dập" in listed and "giữ 4" in listed
    sent = first.post(page, {"do": "exclude", "reason": "bấm liên tục"}, follow=True)
    assert "Chờ người thẩm định thứ hai" in sent.content.decode()
    refused = first.post(page, {"do": "confirm", "number": "1"})
    assert refused.status_code == 422 and "hãy nhờ người thẩm định thứ hai" in (
        refused.content.decode()
    )
    assert "Chờ bạn" in second.get("/desk/doubts/").content.decode()
    assert "Xác nhận loại ra" in second.get(page).content.decode()
    second.post(page, {"do": "confirm", "number": "1"})
    assert list(states(unit).values()).count("excluded") == 4
    assert deeds("excluded")[0]["by"] == one.username
    done = second.get("/desk/doubts/?state=decided").content.decode()
    assert page in done and "Đã loại ra" in done


def test_what_somebody_proposed_whose_grant_ended_is_not_confirmed_but_refused(
    doubted: tuple[str, list[int]],
) -> None:
    from server.organisation.models import Grant

    unit, _ = doubted
    (first, one), (second, _) = (_client("reviewer", grant=unit) for _ in range(2))
    page = f"/desk/doubts/{unit}/1/"
    first.post(page, {"do": "exclude", "reason": "bấm liên tục"})
    Grant.objects.filter(account=one).update(to_ms=1)
    refused = second.post(page, {"do": "confirm", "number": "1"})
    assert refused.status_code == 422 and "không còn thẩm định" in refused.content.decode()
    assert "excluded" not in states(unit).values()
    assert second.post(page, {"do": "refuse", "number": "1", "why": "x"}).status_code == 302


def test_neither_page_tells_a_rating_an_official_or_which_of_the_votes_is_held(
    doubted: tuple[str, list[int]],
) -> None:
    unit, _ = doubted
    client, _ = _client("reviewer", grant=unit)
    for page in ("/desk/doubts/", f"/desk/doubts/{unit}/1/"):
        text = client.get(page).content.decode()
        main = text[text.index("<main") :]
        for word in ("hài lòng", "CB-", "Bình thường", "journal", "rating"):
            assert word not in main, (page, word)
    rows = re.findall(r'<tr role="row"><th scope="row".*?</tr>', main, re.S)
    assert len(rows) == 6
    assert len({re.sub(r"<th.*?</th><td.*?</td>", "", row, flags=re.S) for row in rows}) == 1


def test_each_look_is_in_the_log_also_one_that_was_refused_nothing(
    doubted: tuple[str, list[int]],
) -> None:
    unit, _ = doubted
    client, account = _client("reviewer", grant=unit)
    client.get("/desk/doubts/")
    assert deeds("viewed") == []
    client.get(f"/desk/doubts/{unit}/1/")
    assert deeds("viewed") == [{"by": account.username, "what": f"doubt 1 of unit {unit}"}]


def test_an_inspector_reads_and_decides_nothing(doubted: tuple[str, list[int]]) -> None:
    unit, _ = doubted
    client, _ = _client("inspector", grant=unit)
    page = client.get(f"/desk/doubts/{unit}/1/")
    assert page.status_code == 200 and "Đề nghị loại ra" not in page.content.decode()
    asked = {"do": "exclude", "reason": "x"}
    assert client.post(f"/desk/doubts/{unit}/1/", asked).status_code == 403
    assert "excluded" not in states(unit).values()


def test_nobody_else_opens_it_and_a_foreign_doubt_is_as_a_missing_one(
    doubted: tuple[str, list[int]],
) -> None:
    unit, _ = doubted
    other, _ = scene()
    own = f"/desk/doubts/{unit}/1/"
    for role in ("supervisor", "administrator"):
        client, _ = _client(role, unit=unit if role == "supervisor" else None)
        assert client.get("/desk/doubts/").status_code == 403
        assert client.get(own).status_code == 403
    stranger, _ = _client("reviewer", grant=other)
    answers = {stranger.get(url).status_code for url in (own, "/desk/doubts/nowhere/1/")}
    assert answers == {403} and own not in stranger.get("/desk/doubts/").content.decode()
    assert stranger.post(own, {"do": "exclude", "reason": "x"}).status_code == 403
    assert Client().get(own).status_code == 302
    assert deeds("viewed") == []


def test_a_form_that_names_the_decision_on_another_doubt_decides_nothing(
    doubted: tuple[str, list[int]],
) -> None:
    from server.flags.services import propose_decision

    unit, _ = doubted
    other, station = scene()
    mash(station, NINE, [5] * 6)
    run(station)
    propose_decision(unit=other, doubt=1, what="exclude", reason="x", by="lan", now_ms=NINE)
    client, _ = _client("reviewer", grant=unit)
    sent = client.post(f"/desk/doubts/{unit}/1/", {"do": "confirm", "number": "1"})
    assert sent.status_code == 404 and "excluded" not in states(other).values()


@pytest.mark.parametrize(
    "asked", ["state=x", "start=-1", "start=9" + "9" * 14, "unit=%00", "start=x"]
)
def test_strange_questions_are_answered(doubted: tuple[str, list[int]], asked: str) -> None:
    client, _ = _client("reviewer", grant=doubted[0])
    assert client.get(f"/desk/doubts/?{asked}").status_code == 200
    for number in ("0", "99", "x", "9" * 15, "9" * 30):
        assert client.get(f"/desk/doubts/{doubted[0]}/{number}/").status_code == 404


def test_a_reviewers_home_is_the_workbench_and_without_a_grant_it_says_whom_to_ask() -> None:
    client, _ = _client("reviewer")
    page = client.get("/", follow=True)
    assert page.redirect_chain[-1][0] == "/desk/doubts/"
    assert "hãy hỏi quản trị" in page.content.decode()
