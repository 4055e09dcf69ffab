"""Votes that named harassment: where they stand, who may be named, and how they are answered."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.server.inspection.scene import DAY, looks, tally

NOW = 1_763_800_000_000


@pytest.fixture(autouse=True)
def unit() -> None:
    from server.organisation.services import make_unit

    make_unit(code="99001", name="Xã mẫu")


def look(**more: Any) -> Any:
    from server.inspection.services import look_at_integrity

    asked: dict[str, Any] = {
        "units": ["99001"], "what": "99001", "first": date(2025, 11, 1), "last": date(2025, 11, 30),
        "state": "", "start": 0, "most": 50, "by": "an", "now_ms": NOW,
    }  # fmt: skip
    return look_at_integrity(**asked | more)


def only(**more: Any) -> Any:
    (row,) = look(**more).rows
    return row


def step(what: str, by: str = "an", words: str = "Đã hỏi hai người dân.") -> None:
    from server.inspection.services import Day, answer_integrity, begin_looking

    day = Day("99001", "99001-1", DAY, DAY)
    if what == "looking":
        begin_looking(day=day, by=by, now_ms=NOW)
    else:
        answer_integrity(day=day, words=words, by=by, now_ms=NOW)


def test_votes_stand_by_day_and_counter_with_those_held_and_excluded_apart() -> None:
    tally("99001", "99001-1", r6=2, n1=3)
    tally("99001", "99001-1", r6=1, n1=1, official="CB-1")
    tally("99001", "99001-1", r6=4, n1=4, state="held")
    tally("99001", "99001-1", r6=1, n1=1, state="excluded")
    tally("99001", "99001-2", n1=9)
    row = only()
    assert (row.day.counter, row.counted, row.held, row.excluded) == ("99001-1", 3, 4, 1)
    assert row.state == "new"


def test_the_look_is_a_deed_before_anything_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    import server.inspection.integrity as integrity

    look(by="an")
    assert looks() == [{"by": "an", "what": "integrity votes of 99001 2025-11-01/2025-11-30"}]

    def broken(*args: object, **named: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(integrity, "record_view", broken)
    tally("99001", "99001-1", r6=1, n1=1)
    with pytest.raises(RuntimeError):
        look()


def test_an_official_is_named_only_if_all_who_served_there_have_five_votes() -> None:
    tally("99001", "99001-1", r6=2, n1=2, n5=3, official="CB-1")
    tally("99001", "99001-1", r6=1, n1=1)  # nobody signed in: nobody to be known by it
    assert [(who.official, who.r6) for who in only().officials] == [("CB-1", 2)]
    tally("99001", "99001-1", n5=4, official="CB-2")
    assert only().officials is None
    tally("99001", "99001-1", n5=1, official="CB-2", state="held")
    assert [who.official for who in only().officials] == ["CB-1"]


def test_votes_of_an_uncertain_day_stand_under_their_stretch_and_need_all_of_it() -> None:
    tally("99001", "99001-1", r6=1, n1=1, last=DAY + timedelta(days=3))
    assert only().day.last == DAY + timedelta(days=3)
    assert look(last=DAY + timedelta(days=2)).rows == []


def test_who_looked_and_what_came_of_it_stays_and_more_votes_are_new_again() -> None:
    tally("99001", "99001-1", r6=2, n1=2)
    step("looking")
    step("looking")  # two clicks are one
    assert (only().state, len(only().steps)) == ("looking", 1)
    step("answered", by="binh")
    row = only()
    assert (row.state, row.steps[-1].by, row.steps[-1].words) == (
        "answered", "binh", "Đã hỏi hai người dân.",
    )  # fmt: skip
    tally("99001", "99001-1", r6=1, n1=1, official="CB-1")  # a kiosk that was away for weeks
    row = only()
    assert (row.state, row.more, len(row.steps)) == ("new", 1, 2)


def test_an_answer_needs_words_and_votes() -> None:
    from server.inspection.services import InspectionError

    with pytest.raises(InspectionError, match="No votes"):
        step("looking")
    tally("99001", "99001-1", r6=1, n1=1)
    for words in ("", "  \n", "x" * 1_001, "a\0b"):
        with pytest.raises(InspectionError, match="Write 1 to"):
            step("answered", words=words)


def test_pages_and_states_hold_every_day_once() -> None:
    for back in range(7):
        tally("99001", "99001-1", r6=1, n1=1, day=DAY - timedelta(days=back))
    step("answered")
    pages = [look(start=start, most=3) for start in (0, 3, 6)]
    assert [len(page.rows) for page in pages] == [3, 3, 1]
    days = [row.day.first for page in pages for row in page.rows]
    assert days == sorted(set(days), reverse=True) and len(days) == 7
    assert pages[0].states == {"new": 6, "looking": 0, "answered": 1}
    assert [look(state=state).of for state in ("new", "looking", "answered")] == [6, 0, 1]
    assert look(units=[]).rows == []
