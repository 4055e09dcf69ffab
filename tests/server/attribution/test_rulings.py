"""Rulings: what people correct, who may decide, and that it is evidence."""

from typing import Any

import pytest

from tests.server.attribution.scene import (
    DAY,
    HOUR,
    LATER,
    MINUTE,
    NINE,
    ask_for_two,
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
from tests.server.votes.river import new_unit

ANNA, BINH = "anna", "binh"


@pytest.fixture
def unit() -> str:
    return new_unit()


def test_a_ruling_moves_every_vote_of_its_interval_also_those_that_name_their_duty(
    unit: str,
) -> None:
    station = morning(unit)
    duty = sign_in(station, NINE, "CB-1")
    for minute in (5, 59, 60):
        vote(station, NINE + minute * MINUTE, duty=duty)
    station.send()
    assert [who for who, *_ in attributed(unit)] == ["CB-1"] * 3
    rule(unit, "CB-2")
    assert attributed(unit) == [("CB-2", "ruling", "")] * 2 + [("CB-1", "duty", "")]
    assert checked() == 0


def test_a_ruling_may_say_that_nobody_of_the_organisation_served(unit: str) -> None:
    station = morning(unit)
    vote(station, NINE + MINUTE, duty=sign_in(station, NINE, "CB-1"))
    station.send()
    rule(unit, "")
    assert attributed(unit) == [("", "ruling", "ruled-nobody")]


def test_a_ruling_that_came_before_the_votes_counts_for_them_all_the_same(unit: str) -> None:
    rule(unit, "CB-2")
    station = morning(unit)
    vote(station, NINE + MINUTE)
    station.send()
    assert attributed(unit) == [("CB-2", "ruling", "")]


def test_a_vote_of_uncertain_time_is_ruled_on_only_if_all_of_it_is_inside(unit: str) -> None:
    from tests.server.votes.river import new_station

    station = new_station(unit, enrolled_ms=NINE)
    station.kiosk.sync, station.kiosk.now_ms = False, NINE - 1
    vote(station, NINE)
    station.send(NINE + HOUR)
    rule(unit, "CB-2", NINE + MINUTE, NINE + 2 * HOUR)
    assert attributed(unit) == [("", "none", "clock-uncertain")]
    rule(unit, "CB-1", NINE - HOUR, NINE + MINUTE)
    assert attributed(unit) == [("", "none", "clock-uncertain")]
    for number in (1, 2):
        lift(unit, number)
    rule(unit, "CB-1", NINE, NINE + HOUR + 1)
    assert attributed(unit) == [("CB-1", "ruling", "")]


def test_a_vote_that_may_be_of_several_days_is_found_by_a_ruling_on_all_of_them(unit: str) -> None:
    from tests.server.votes.river import new_station

    station = new_station(unit, enrolled_ms=NINE)
    station.kiosk.sync, station.kiosk.now_ms = False, NINE - 1
    vote(station, NINE, counter=f"{unit}-2")  # where its kiosk never stood
    station.send(NINE + 70 * HOUR)
    assert attributed(unit) == [("", "none", "clock-uncertain")]
    rule(unit, "CB-2", NINE, NINE + 71 * HOUR, counter=f"{unit}-2")
    assert attributed(unit) == [("CB-2", "ruling", "")]


def test_a_ruling_before_the_dossier_and_the_dossier_before_the_duty(unit: str) -> None:
    station = morning(unit)
    vote(station, NINE + MINUTE, duty=sign_in(station, NINE, "CB-1"), dossier="H-1")
    station.send()
    assert attributed(unit) == [("CB-1", "duty", "")]
    file_dossier(unit, "H-1", "CB-2")
    assert attributed(unit) == [("CB-2", "dossier", "")]
    rule(unit, "CB-1")
    assert attributed(unit) == [("CB-1", "ruling", "")]


def lift(unit: str, number: int, by: str = ANNA) -> int:
    from server.attribution.services import lift_ruling

    return lift_ruling(unit=unit, number=number, reason="a slip", by=by, now_ms=LATER)


def test_a_lifted_ruling_leaves_things_as_they_were_and_stays_in_the_books(unit: str) -> None:
    from server.attribution.models import Ruling

    station = morning(unit)
    vote(station, NINE + MINUTE, duty=sign_in(station, NINE, "CB-1"))
    station.send()
    number = rule(unit, "CB-2")
    assert attributed(unit) == [("CB-2", "ruling", "")]
    lift(unit, number)
    assert attributed(unit) == [("CB-1", "duty", "")]
    assert [row.state for row in Ruling.objects.order_by("number")] == ["lifted", "force"]
    assert [(deed["number"], deed["lifts"]) for deed in deeds("ruling")] == [(1, None), (2, 1)]
    assert checked() == 0
    assert refused(lift, unit, number) == "not-in-force"
    assert refused(lift, unit, 2) == "not-in-force"


def refused(do: Any, *args: Any, **more: Any) -> str:
    """The kind of the refusal; it has a sentence in both languages."""
    from server.attribution.errors import AttributionError

    with pytest.raises(AttributionError) as caught:
        do(*args, **more)
    assert "{" not in caught.value.say("vi") + caught.value.say("en")
    return caught.value.kind


def test_where_two_are_asked_for_nothing_moves_until_a_second_person_has_confirmed(
    unit: str,
) -> None:
    from server.attribution.services import confirm_ruling

    ask_for_two(unit)
    station = morning(unit)
    vote(station, NINE + MINUTE)
    station.send()
    number = rule(unit, "CB-2")
    assert attributed(unit) == [("", "none", "nobody-signed-in")]
    assert deeds("ruling") == []
    asked = {"unit": unit, "number": number, "now_ms": LATER}
    assert refused(confirm_ruling, by=ANNA, **asked) == "own-proposal"
    confirm_ruling(by=BINH, **asked)
    assert attributed(unit) == [("CB-2", "ruling", "")]
    (deed,) = deeds("ruling")
    assert (deed["by"], deed["confirmed_by"], deed["official"]) == (ANNA, BINH, "CB-2")
    assert refused(confirm_ruling, by=BINH, **asked) == "decided"
    assert refused(lift, unit, lift(unit, number)) == "not-in-force"  # the lift waits, too
    assert refused(lift, unit, number) == "lift-waits"
    assert attributed(unit) == [("CB-2", "ruling", "")]


def test_a_proposal_is_refused_by_another_or_withdrawn_by_its_proposer(unit: str) -> None:
    from server.attribution.models import Ruling
    from server.attribution.services import refuse_ruling, withdraw_ruling

    ask_for_two(unit)
    for official in ("CB-2", "CB-2", "CB-1"):  # proposed twice the same is proposed once
        rule(unit, official)
    first, second = ({"unit": unit, "number": n, "now_ms": LATER} for n in (1, 2))
    assert refused(refuse_ruling, by=ANNA, why="no", **first) == "own-proposal"
    assert refused(withdraw_ruling, by=BINH, **first) == "others-proposal"
    assert refused(refuse_ruling, by=BINH, why=" ", **first) == "bad-words"
    refuse_ruling(by=BINH, why="the roster says otherwise", **first)
    withdraw_ruling(by=ANNA, **second)
    rows = [(row.state, row.decided_why) for row in Ruling.objects.order_by("number")]
    assert rows == [("refused", "the roster says otherwise"), ("withdrawn", "")]
    assert deeds("ruling") == []


def test_two_proposals_for_the_same_hour_are_not_both_confirmed(unit: str) -> None:
    from server.attribution.services import confirm_ruling

    ask_for_two(unit)
    rule(unit, "CB-1")
    rule(unit, "CB-2", NINE + MINUTE)
    confirm_ruling(unit=unit, number=1, by=BINH, now_ms=LATER)
    assert refused(confirm_ruling, unit=unit, number=2, by=BINH, now_ms=LATER) == "overlap"


def test_a_ruling_names_nobody_of_another_unit_who_would_not_see_it(unit: str) -> None:
    """An official of a commune far away would be given this counter's votes."""
    from datetime import date

    from server.organisation.models import Counter, Official, Unit
    from server.organisation.services import (
        change_unit,
        make_unit,
        set_counter_spell,
        set_official_spell,
        set_seat,
    )

    def days(first: int, last: int) -> dict[str, date]:
        return {"started_date": date(2025, 11, first), "ended_date": date(2025, 11, last)}

    def put_beneath(code: str) -> None:
        above = make_unit(code=f"{code}-above", name="Tỉnh thử")
        change_unit(unit=Unit.objects.get(code=code), on_date=date(2025, 1, 1), parent=above)
        Official.objects.filter(code="CB-8").update(unit=above)

    new_unit(("CB-6", "CB-7", "CB-8"))
    counter = Counter.objects.get(code=f"{unit}-1")
    seven, six = Official.objects.get(code="CB-7"), Official.objects.get(code="CB-6")
    for code in ("CB-6", "CB-7", "CB-8"):
        assert refused(rule, unit, code) == "not-there"
    set_seat(counter=counter, official=seven, **days(1, 22))  # until the day before
    assert refused(rule, unit, "CB-7") == "not-there"
    assert refused(rule, unit, "CB-7", NINE - DAY, NINE) == "not-there"  # nor on one day of two
    assert rule(unit, "CB-7", NINE - DAY, NINE - 10 * HOUR) == 1
    agency = make_unit(code=f"{unit}-a", name="Sở thử")
    set_official_spell(official=six, agency=agency)
    set_counter_spell(counter=counter, agency=agency, **days(22, 23))
    assert rule(unit, "CB-6") == 2
    assert refused(rule, unit, "CB-6", NINE + DAY, NINE + 2 * DAY) == "not-there"
    put_beneath(unit)
    assert rule(unit, "CB-8", NINE + DAY, NINE + 2 * DAY) == 3


def test_whoever_moved_on_may_be_named_where_they_served_before(unit: str) -> None:
    from server.organisation.models import Official, Unit
    from server.organisation.services import change_official

    station = morning(unit)
    sign_in(station, NINE + 2 * HOUR, "CB-2")
    station.send()
    attributed(unit)
    other = Unit.objects.get(code=new_unit(("CB-7",)))
    for code in ("CB-1", "CB-2"):
        change_official(official=Official.objects.get(code=code), unit=other)
    assert refused(rule, unit, "CB-1") == "not-there"
    assert rule(unit, "CB-2") == 1


@pytest.mark.parametrize("first", [23, 1])
def test_a_ruling_names_nobody_before_they_were_employed(unit: str, first: int) -> None:
    from datetime import date

    from server.organisation.models import Official
    from server.organisation.services import set_official_spell

    spell = {"official": Official.objects.get(code="CB-2")}
    set_official_spell(**spell, started_date=date(2025, 11, first))
    if first == 1:
        assert rule(unit, "CB-2") == 1
    else:
        assert refused(rule, unit, "CB-2") == "not-there"


def test_a_ruling_of_many_days_names_nobody_who_was_employed_on_one_of_them(unit: str) -> None:
    """Else the votes of a whole year were theirs who came for its last day."""
    from datetime import date

    from server.attribution.errors import AttributionError
    from server.organisation.models import Official
    from server.organisation.services import set_official_spell

    two = Official.objects.get(code="CB-2")
    set_official_spell(official=two, started_date=date(2025, 11, 10), ended_date=date(2025, 11, 15))
    set_official_spell(official=two, started_date=date(2025, 11, 15), ended_date=date(2025, 11, 18))
    set_official_spell(official=two, started_date=date(2025, 11, 19))
    told = ((300, "2025-01-26"), (13, "2025-11-09"), (12, "2025-11-18"), (4, "2025-11-18"))
    for days, missing in told:
        with pytest.raises(AttributionError, match=f"on {missing}"):
            rule(unit, "CB-2", NINE - days * DAY, NINE)
    assert rule(unit, "CB-2", NINE - 12 * DAY, NINE - 5 * DAY) == 1
    assert rule(unit, "CB-2", NINE - 3 * DAY, NINE) == 2
    station = morning(unit)
    sign_in(station, NINE + 2 * HOUR, "CB-2")
    station.send()
    attributed(unit)
    assert refused(rule, unit, "CB-2", NINE - 5 * DAY, NINE - 3 * DAY) == "not-there"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"counter": "elsewhere"}, "no-counter"),
        ({"official": "CB-999"}, "no-official"),
        ({"to_ms": NINE + 9 * MINUTE}, "bad-interval"),  # it would point at single citizens
        ({"to_ms": NINE - HOUR}, "bad-interval"),
        ({"to_ms": LATER + 1}, "bad-interval"),
        ({"from_ms": NINE - 367 * 24 * HOUR}, "bad-interval"),
        ({"reason": "  "}, "bad-words"),
        ({"reason": "x" * 501}, "bad-words"),
        ({"reason": "\x1b[2J"}, "bad-words"),
    ],
)
def test_what_is_no_ruling(unit: str, changes: dict[str, Any], kind: str) -> None:
    from server.attribution.models import Ruling

    wish = {"official": "CB-1", **changes}
    assert refused(rule, unit, **wish) == kind
    assert not Ruling.objects.exists()


def test_overlapping_rulings_are_refused_with_the_one_in_the_way_and_neighbors_are_not(
    unit: str,
) -> None:
    from server.attribution.errors import AttributionError

    rule(unit, "CB-1")
    with pytest.raises(AttributionError, match=r"Ruling 1 .* from 2025-11-22 09:00 to .* 10:00"):
        rule(unit, "CB-2", NINE + 59 * MINUTE, NINE + 2 * HOUR)
    assert rule(unit, "CB-2", NINE + HOUR, NINE + 2 * HOUR) == 2
    assert rule(unit, "CB-2", counter=f"{unit}-2") == 3


def test_rulings_survive_a_rebuild_and_the_figures_with_them(unit: str) -> None:
    from server import pipeline

    station = morning(unit)
    vote(station, NINE + MINUTE, duty=sign_in(station, NINE, "CB-1"))
    write(station, NINE + 2 * MINUTE, "duty.ended", {"duty": 2, "by": "official"})
    vote(station, NINE + 3 * MINUTE)
    station.send()
    rule(unit, "CB-2", NINE + 2 * MINUTE)
    before = attributed(unit)
    assert before == [("CB-1", "duty", ""), ("CB-2", "ruling", "")]
    pipeline.rebuild()
    assert attributed(unit) == before
    assert checked() == 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"official": "CB-1"}, "official"),
        ({"from_ms": NINE + MINUTE}, "from_ms"),
        ({"proposed_by": "somebody"}, "by"),
        ({"state": "proposed"}, "not in its table"),
        ({"state": "lifted"}, "no ruling lifts it"),
    ],
)
def test_a_ruling_changed_in_its_table_is_named_by_check(
    unit: str, change: dict[str, Any], named: str
) -> None:
    from server.attribution.models import Ruling

    rule(unit, "CB-2")
    assert differences() == ""
    Ruling.objects.update(**change)
    assert named in differences()


def test_a_ruling_slipped_into_its_table_is_named_by_check(
    unit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from server.attribution.models import Ruling

    rule(unit, "CB-2")
    row = Ruling.objects.get()
    row.number = 7
    row.save(force_insert=True)
    assert checked() == 1
    assert f"The `ruling` 7 of unit {unit} is in its table, but not in the log." in (
        capsys.readouterr().out
    )


def test_a_long_reason_in_any_script_fits_its_deed(unit: str) -> None:
    from server.organisation.models import Unit
    from server.organisation.services import make_official

    make_official(unit=Unit.objects.get(code=unit), code="C" * 32, name="dài")
    rule(unit, "C" * 32, reason="\U0001f600" * 500, by="\U0001f600" * 150)
    assert len(deeds("ruling")) == 1


def test_the_citizens_word_that_it_was_another_stands_against_who_was_shown(unit: str) -> None:
    station = morning(unit)
    duty = sign_in(station, NINE, "CB-1")
    vote(station, NINE + MINUTE, duty=duty, not_official=True, dossier="H-1")
    station.send()
    assert attributed(unit) == [("", "none", "not-official")]
    file_dossier(unit, "H-1", "CB-1")
    assert attributed(unit) == [("", "none", "not-official")]
    rule(unit, "CB-1")
    assert attributed(unit) == [("", "none", "not-official")]
    file_dossier(unit, "H-1", "CB-2")
    assert attributed(unit) == [("CB-2", "dossier", "")]
    lift(unit, 1)
    rule(unit, "CB-2")
    assert attributed(unit) == [("CB-2", "ruling", "")]
