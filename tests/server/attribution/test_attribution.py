"""Whom a vote is about, on what basis, or why nobody."""

from typing import Any

import pytest

from tests.server.kiosks import T0
from tests.server.votes.river import Station, enrol, new_station, new_unit, online, rows

HOUR = 3_600_000


def _run() -> None:
    from server import pipeline

    pipeline.run_until_done()


def _attributed(unit: str) -> list[tuple[Any, ...]]:
    """Counter (its number), official, basis and why of each vote, in order of journal and seq."""
    from server.attribution.models import Attribution

    _run()
    return [
        (str(row["counter"])[-1:], row["official"], row["basis"], row["why"])
        for row in rows(Attribution, unit=unit)
    ]


def _vote_data(**changes: object) -> dict[str, object]:
    data: dict[str, object] = {
        "rating": 5, "scale": "vn5", "via": "button", "locale": "vi", "duty": None,
        "counter": None, "not_official": False, "dossier": None, "invited": False,
    }  # fmt: skip
    return data | changes


@pytest.fixture
def unit() -> str:
    return new_unit()


def test_a_vote_that_names_its_duty_goes_to_that_official_whatever_the_clocks_say(
    unit: str,
) -> None:
    station = new_station(unit)
    station.kiosk.sync = False
    station.kiosk.vote(duty=station.kiosk.duty("CB-1"))
    station.send()
    assert _attributed(unit) == [("1", "CB-1", "duty", "")]


def test_an_unsigned_vote_of_uncertain_time_goes_to_nobody(unit: str) -> None:
    station = new_station(unit)
    station.kiosk.sync = False
    station.kiosk.duty("CB-1")
    station.kiosk.vote()
    station.send()
    assert _attributed(unit) == [("1", "", "none", "clock-uncertain")]


def test_an_unsigned_vote_goes_to_whom_another_kiosk_of_the_counter_names(unit: str) -> None:
    first, second = online(unit), online(unit)
    first.kiosk.duty("CB-2")
    second.kiosk.vote(after_ms=10_000)
    first.send()
    second.send()
    assert _attributed(unit) == [("1", "CB-2", "duty", "")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("1", "", "none", "nobody-signed-in")),
        ({"duty": 1}, ("1", "", "none", "duty-unknown")),
        ({"not_official": True}, ("1", "", "none", "not-official")),
        ({"counter": "elsewhere"}, ("", "", "none", "no-placement")),
    ],
)
def test_why_nobody(unit: str, changes: dict[str, object], expected: tuple[str, ...]) -> None:
    station = online(unit)
    station.kiosk.add("vote", _vote_data(**changes))
    station.send()
    assert _attributed(unit) == [expected]


def test_a_citizen_who_was_served_by_another_is_not_counted_for_the_one_on_duty(
    unit: str,
) -> None:
    station = online(unit)
    duty = station.kiosk.duty("CB-1")
    station.kiosk.add("vote", _vote_data(duty=duty, not_official=True))
    station.send()
    assert _attributed(unit) == [("1", "", "none", "not-official")]


def test_an_official_whom_nobody_knows(unit: str) -> None:
    station = online(unit)
    station.kiosk.vote(duty=station.kiosk.duty("CB-999"))
    station.send()
    assert _attributed(unit) == [("1", "", "none", "unknown-official")]


def test_a_kiosk_that_stood_nowhere(unit: str) -> None:
    from server.fleet.models import Placement

    station = online(unit)
    Placement.objects.update(ended_ms=1)
    station.kiosk.vote()
    station.send()
    assert _attributed(unit) == [("", "", "none", "no-placement")]


def test_a_vote_that_names_its_counter_stands_there(unit: str) -> None:
    station = online(unit)
    station.kiosk.add("vote", _vote_data(counter=f"{unit}-2"))
    station.send()
    assert _attributed(unit) == [("2", "", "none", "nobody-signed-in")]


def test_an_uncertain_time_across_a_move_leaves_the_counter_open(unit: str) -> None:
    from server.fleet.models import Placement

    station = new_station(unit)
    station.kiosk.sync = False
    Placement.objects.update(ended_ms=T0)
    Placement.objects.create(
        kiosk_id=station.kiosk.kiosk, unit=unit, counter=f"{unit}-2", started_ms=T0
    )
    station.kiosk.vote()
    station.send()
    assert _attributed(unit) == [("", "", "none", "clock-uncertain")]


def test_a_late_sign_in_of_another_kiosk_moves_the_counters_unsigned_votes(unit: str) -> None:
    first, second = online(unit), online(unit)
    for _ in range(3):
        second.kiosk.vote(after_ms=HOUR)
    second.send()
    assert {row[3] for row in _attributed(unit)} == {"nobody-signed-in"}
    first.kiosk.now_ms += HOUR + HOUR // 2
    first.kiosk.mono_ms += HOUR + HOUR // 2
    first.kiosk.duty("CB-1")
    first.send()
    assert [row[1] for row in _attributed(unit)] == ["", "CB-1", "CB-1"]
    first.kiosk.add("duty.ended", {"duty": 2, "by": "idle"}, after_ms=HOUR)
    first.send()
    assert [row[1] for row in _attributed(unit)] == ["", "CB-1", ""]


def test_a_closed_journal_ends_its_duty_with_its_last_line(unit: str) -> None:
    first, second = online(unit), online(unit)
    first.kiosk.duty("CB-1")
    first.send()
    second.kiosk.vote(after_ms=HOUR)
    second.send()
    assert [row[1] for row in _attributed(unit)] == ["CB-1"]
    enrol(first.kiosk.kiosk, unit, first.counter)
    assert [row[3] for row in _attributed(unit)] == ["nobody-signed-in"]


def test_days_are_local_to_the_unit(unit: str) -> None:
    from server.attribution.models import Attribution

    station = online(unit)
    # T0 is 15:26 in Việt Nam; nine hours later the day there is another one than in London.
    station.kiosk.vote(after_ms=9 * HOUR)
    station.send()
    _run()
    row = Attribution.objects.get()
    assert (str(row.first_day), str(row.last_day)) == ("2025-11-23", "2025-11-23")


def test_a_change_raises_the_day_it_leaves_and_the_day_it_comes_to(unit: str) -> None:
    from server.attribution.models import ChangedDay

    station = new_station(unit)
    station.kiosk.sync = False
    station.kiosk.vote()
    station.send(T0 + 30 * HOUR)
    _run()
    assert [(str(d.first_day), str(d.last_day)) for d in ChangedDay.objects.all()] == [
        ("2025-11-22", "2025-11-23")
    ]
    station.kiosk.clock()
    station.send(T0 + 31 * HOUR)
    _run()
    assert [(str(d.last_day), d.gen) for d in ChangedDay.objects.order_by("last_day")] == [
        ("2025-11-22", 2),
        ("2025-11-23", 2),
    ]


def test_a_correction_attributes_a_stretch_of_a_counter_anew(unit: str) -> None:
    from server.attribution.services import reattribute
    from server.organisation.models import Unit
    from server.organisation.services import make_official

    station = online(unit)
    station.kiosk.vote(duty=station.kiosk.duty("CB-999"))
    station.send()
    assert _attributed(unit) == [("1", "", "none", "unknown-official")]
    make_official(unit=Unit.objects.get(code=unit), code="CB-999", name="Cán bộ mới")
    changed = reattribute(unit=unit, counter=station.counter, from_ms=0, to_ms=2 * T0)
    assert changed == 1
    assert _attributed(unit) == [("1", "CB-999", "duty", "")]
    assert reattribute(unit=unit, counter=station.counter, from_ms=0, to_ms=2 * T0) == 0


def test_a_placement_entered_late_brings_votes_and_duties_to_the_counter(unit: str) -> None:
    from server.attribution.services import reattribute
    from server.fleet.models import Placement

    station: Station = online(unit)
    Placement.objects.update(ended_ms=1)
    station.kiosk.duty("CB-1")
    station.kiosk.vote()
    station.send()
    assert _attributed(unit) == [("", "", "none", "no-placement")]
    Placement.objects.create(
        kiosk_id=station.kiosk.kiosk, unit=unit, counter=f"{unit}-2", started_ms=2
    )
    reattribute(unit=unit, counter=f"{unit}-2", from_ms=0, to_ms=2 * T0)
    assert _attributed(unit) == [("2", "CB-1", "duty", "")]
