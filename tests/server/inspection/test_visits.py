"""Visits with findings and measures, what followed them, and saved views."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.server.inspection.scene import month, tally

pytestmark = pytest.mark.one_database
NOW = 1_763_800_000_000
FIRST, LAST = date(2025, 9, 10), date(2025, 9, 11)
TODAY = date(2025, 11, 22)
WORD = "correct horse battery"


@pytest.fixture(autouse=True)
def unit() -> None:
    from server.organisation.services import make_unit

    make_unit(code="99001", name="Xã mẫu")


def enter(**more: Any) -> int:
    from server.inspection.services import enter_visit

    facts: dict[str, Any] = {
        "unit": "99001", "first_date": FIRST, "last_date": LAST, "people": "Hai người",
        "about": "Thời gian chờ", "by": "an", "now_ms": NOW,
    }  # fmt: skip
    return enter_visit(**facts | more)


def measure(due: date = TODAY) -> None:
    from server.inspection.services import add_measure

    add_measure(unit="99001", visit=1, words="Mở thêm quầy", owner="Chủ tịch xã", due_date=due,
                by="an", now_ms=NOW)  # fmt: skip


def done(day: date | None, number: int = 1) -> None:
    from server.inspection.services import set_done

    set_done(unit="99001", visit=1, number=number, done_date=day, today=TODAY, by="binh")


def effect(today: date = TODAY) -> Any:
    from server.inspection.selectors import effect_of, measures_of, visit

    found = visit("99001", 1)
    assert found is not None
    return effect_of(found, measures_of("99001", 1), today=today)


def refused(kind: str, do: Any, *given: Any, **more: Any) -> None:
    from server.inspection.services import InspectionError

    with pytest.raises(InspectionError) as error:
        do(*given, **more)
    assert error.value.kind == kind
    assert error.value.say("vi") != error.value.say("en")


def test_a_visit_holds_what_was_found_and_who_does_what_until_when() -> None:
    from server.inspection.selectors import findings_of, measures_of, open_measures, visits
    from server.inspection.services import add_finding, change_visit

    assert (enter(), enter()) == (1, 2)
    add_finding(unit="99001", visit=1, words="Niêm yết cũ", by="an", now_ms=NOW)
    measure()
    measure(FIRST)
    assert [row.words for row in findings_of("99001", 1)] == ["Niêm yết cũ"]
    assert [row.due_date for row in open_measures(["99001"])] == [FIRST, TODAY]
    done(LAST, 2)
    assert [row.number for row in open_measures(["99001"])] == [1]
    assert [(row.done_date, row.done_by) for row in measures_of("99001", 1)][1] == (LAST, "binh")
    done(None, 2)
    assert len(open_measures(["99001"])) == 2
    later = FIRST + timedelta(days=5)
    change_visit(unit="99001", number=1, first_date=later, last_date=later, people="Một người",
                 about="Phí")  # fmt: skip
    assert [(row.number, row.first_date) for row in visits(["99001"])] == [(1, later), (2, FIRST)]


def test_what_cannot_be_says_why_in_both_languages() -> None:
    enter()
    refused("bad-dates", enter, last_date=FIRST - timedelta(days=1))
    refused("bad-dates", enter, last_date=FIRST + timedelta(days=92))
    refused("bad-words", enter, people=" ")
    refused("bad-due", measure, FIRST - timedelta(days=1))
    refused("no-measure", done, LAST, 7)
    measure()
    refused("bad-done", done, FIRST - timedelta(days=1))
    refused("bad-done", done, TODAY + timedelta(days=1))
    from server.inspection.services import add_finding

    refused("no-visit", add_finding, unit="99001", visit=9, words="x", by="an", now_ms=NOW)


def test_before_and_after_leave_the_visit_itself_out() -> None:
    enter()
    tally("99001", "99001-1", day=FIRST - timedelta(days=91), n1=1_000)
    tally("99001", "99001-1", day=FIRST - timedelta(days=90), n1=30, n5=30)
    tally("99001", "99001-1", day=FIRST - timedelta(days=1), n1=10, n5=30)
    tally("99001", "99001-1", day=FIRST, n1=1_000)
    tally("99001", "99001-1", day=LAST, n1=1_000)
    tally("99001", "99001-1", day=LAST + timedelta(days=1), n1=4, n5=40)
    tally("99001", "99001-1", day=TODAY, n1=1, n5=35)
    tally("99001", "99001-1", day=LAST + timedelta(days=2), n1=99, state="excluded")
    found = effect()
    assert (found.before.votes, found.after.votes) == ((40, 100, 0, 0), (5, 80, 0, 99))
    assert found.enough and found.change.clear and found.change.difference < 0


def test_the_effect_of_measures_begins_when_the_last_of_them_is_done() -> None:
    enter()
    measure()
    tally("99001", "99001-1", day=LAST + timedelta(days=1), n1=50)
    tally("99001", "99001-1", day=TODAY, n5=50)
    assert effect().after.votes == (50, 100, 0, 0)
    done(LAST + timedelta(days=1))
    assert effect().after.votes == (0, 50, 0, 0)
    assert effect(today=LAST + timedelta(days=1)).after is None


def test_few_votes_say_nothing() -> None:
    enter()
    tally("99001", "99001-1", day=FIRST - timedelta(days=1), n1=29)
    tally("99001", "99001-1", day=TODAY, n5=300)
    assert effect().change.clear and not effect().enough
    assert effect(today=LAST).after is None and not effect(today=LAST).enough
    assert effect(today=LAST + timedelta(days=3)).change == (None, None, None, False)


def test_other_units_stand_beside_it_by_whole_months() -> None:
    from server.inspection.selectors import others_meanwhile, visit

    enter()
    complaints = {6: 900, 7: 10, 8: 20, 9: 900, 10: 40, 11: 900}
    for first, n1 in ((date(2025, number, 1), n1) for number, n1 in complaints.items()):
        month("99002", first, n1=n1, n5=100)
        month("99001", first, n1=500, n5=0)
    found = visit("99001", 1)
    assert found is not None
    units = ["99001", "99002"]
    told = others_meanwhile(units, found, [], today=TODAY)
    assert told.after is not None
    assert (told.before.votes, told.after.votes) == ((30, 230, 0, 0), (40, 140, 0, 0))
    assert (told.after.first, told.after.last) == (date(2025, 10, 1), date(2025, 10, 31))
    assert others_meanwhile(units, found, [], today=date(2025, 10, 30)).after is None


@pytest.fixture
def account() -> Any:
    from server.organisation.models import Role
    from server.organisation.services import make_account

    return make_account(username="an", password=WORD, role=Role.INSPECTOR)


def test_a_saved_view_is_a_page_of_the_desk_under_a_name_of_ones_own(account: Any) -> None:
    from server.inspection.selectors import views_of
    from server.inspection.services import forget_view, save_view

    save_view(account=account, name="Đất đai", address="/desk/units/99001/?from=2025-01")
    save_view(account=account, name=" Đất  đai ", address="/desk/visits/")
    save_view(account=account, name="A", address="/desk/")
    assert [(v.name, v.address) for v in views_of(account)] == [
        ("A", "/desk/"), ("Đất đai", "/desk/visits/"),
    ]  # fmt: skip
    forget_view(account=account, name="A")
    assert [view.name for view in views_of(account)] == ["Đất đai"]


def test_a_saved_view_never_leads_away_from_the_desk(account: Any) -> None:
    from server.inspection.services import save_view

    for address in (
        "https://evil.example/desk/", "//evil.example/desk/", "/desk//evil", "/\\evil.example",
        "/own/", "/desk/../grants/", "/desk/%2e%2e/grants/", "javascript:alert(1)", "/desk/\n",
        "/desk", "", "/desk/?" + "x" * 500,
    ):  # fmt: skip
        refused("bad-view", save_view, account=account, name="x", address=address)


def test_there_is_an_end_to_saved_views(account: Any) -> None:
    from server.inspection.services import save_view

    for number in range(50):
        save_view(account=account, name=f"{number}", address="/desk/")
    save_view(account=account, name="7", address="/desk/visits/")
    refused("too-many-views", save_view, account=account, name="50", address="/desk/")
