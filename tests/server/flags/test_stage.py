"""Flags in the pipeline: what is held, that it comes to an end, and a rebuild gives it again."""

import random
from collections import Counter
from datetime import date

import pytest

from tests.server.analytics.test_tallies import feed_randomly
from tests.server.attribution.scene import DAY, HOUR, MINUTE, NINE, morning, sign_in, vote
from tests.server.flags.scene import (
    doubts,
    everything,
    flags,
    mash,
    quiet_votes,
    run,
    scene,
    states,
)
from tests.server.votes.river import new_unit

TODAY = date(2025, 11, 22)


def test_mashed_votes_are_held_and_every_tally_says_so() -> None:
    from server.analytics.models import HourTally, Tally, UnitMonth

    unit, station = scene()
    quiet = quiet_votes(station, [5, 4, 1])
    mashed = mash(station, NINE + HOUR, [5] * 8)
    run(station)
    held = {seq for seq, state in states(unit).items() if state == "held"}
    assert held == {*mashed[1:]} and not held & {*quiet}
    for model in (Tally, HourTally, UnitMonth):
        counted: Counter[str] = Counter()
        for row in model.objects.filter(unit=unit):
            counted[row.state] += row.n1 + row.n2 + row.n3 + row.n4 + row.n5
        assert counted == {"counted": 4, "held": 7}, model
    (doubt,) = doubts(unit)
    assert (doubt.n, doubt.held, doubt.state, doubt.flags) == (8, 7, "new", "burst repeat")
    assert (doubt.first_ms, doubt.last_ms) == (NINE + HOUR, NINE + HOUR + 7 * 1_500 + 360)


def test_a_family_of_seven_is_counted() -> None:
    dice = random.Random(3)
    unit, station = scene()
    at = NINE
    for _ in range(7):
        at += dice.randint(25_000, 60_000)
        vote(station, at, rating=1)
    run(station)
    assert set(states(unit).values()) == {"counted"} and doubts(unit) == []


def test_an_official_who_mashes_holds_no_angry_citizens_vote() -> None:
    unit, station = scene()
    mash(station, NINE, [5, 5, 5])
    angry = vote(station, NINE + 4_000, rating=1)
    mash(station, NINE + 5_500, [5, 5, 5])
    run(station)
    assert states(unit)[angry] == "counted"
    assert Counter(states(unit).values()) == {"counted": 2, "held": 5}


def test_a_change_of_mind_that_comes_late_changes_what_is_held() -> None:
    unit, station = scene()
    *alike, last = mash(station, NINE, [5, 5, 5, 5, 4])
    run(station)
    assert states(unit)[last] == "counted"
    station.kiosk.add("vote.revised", {"vote": last, "rating": 5}, after_ms=500)
    run(station)
    assert states(unit) == {alike[0]: "counted", **dict.fromkeys([*alike[1:], last], "held")}


def test_the_work_comes_to_an_end_and_working_again_changes_nothing() -> None:
    from server import pipeline
    from server.attribution.models import ChangedDay

    unit, station = scene()
    mash(station, NINE, [5] * 9)
    run(station)
    before = everything(unit), list(ChangedDay.objects.values())
    assert not pipeline.run_once()
    assert (everything(unit), list(ChangedDay.objects.values())) == before


@pytest.mark.parametrize("seed", [5, 6])
def test_a_rebuild_gives_the_same_flags_doubts_and_figures(seed: int) -> None:
    from server import pipeline
    from server.flags.models import Flag

    unit = new_unit()
    feed_randomly(unit, seed=seed, steps=250)
    before = everything(unit)
    assert Flag.objects.exists()
    pipeline.rebuild()
    assert everything(unit) == before


def test_in_pieces_and_at_once_give_the_same_states() -> None:
    from server import pipeline

    unit, station = scene()
    presses = mash(station, NINE, [5] * 10)
    for upto in (2, presses[3], presses[6], len(station.kiosk.lines)):
        station.send(upto=upto)
        pipeline.run_until_done()
    in_pieces = everything(unit)
    assert list(states(unit).values()).count("held") == 9
    pipeline.rebuild()
    assert everything(unit) == in_pieces


def test_a_worker_that_was_slower_flags_nothing_again() -> None:
    from server.flags import reading
    from server.flags.stage import _flag_days, flag_pending

    unit, station = scene()
    mash(station, NINE, [5] * 6)
    station.send()
    from server.attribution.services import attribute_pending
    from server.votes.services import understand_pending

    understand_pending()
    attribute_pending()
    days = reading.waiting_days([unit])
    assert days and flag_pending()
    before = everything(unit)
    _flag_days(days)  # what a second worker had read before the first had done it
    assert everything(unit) == before


def test_a_vote_that_moves_to_another_counter_takes_its_flags_along() -> None:
    from server.fleet.models import Placement
    from server.organisation.services import note_change

    unit, station = scene()
    mash(station, NINE, [5] * 6)
    run(station)
    (before,) = doubts(unit)
    Placement.objects.filter(unit=unit).update(counter=f"{unit}-2")
    for number in (1, 2):
        note_change(unit=unit, counter=f"{unit}-{number}", from_ms=0, to_ms=NINE + DAY)
    run(station)
    (after,) = doubts(unit)
    assert (after.number, after.counter, after.held) == (before.number, f"{unit}-2", 5)
    assert {flag["counter"] for flag in everything(unit)["Flag"]} == {f"{unit}-2"}


def test_more_votes_than_citizens_served_are_flagged_when_the_count_comes_and_counted() -> None:
    from server.dossiers.services import Count, keep_transactions

    unit, station = scene()
    cast = quiet_votes(station, [5, 4, 3, 5])
    run(station)
    assert flags(unit) == {}
    keep_transactions(rows=[Count(unit, f"{unit}-1", TODAY, 2)])
    run(station)
    assert flags(unit) == dict.fromkeys(cast, "over-served")
    assert set(states(unit).values()) == {"counted"}
    (doubt,) = doubts(unit)
    assert (doubt.kiosk, doubt.n, doubt.held) == ("", 4, 0)
    keep_transactions(rows=[Count(unit, f"{unit}-1", TODAY, 3)])
    run(station)
    assert flags(unit) == {} and doubts(unit) == []


def test_a_supervisor_who_counts_few_transactions_gets_no_vote_held() -> None:
    from server.dossiers.services import Count, keep_transactions

    unit, station = scene()
    quiet_votes(station, [1, 1, 1, 1, 2])
    keep_transactions(rows=[Count(unit, f"{unit}-1", TODAY, 0)])
    run(station)
    assert set(states(unit).values()) == {"counted"} and doubts(unit)


def open_from_seven(kiosk: str, made_ms: int, version: int = 1, start: str = "07:00") -> None:
    import json

    from server.fleet.models import Configuration

    hours = [{"days": [1, 2, 3, 4, 5, 6], "start": start, "end": "17:00"}]
    body = json.dumps({"timezone": "Asia/Ho_Chi_Minh", "hours": hours}).encode()
    Configuration.objects.create(
        kiosk_id=kiosk, version=version, body=body, note=b"", made_ms=made_ms
    )


def test_votes_long_after_closing_are_held_by_the_hours_of_that_day() -> None:
    from server import pipeline

    unit, station = scene()
    open_from_seven(station.kiosk.kiosk, NINE - DAY)
    early = vote(station, NINE, rating=2)
    late = vote(station, NINE + 9 * HOUR, rating=5)  # 18:00
    run(station)
    assert states(unit) == {early: "counted", late: "held"}
    # Hours that somebody chooses later say nothing of the past.
    open_from_seven(station.kiosk.kiosk, NINE + DAY, 2, start="16:00")
    before = everything(unit)
    pipeline.rebuild()
    assert everything(unit) == before


def test_an_administrator_who_makes_a_bad_day_a_holiday_afterwards_holds_no_vote() -> None:
    from server.organisation.services import add_holiday

    unit, station = scene()
    open_from_seven(station.kiosk.kiosk, NINE - DAY)
    (cast,) = quiet_votes(station, [1])
    run(station)
    add_holiday(day=TODAY, name="Nghỉ", now_ms=NINE)
    run(station)
    assert states(unit) == {cast: "counted"}


def test_a_holiday_entered_in_time_holds_its_votes_and_taken_back_it_counts_them() -> None:
    from server.organisation.services import add_holiday, remove_holiday

    unit, station = scene()
    open_from_seven(station.kiosk.kiosk, NINE - DAY)
    (cast,) = quiet_votes(station, [4])
    run(station)
    add_holiday(day=TODAY, name="Nghỉ", now_ms=NINE - DAY)
    add_holiday(day=TODAY, name="Nghỉ lễ", now_ms=NINE + DAY)  # the name alone is corrected
    run(station)
    assert states(unit) == {cast: "held"}
    remove_holiday(day=TODAY)
    run(station)
    assert states(unit) == {cast: "counted"}


def test_a_vote_as_soon_as_somebody_signed_in_is_flagged() -> None:
    unit, station = scene()
    sign_in(station, NINE, "CB-1")
    soon, later = vote(station, NINE + 9_000), vote(station, NINE + 40_000)
    run(station)
    assert flags(unit) == {soon: "sign-in-edge"} and states(unit)[soon] == "counted"
    assert later


def test_a_crowd_of_one_mind_is_flagged_by_the_thirty_days_before_however_late_they_come() -> None:
    unit = new_unit()
    usual, crowd = morning(unit), morning(unit)
    crowd.kiosk.kiosk = usual.kiosk.kiosk
    from server.ingest.models import Journal

    Journal.objects.filter(journal=crowd.kiosk.journal).update(kiosk=usual.kiosk.kiosk)
    dice = random.Random(1)
    for n in range(130):
        vote(usual, NINE + n * 11 * MINUTE + dice.randint(0, 200_000), rating=dice.choice([4, 5]))
    for n in range(10):
        at = NINE + 12 * DAY + n * 32_000 + dice.randint(0, 9_000)
        vote(crowd, at, rating=1)
    run(crowd)
    assert flags(unit) == {}
    run(usual)  # the days before come after it
    assert set(flags(unit).values()) == {"rating-burst"} and len(flags(unit)) == 10
    assert set(states(unit).values()) == {"counted"}


def test_a_thumb_that_goes_from_counter_to_counter_of_one_kiosk_is_one_thumb() -> None:
    unit, station = scene()
    seqs = [
        vote(station, NINE + n * 3_000, rating=5, counter=f"{unit}-{1 + n % 2}") for n in range(6)
    ]
    station.send()
    from server import pipeline

    pipeline.run_until_done()
    assert set(flags(unit)) == set(seqs)
    assert list(states(unit).values()).count("held") == 5
    before = everything(unit)
    pipeline.rebuild()
    assert everything(unit) == before


def test_a_kiosk_carried_to_another_counter_is_flagged_alike_whatever_comes_first() -> None:
    from server import pipeline
    from server.fleet.models import Placement

    unit, station = scene()
    even = [vote(station, NINE + n * MINUTE, rating=5) for n in range(10)]
    (standing,) = Placement.objects.filter(unit=unit)
    moved_ms = NINE + 9 * MINUTE + 1_000
    Placement.objects.filter(pk=standing.pk).update(ended_ms=moved_ms)
    Placement.objects.create(
        kiosk_id=station.kiosk.kiosk, unit=unit, counter=f"{unit}-2", started_ms=moved_ms
    )
    run(station)
    assert set(flags(unit)) == {*even}
    late = [vote(station, NINE + n * MINUTE, rating=5) for n in (10, 11)]
    run(station)
    assert states(unit)[late[0]] == "counted"
    before = everything(unit)
    pipeline.rebuild()
    assert everything(unit) == before
