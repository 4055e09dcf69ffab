"""Every rule of who was on duty, as a page can tell it: what counted, from when to when, and how it
ended; and that a vote of each stretch is about whom the page names."""

import datetime as dt
from typing import Any

import pytest

from tests.server.attribution.scene import (
    DAY,
    HOUR,
    LATER,
    MINUTE,
    NINE,
    attributed,
    morning,
    rule,
    sign_in,
    vote,
    write,
)
from tests.server.attribution.test_posted import end, let_shifts_count, plan, put, start
from tests.server.votes.river import Station, new_station, new_unit

DATE = dt.date(2025, 11, 22)
MIDNIGHT = NINE - 9 * HOUR


@pytest.fixture
def unit() -> str:
    return new_unit(officials=("CB-1", "CB-2", "CB-3"))


def watched(unit: str, now_ms: int = LATER, number: int = 1, date: dt.date = DATE) -> list[Any]:
    """The day as pages read it, once its votes agree with it: of each stretch hours from nine,
    official, basis and how it ended."""
    from server import pipeline
    from server.attribution.selectors import watch_of_day

    pipeline.run_until_done()
    counter = f"{unit}-{number}"
    stretches = watch_of_day(unit=unit, counter=counter, date=date, now_ms=now_ms)
    assert [one.from_ms for one in stretches[1:]] == [one.to_ms for one in stretches[:-1]]
    _votes_agree(unit, counter, stretches)
    return [((one.from_ms - NINE) / HOUR, one.official, one.basis, one.ended) for one in stretches]


def _votes_agree(unit: str, counter: str, stretches: list[Any]) -> None:
    """An unsigned vote in the middle of each stretch is about whom the stretch names."""
    from server.attribution.desk import Cast, desk_of
    from server.attribution.verdicts import decide

    for nth, one in enumerate(stretches):
        ms = (one.from_ms + one.to_ms) // 2
        cast = Cast("j", nth, "k", counter, ms, ms, "exact", False, False, "", None)
        ((_, verdict),) = decide([(desk_of(unit), [cast])])[0]
        named = (verdict.official, verdict.basis, verdict.why)
        assert named == (one.official or "", one.basis, one.why)


def sign_out(station: Station, at_ms: int, duty: int, by: str = "official") -> None:
    write(station, at_ms, "duty.ended", {"duty": duty, "by": by})


def test_an_ordinary_morning(unit: str) -> None:
    station = morning(unit)
    sign_out(station, NINE + 3 * HOUR, sign_in(station, NINE, "CB-1"))
    station.send()
    assert watched(unit) == [
        (-9, "", "none", "taken-over"), (0, "CB-1", "duty", "official"),
        (3, "", "none", "midnight"),
    ]  # fmt: skip


def test_how_the_page_says_a_sign_in(unit: str) -> None:
    from server.attribution.selectors import duties_of, watch_of_day

    station = morning(unit)
    sign_out(station, NINE + HOUR, sign_in(station, NINE, "CB-1"))
    station.send()
    watched(unit)
    stretches = watch_of_day(unit=unit, counter=f"{unit}-1", date=DATE, now_ms=LATER)
    (served,) = stretches[1].served
    assert served == (
        f"{unit}-1", "CB-1", "duty", "badge", NINE, NINE, NINE + HOUR, NINE + HOUR, "official",
        station.kiosk.kiosk, 0,
    )  # fmt: skip
    assert duties_of(official="CB-1", units=[unit], first=DATE, last=DATE, now_ms=LATER) == [served]
    assert duties_of(official="CB-2", units=[unit], first=DATE, last=DATE, now_ms=LATER) == []


@pytest.mark.parametrize("by", ["idle", "closing", "restart"])
def test_a_duty_that_its_kiosk_ended(unit: str, by: str) -> None:
    station = morning(unit)
    sign_out(station, NINE + HOUR, sign_in(station, NINE, "CB-1"), by)
    station.send()
    assert watched(unit)[1] == (0, "CB-1", "duty", by)


def test_the_next_sign_in_on_the_same_kiosk(unit: str) -> None:
    station = morning(unit)
    sign_in(station, NINE, "CB-1")
    sign_in(station, NINE + HOUR, "CB-2")
    station.send()
    assert watched(unit)[1:3] == [(0, "CB-1", "duty", "next"), (1, "CB-2", "duty", "midnight")]


def test_two_officials_signed_in_at_once_on_two_kiosks_of_a_counter(unit: str) -> None:
    from server.attribution.selectors import watch_of_day

    one, other = morning(unit), morning(unit)
    sign_out(one, NINE + 3 * HOUR, sign_in(one, NINE, "CB-1"))
    sign_out(other, NINE + 2 * HOUR, sign_in(other, NINE + HOUR, "CB-2"))
    one.send()
    other.send()
    assert watched(unit)[1:] == [
        (0, "CB-1", "duty", "taken-over"), (1, "CB-2", "duty", "official"),
        # Whoever was taken over does not come back by itself, but votes may still name the duty.
        (2, "", "none", "taken-over"), (3, "", "none", "midnight"),
    ]  # fmt: skip
    stretches = watch_of_day(unit=unit, counter=f"{unit}-1", date=DATE, now_ms=LATER)
    assert [one.also for one in stretches] == [(), (), ("CB-1",), ("CB-1",), ()]


def test_a_duty_without_an_end_is_over_at_midnight_and_goes_on_until_then(unit: str) -> None:
    station = morning(unit)
    sign_in(station, NINE, "CB-1")
    station.send()
    assert watched(unit, now_ms=NINE + HOUR)[1:] == [(0, "CB-1", "duty", "goes-on")]
    assert watched(unit)[1:] == [(0, "CB-1", "duty", "midnight")]
    assert watched(unit, date=DATE + dt.timedelta(days=1)) == [(15, "", "none", "midnight")]


def test_a_duty_that_was_ended_after_midnight(unit: str) -> None:
    station = morning(unit)
    sign_out(station, NINE + DAY, sign_in(station, NINE, "CB-1"), "restart")
    station.send()
    assert watched(unit)[1:] == [(0, "CB-1", "duty", "midnight")]


def test_a_kiosk_that_was_moved_takes_its_duty_away(unit: str) -> None:
    from server.fleet.services import place_kiosk

    station = morning(unit)
    sign_in(station, NINE, "CB-1")
    station.send()
    for number, hours in ((2, 1), (1, 2)):
        place_kiosk(
            kiosk=station.kiosk.kiosk, counter=f"{unit}-{number}", from_ms=NINE + hours * HOUR,
            to_ms=None, by="anna", now_ms=LATER,
        )  # fmt: skip
    assert watched(unit)[1:] == [(0, "CB-1", "duty", "moved"), (1, "", "none", "midnight")]
    assert watched(unit, number=2) == [(-9, "", "none", "midnight")]


def test_a_sign_in_whose_time_is_known_roughly_leaves_it_open_while_it_may_have_happened(
    unit: str,
) -> None:
    sure, unsure = morning(unit), new_station(unit, enrolled_ms=NINE + HOUR)
    sign_in(sure, NINE, "CB-1")
    sure.send()
    unsure.kiosk.sync, unsure.kiosk.now_ms = False, NINE
    sign_in(unsure, NINE + 2 * HOUR, "CB-2")
    unsure.send(NINE + 3 * HOUR)
    assert watched(unit)[1:] == [
        (0, "CB-1", "duty", "taken-over"), (1, None, "none", "taken-over"),
        (3, "CB-2", "duty", "midnight"),
    ]  # fmt: skip


def test_desk_and_board_on_the_same_timeline(unit: str) -> None:
    station = morning(unit)
    sign_in(station, NINE, "CB-1")
    station.send()
    put(unit, "CB-2", NINE + HOUR)
    start(unit, "CB-3", NINE + 2 * HOUR)
    end(unit, 2, NINE + 3 * HOUR)
    assert watched(unit)[1:] == [
        (0, "CB-1", "duty", "taken-over"), (1, "CB-2", "board", "posted"),
        (2, "CB-3", "desk", "posted"), (3, "", "none", "midnight"),
    ]  # fmt: skip


def test_rulings_and_shifts_on_it(unit: str) -> None:
    station = morning(unit)
    sign_out(station, NINE + HOUR, sign_in(station, NINE, "CB-1"))
    station.send()
    rule(unit, "CB-2", NINE + HOUR // 2, NINE + 2 * HOUR)
    rule(unit, "", NINE + 2 * HOUR, NINE + 3 * HOUR)
    plan(unit, "CB-3", NINE + 2 * HOUR, NINE + 4 * HOUR)
    before = watched(unit)
    assert before[1:] == [
        (0, "CB-1", "duty", "ruling"), (0.5, "CB-2", "ruling", "ruling"),
        (2, "", "ruling", "ruling"), (3, "", "none", "midnight"),
    ]  # fmt: skip
    let_shifts_count(unit, True)
    assert watched(unit)[4:] == [(3, "CB-3", "shift", "shift"), (4, "", "none", "midnight")]


def test_the_board_of_now(unit: str) -> None:
    from server.attribution.selectors import board

    station = morning(unit, number=2)
    sign_in(station, NINE, "CB-1")
    station.send()
    put(unit, "CB-2", NINE + HOUR)
    plan(unit, "CB-3", NINE, NINE + 4 * HOUR)
    attributed(unit)
    first, second = board(unit=unit, now_ms=NINE + 2 * HOUR)
    assert (first.official, first.basis, first.planned) == ("CB-2", "board", "CB-3")
    assert [(one.number, one.low_ms, one.ended) for one in first.served] == [
        (1, NINE + HOUR, "goes-on")
    ]
    assert (second.official, second.basis, second.planned) == ("CB-1", "duty", "")
    assert [post.official for post in board(unit=unit, now_ms=NINE + DAY)] == ["", ""]


def test_an_official_is_told_of_the_rulings_that_name_them_or_take_a_duty_of_theirs(
    unit: str,
) -> None:
    from server.attribution.selectors import rulings, rulings_concerning

    station = morning(unit)
    sign_out(station, NINE + HOUR, sign_in(station, NINE, "CB-1"))
    vote(station, NINE + 2 * HOUR)
    station.send()
    put(unit, "CB-3", NINE + 5 * HOUR)
    end(unit, 1, NINE + 6 * HOUR)
    attributed(unit)
    rule(unit, "CB-2", NINE + MINUTE * 30, NINE + 2 * HOUR)
    rule(unit, "", NINE + 3 * HOUR, NINE + 5 * HOUR)
    rule(unit, "CB-2", NINE + 5 * HOUR, NINE + 7 * HOUR)

    def concerned(official: str) -> list[int]:
        return [row.number for row in rulings_concerning(official=official, units=[unit])]

    assert [concerned(f"CB-{n}") for n in (1, 2, 3)] == [[1], [3, 1], [3]]
    assert [row.number for row in rulings(unit=unit, state="force")] == [3, 2, 1]
    assert concerned("CB-999") == []


def test_a_posted_duty_of_the_day_before_is_not_taken_by_a_ruling(unit: str) -> None:
    from server.attribution.selectors import rulings_concerning

    put(unit, "CB-3", NINE)  # nobody ends it: it is over at midnight
    rule(unit, "CB-2", NINE + DAY, NINE + DAY + HOUR)
    assert rulings_concerning(official="CB-3", units=[unit]) == []


def test_an_officials_rulings_cost_the_same_however_many_the_unit_has(unit: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from server.attribution.selectors import rulings_concerning

    def queries(rulings: range) -> int:
        for hour in rulings:
            rule(unit, "CB-2", NINE + hour * HOUR, NINE + (hour + 1) * HOUR)
        with CaptureQueriesContext(connection) as asked:
            assert rulings_concerning(official="CB-3", units=[unit]) == []
        return len(asked)

    assert queries(range(2)) == queries(range(2, 12))
