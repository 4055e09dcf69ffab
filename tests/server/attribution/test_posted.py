"""Duties that no kiosk saw: at a work PC and on the board; and how they meet the kiosks'."""

from typing import Any

import pytest

from tests.server.attribution.scene import (
    DAY,
    HOUR,
    MINUTE,
    NINE,
    attributed,
    checked,
    deeds,
    differences,
    file_dossier,
    morning,
    rule,
    sign_in,
    vote,
    write,
)
from tests.server.attribution.test_rulings import refused
from tests.server.votes.river import Station, new_unit


@pytest.fixture
def unit() -> str:
    return new_unit()


def start(unit: str, official: str, at_ms: int, number: int = 1) -> int:
    from server.attribution.services import start_duty

    counter = f"{unit}-{number}"
    return start_duty(unit=unit, counter=counter, official=official, by=official, now_ms=at_ms)


def put(unit: str, official: str, at_ms: int, number: int = 1) -> int | None:
    from server.attribution.services import set_duty

    counter = f"{unit}-{number}"
    return set_duty(unit=unit, counter=counter, official=official, by="anna", now_ms=at_ms)


def end(unit: str, number: int, at_ms: int) -> bool:
    """By whoever it is about."""
    from server.attribution.models import PostedDuty
    from server.attribution.services import end_duty

    duty = PostedDuty.objects.filter(unit=unit, number=number).first()
    official = "CB-1" if duty is None else duty.official
    return end_duty(unit=unit, number=number, official=official, by=official, now_ms=at_ms)


def votes_each_hour(unit: str, *hours: int) -> Station:
    station = morning(unit)
    for hour in hours:
        vote(station, NINE + hour * HOUR)
    station.send()
    return station


def test_a_duty_at_a_work_pc_is_in_force_from_then_until_it_ends(unit: str) -> None:
    start(unit, "CB-1", NINE + HOUR // 2)
    end(unit, 1, NINE + 3 * HOUR // 2)
    votes_each_hour(unit, 0, 1, 2)
    nobody = ("", "none", "nobody-signed-in")
    assert attributed(unit) == [nobody, ("CB-1", "desk", ""), nobody]
    assert checked() == 0


def test_a_duty_entered_after_the_votes_were_counted_moves_only_those_after_it(unit: str) -> None:
    votes_each_hour(unit, 0, 1, 2)
    attributed(unit)
    put(unit, "CB-2", NINE + HOUR)
    assert [who for who, *_ in attributed(unit)] == ["", "CB-2", "CB-2"]
    assert [basis for _, basis, _ in attributed(unit)] == ["none", "board", "board"]


def test_whoever_began_last_is_on_duty_however_it_was_said(unit: str) -> None:
    station = morning(unit)
    sign_in(station, NINE, "CB-1")
    for hour in range(1, 5):
        vote(station, NINE + hour * HOUR + MINUTE)
    station.send()
    put(unit, "CB-2", NINE + 2 * HOUR)
    start(unit, "CB-1", NINE + 3 * HOUR)
    neighbor = morning(unit)
    sign_in(neighbor, NINE + 4 * HOUR, "CB-2")
    neighbor.send()
    assert attributed(unit) == [
        ("CB-1", "duty", ""), ("CB-2", "board", ""), ("CB-1", "desk", ""), ("CB-2", "duty", ""),
    ]  # fmt: skip


def test_what_a_vote_signed_itself_stands_against_the_board(unit: str) -> None:
    station = morning(unit)
    duty = sign_in(station, NINE, "CB-1")
    vote(station, NINE + 2 * HOUR, duty=duty)
    station.send()
    put(unit, "CB-2", NINE + HOUR)
    assert attributed(unit) == [("CB-1", "duty", "")]
    rule(unit, "CB-2", NINE + HOUR, NINE + 3 * HOUR)
    assert attributed(unit) == [("CB-2", "ruling", "")]


def test_the_next_one_posted_at_a_counter_ends_the_last_and_an_official_stands_at_one(
    unit: str,
) -> None:
    from server.attribution.models import PostedDuty

    put(unit, "CB-1", NINE)
    put(unit, "CB-2", NINE + HOUR)
    start(unit, "CB-2", NINE + 2 * HOUR, number=2)
    rows = [(row.official, row.ended_ms) for row in PostedDuty.objects.order_by("number")]
    assert rows == [("CB-1", NINE + HOUR), ("CB-2", NINE + 2 * HOUR), ("CB-2", None)]
    assert [deed["basis"] for deed in deeds("posted")] == ["board", "board", "desk"]
    assert [deed["number"] for deed in deeds("posted.over")] == [1, 2]
    assert checked() == 0


def test_two_clicks_are_one_and_what_is_over_does_not_end_again(unit: str) -> None:
    assert start(unit, "CB-1", NINE) == start(unit, "CB-1", NINE + 1) == 1
    assert end(unit, 1, NINE + HOUR)
    assert not end(unit, 1, NINE + 2 * HOUR)
    assert start(unit, "CB-1", NINE + 2 * HOUR) == 2


def test_nobody_ends_a_colleagues_duty_but_by_taking_the_counter_over(unit: str) -> None:
    from server.attribution.models import PostedDuty
    from server.attribution.services import end_duty

    start(unit, "CB-1", NINE)
    start(unit, "CB-2", NINE, number=2)
    wish = {"unit": unit, "official": "CB-2", "by": "CB-2", "now_ms": NINE + HOUR}
    assert refused(end_duty, number=1, **wish) == "not-own"
    assert end_duty(number=2, **wish)
    start(unit, "CB-2", NINE + 2 * HOUR)
    rows = PostedDuty.objects.order_by("number").values_list("ended_ms", "ended_by")
    assert list(rows) == [
        (NINE + 2 * HOUR, "CB-2"), (NINE + HOUR, "CB-2"), (None, ""),
    ]  # fmt: skip


@pytest.mark.parametrize("how", ["start", "put"])
def test_nobody_is_on_duty_before_they_are_employed_or_where_they_do_not_belong(
    unit: str, how: str
) -> None:
    from datetime import date

    from server.organisation.models import Official
    from server.organisation.services import set_official_spell

    do = {"start": start, "put": put}[how]
    other = new_unit(("CB-7",))
    assert refused(do, unit, "CB-7", NINE) == "not-there"
    assert do(other, "CB-7", NINE) == 1
    later = Official.objects.get(code="CB-1")
    set_official_spell(official=later, started_date=date(2025, 11, 23))
    assert refused(do, unit, "CB-1", NINE) == "not-there"
    assert do(unit, "CB-1", NINE + DAY) == 1


def test_nobody_on_the_board_ends_what_was_posted_there_and_nothing_else(unit: str) -> None:
    put(unit, "CB-1", NINE)
    start(unit, "CB-2", NINE, number=2)
    assert put(unit, "", NINE + HOUR) is None
    votes_each_hour(unit, 0, 2)
    assert [who for who, *_ in attributed(unit)] == ["CB-1", ""]
    assert [deed["number"] for deed in deeds("posted.over")] == [1]


def test_a_duty_that_nobody_ended_is_over_at_midnight(unit: str) -> None:
    start(unit, "CB-1", NINE)
    station = morning(unit)
    midnight = NINE + 15 * HOUR
    vote(station, midnight - 1)
    vote(station, midnight)
    station.send()
    assert [who for who, *_ in attributed(unit)] == ["CB-1", ""]
    assert not end(unit, 1, NINE + DAY)
    assert start(unit, "CB-1", NINE + DAY) == 2


def test_a_clock_that_was_set_back_reorders_nothing(unit: str) -> None:
    from server.attribution.models import PostedDuty

    put(unit, "CB-1", NINE + HOUR)
    put(unit, "CB-2", NINE)
    newest = PostedDuty.objects.order_by("-number").first()
    assert newest is not None
    assert (newest.official, newest.started_ms) == ("CB-2", NINE + HOUR)
    votes_each_hour(unit, 2)
    assert attributed(unit) == [("CB-2", "board", "")]


@pytest.mark.parametrize(
    ("wish", "kind"),
    [({"number": 9}, "no-counter"), ({"official": "CB-999"}, "no-official")],
)
def test_what_is_no_duty(unit: str, wish: dict[str, Any], kind: str) -> None:
    assert refused(start, unit, **{"official": "CB-1", "at_ms": NINE, **wish}) == kind
    assert refused(end, unit, 1, NINE) == "no-duty"


def test_a_posted_duty_changed_in_its_table_is_named_by_check(unit: str) -> None:
    from server.attribution.models import PostedDuty

    start(unit, "CB-1", NINE)
    end(unit, 1, NINE + HOUR)
    PostedDuty.objects.update(ended_ms=NINE + 2 * HOUR)
    named = f"The `posted.over` 1 of unit {unit} is not what the log says of it: to_ms."
    assert differences() == named
    PostedDuty.objects.all().delete()
    assert "in the log, but not in its table" in differences()


# -- kiosks' duties on the same timeline ---------------------------------------------------------


def test_a_kiosks_duty_that_nobody_ended_is_over_at_midnight_for_votes_that_do_not_name_it(
    unit: str,
) -> None:
    station = morning(unit)
    duty = sign_in(station, NINE, "CB-1")
    neighbor = morning(unit)
    for at_ms in (NINE + 14 * HOUR, NINE + 16 * HOUR):
        vote(neighbor, at_ms)
    vote(station, NINE + 16 * HOUR, duty=duty)  # it says itself that it goes on
    station.send()
    neighbor.send()
    attributed(unit)
    from server.attribution.models import Attribution

    def who(journal: str) -> list[str]:
        rows = Attribution.objects.filter(unit=unit, journal=journal).order_by("seq")
        return list(rows.values_list("official", flat=True))

    assert (who(neighbor.kiosk.journal), who(station.kiosk.journal)) == (["CB-1", ""], ["CB-1"])
    write(station, NINE + DAY, "duty.ended", {"duty": duty, "by": "restart"})
    station.send()
    attributed(unit)
    assert who(neighbor.kiosk.journal) == ["CB-1", ""]


# -- shifts --------------------------------------------------------------------------------------


def plan(unit: str, official: str, from_ms: int, to_ms: int) -> None:
    from server.organisation.models import Counter, Official, Unit
    from server.organisation.services import add_shift

    add_shift(
        unit=Unit.objects.get(code=unit),
        counter=Counter.objects.get(code=f"{unit}-1"),
        official=Official.objects.get(code=official),
        started_ms=from_ms,
        ended_ms=to_ms,
    )


def let_shifts_count(unit: str, count: bool, now_ms: int = 1) -> None:
    from server.organisation.models import Unit
    from server.organisation.services import set_rules

    set_rules(
        unit=Unit.objects.get(code=unit), shifts_count=count, two_for_rulings=None, by="x",
        now_ms=now_ms,
    )  # fmt: skip


def test_a_shift_counts_only_where_the_unit_chose_so_and_nobody_was_on_duty(unit: str) -> None:
    station = votes_each_hour(unit, 0, 1, 2)
    plan(unit, "CB-2", NINE + HOUR // 2, NINE + 5 * HOUR // 2)
    put(unit, "CB-1", NINE + 3 * HOUR // 2)
    nobody = ("", "none", "nobody-signed-in")
    assert attributed(unit) == [nobody, nobody, ("CB-1", "board", "")]
    let_shifts_count(unit, True)
    assert attributed(unit) == [nobody, ("CB-2", "shift", ""), ("CB-1", "board", "")]
    vote(station, NINE + 3 * HOUR, not_official=True)
    vote(station, NINE + 4 * HOUR, duty=99)
    plan(unit, "CB-1", NINE + 5 * HOUR // 2, NINE + 5 * HOUR)
    end(unit, 1, NINE + 5 * HOUR // 2)
    station.send()
    assert attributed(unit)[3:] == [("", "none", "not-official"), ("CB-1", "shift", "")]
    let_shifts_count(unit, False)
    assert attributed(unit)[1] == nobody


def test_shifts_planned_afterwards_say_nothing_once_shifts_are_let_count(unit: str) -> None:
    """Planned by who had seen the votes; what began while they counted goes on to count."""
    station = votes_each_hour(unit, 0, 1, 2, 3)
    nobody, planned = ("", "none", "nobody-signed-in"), ("CB-2", "shift", "")
    for hour in range(4):
        plan(unit, "CB-2", NINE + hour * HOUR - MINUTE, NINE + hour * HOUR + MINUTE)
    assert attributed(unit) == [nobody] * 4
    let_shifts_count(unit, True, NINE + HOUR)
    assert attributed(unit) == [nobody, nobody, planned, planned]
    let_shifts_count(unit, False, NINE + 2 * HOUR + 2 * MINUTE)
    assert attributed(unit) == [nobody, nobody, planned, nobody]
    let_shifts_count(unit, True, NINE + 4 * HOUR)
    assert attributed(unit) == [nobody, nobody, planned, nobody]
    plan(unit, "CB-1", NINE + 5 * HOUR, NINE + 6 * HOUR)
    vote(station, NINE + 5 * HOUR + MINUTE)
    station.send()
    assert attributed(unit)[2:] == [planned, nobody, ("CB-1", "shift", "")]


# -- dossiers ------------------------------------------------------------------------------------


def test_a_dossier_that_comes_after_its_vote_names_the_official_and_the_procedure(
    unit: str,
) -> None:
    from server.attribution.models import Attribution
    from server.dossiers.models import DossierChange

    station = morning(unit)
    vote(station, NINE, dossier=" H-7 ")
    vote(station, NINE + 1)
    station.send()
    attributed(unit)
    file_dossier(unit, "H-7", "CB-2", "2.000815")
    assert attributed(unit)[0] == ("CB-2", "dossier", "")
    assert Attribution.objects.filter(unit=unit, procedure="2.000815").count() == 1
    assert not DossierChange.objects.exists()
    file_dossier(unit, "H-7", "CB-1", "1.001")
    assert attributed(unit)[0] == ("CB-1", "dossier", "")
    file_dossier(unit, "H-7", "CB-999", "1.001")
    assert attributed(unit)[0] == ("", "none", "nobody-signed-in")
    rule(unit, "CB-2")
    attributed(unit)
    kept = Attribution.objects.order_by("seq").values_list("basis", "procedure")
    assert list(kept) == [("ruling", "1.001"), ("ruling", "")]


def test_a_dossier_of_another_unit_says_nothing(unit: str) -> None:
    file_dossier(new_unit(), "H-1", "CB-1")
    station = morning(unit)
    vote(station, NINE, dossier="H-1")
    station.send()
    assert attributed(unit) == [("", "none", "nobody-signed-in")]


def test_a_forgotten_counter_and_an_uncertain_time_do_not_keep_a_dossier_from_naming_its_official(
    unit: str,
) -> None:
    from tests.server.attribution.test_several_counters import serve
    from tests.server.votes.river import new_station

    station = morning(unit)
    serve(station, 1, 2, at_ms=NINE - HOUR)
    vote(station, NINE, dossier="H-1")
    station.send()
    lost = new_station(unit, 2, enrolled_ms=NINE)
    lost.kiosk.sync, lost.kiosk.now_ms = False, NINE - 1
    vote(lost, NINE, dossier="H-1")
    lost.send(NINE + 9 * HOUR)
    file_dossier(unit, "H-1", "CB-1")
    assert attributed(unit) == [("CB-1", "dossier", "")] * 2


def test_an_official_who_is_entered_late_is_named_where_a_duty_or_a_dossier_names_them(
    unit: str,
) -> None:
    from server.organisation.models import Unit
    from server.organisation.services import make_official

    station = morning(unit)
    file_dossier(unit, "H-1", "CB-9")
    vote(station, NINE, dossier="H-1", duty=sign_in(station, NINE - 1, "CB-2"))
    sign_in(station, NINE + 1, "CB-9")
    vote(station, NINE + 2)
    station.send()
    assert attributed(unit) == [("CB-2", "duty", ""), ("", "none", "unknown-official")]
    make_official(unit=Unit.objects.get(code=unit), code="CB-9", name="Người mới")
    assert attributed(unit) == [("CB-9", "dossier", ""), ("CB-9", "duty", "")]


def test_an_official_of_another_unit_who_is_entered_late_is_named_where_they_helped_out(
    unit: str,
) -> None:
    from server.organisation.models import RosterChange, Unit
    from server.organisation.services import make_official

    home = new_unit()
    station = morning(unit)
    vote(station, NINE, duty=sign_in(station, NINE - 1, f"{home}.9"))
    vote(station, NINE + 1, dossier="H-1", duty=99)
    station.send()
    file_dossier(unit, "H-1", f"{home}.9")
    attributed(unit)
    make_official(unit=Unit.objects.get(code=home), code=f"{home}.9", name="Người giúp")
    attributed(home)
    assert attributed(unit) == [(f"{home}.9", "duty", ""), (f"{home}.9", "dossier", "")]
    assert not RosterChange.objects.exists()


def test_a_correction_that_fails_does_not_hold_up_the_others(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.attribution import services
    from server.organisation.models import RosterChange

    other = new_unit(("CB-3",))
    for code in (unit, other):
        votes_each_hour(code, 1)
    attributed(unit)
    rule(unit, "CB-2", NINE, NINE + 2 * HOUR)
    rule(other, "CB-3", NINE, NINE + 2 * HOUR)
    real = services.look_again

    def broken(**what: Any) -> int:
        if what["unit"] == unit:
            raise RuntimeError("broken")
        return real(**what)

    monkeypatch.setattr(services, "look_again", broken)
    with pytest.raises(ExceptionGroup):
        services.attribute_pending()
    assert [row.unit for row in RosterChange.objects.all()] == [unit]
    monkeypatch.undo()
    assert attributed(other) == [("CB-3", "ruling", "")]
    assert attributed(unit) == [("CB-2", "ruling", "")]
    assert not RosterChange.objects.exists()


def test_a_clock_that_was_set_back_within_the_day_reorders_nothing(unit: str) -> None:
    from server.attribution.models import PostedDuty

    put(unit, "CB-1", NINE + 2 * HOUR)  # by a clock two hours ahead
    put(unit, "CB-2", NINE)
    rows = PostedDuty.objects.order_by("number").values_list("started_ms", "ended_ms")
    assert list(rows) == [(NINE + 2 * HOUR, NINE + 2 * HOUR), (NINE + 2 * HOUR, None)]


def test_a_duty_posted_by_a_clock_far_ahead_moves_nothing_before_its_day(unit: str) -> None:
    from server.attribution.models import PostedDuty
    from server.attribution.selectors import board

    put(unit, "CB-1", NINE + 400 * DAY)
    assert start(unit, "CB-1", NINE) == 2  # not the one of the day that has not come
    assert not end(unit, 1, NINE + MINUTE)
    put(unit, "CB-2", NINE + HOUR)
    assert [post.official for post in board(unit=unit, now_ms=NINE + HOUR)] == ["CB-2", ""]
    rows = PostedDuty.objects.order_by("number").values_list("started_ms", "ended_ms")
    assert list(rows) == [
        (NINE + 400 * DAY, None), (NINE, NINE + HOUR), (NINE + HOUR, None),
    ]  # fmt: skip
    votes_each_hour(unit, 0, 1)
    assert attributed(unit) == [("CB-1", "desk", ""), ("CB-2", "board", "")]
    assert checked() == 0
    then = board(unit=unit, now_ms=NINE + 400 * DAY)
    assert [post.official for post in then] == ["CB-1", ""]  # its day has come
    assert end(unit, 1, NINE + 400 * DAY + MINUTE)
