"""A kiosk that serves several counters: whose vote it is when it names one, or none."""

from pathlib import Path
from typing import Any

import pytest

from tests.server.attribution.test_attribution import HOUR, _attributed, _vote_data
from tests.server.kiosks import T0
from tests.server.votes.river import Station, new_station, new_unit, online, understood


@pytest.fixture
def unit() -> str:
    return new_unit(counters=3)


def serve(station: Station, *numbers: int, at_ms: int = T0 - HOUR) -> None:
    """From `at_ms` on the kiosk asks which of these counters it was; of none, it asks no more."""
    from server.fleet.choosing import set_settings
    from server.fleet.chosen import read_toml

    codes = [f'"{station.unit}-{number}"' for number in numbers]
    text = f"counters = [{', '.join(codes)}]" if codes else ""
    set_settings(id=station.kiosk.kiosk, chosen=read_toml(text), folder=Path(), now_ms=at_ms)


def vote(station: Station, **changes: object) -> int:
    """A minute after what was before: quicker ones would be held."""
    return station.kiosk.add("vote", _vote_data(**changes), after_ms=60_000)


@pytest.fixture
def station(unit: str) -> Station:
    """A kiosk that stands at counter 1 and serves 1 and 2, with CB-1 signed in."""
    station = online(unit)
    serve(station, 1, 2)
    return station


def test_a_vote_for_the_counter_where_it_stands_is_for_whoever_signed_in_there(
    station: Station,
) -> None:
    duty = station.kiosk.duty("CB-1")
    vote(station, counter=f"{station.unit}-1", duty=duty)
    station.send()
    assert _attributed(station.unit) == [("1", "CB-1", "duty", "")]


def test_a_vote_for_the_other_counter_is_never_for_whoever_signed_in_at_this_kiosk(
    station: Station,
) -> None:
    duty = station.kiosk.duty("CB-1")
    vote(station, counter=f"{station.unit}-2", duty=duty)
    station.send()
    assert _attributed(station.unit) == [("2", "", "none", "nobody-signed-in")]


def test_a_vote_for_the_other_counter_goes_to_whoever_is_on_duty_there(station: Station) -> None:
    neighbor = online(station.unit, 2)
    neighbor.kiosk.duty("CB-2")
    neighbor.send()
    duty = station.kiosk.duty("CB-1")
    station.kiosk.now_ms += HOUR
    station.kiosk.mono_ms += HOUR
    vote(station, counter=f"{station.unit}-2", duty=duty)
    station.send()
    assert _attributed(station.unit) == [("2", "CB-2", "duty", "")]


def test_a_late_sign_in_at_the_other_counter_moves_the_vote_and_a_rebuild_agrees(
    station: Station,
) -> None:
    from server import pipeline

    duty = station.kiosk.duty("CB-1")
    station.kiosk.now_ms += HOUR
    station.kiosk.mono_ms += HOUR
    vote(station, counter=f"{station.unit}-2", duty=duty)
    station.send()
    assert _attributed(station.unit) == [("2", "", "none", "nobody-signed-in")]
    neighbor = online(station.unit, 2)
    neighbor.kiosk.duty("CB-2")
    neighbor.send()
    moved = _attributed(station.unit)
    assert moved == [("2", "CB-2", "duty", "")]
    pipeline.rebuild()
    assert _attributed(station.unit) == moved


@pytest.mark.parametrize("signed", [True, False])
def test_a_vote_for_a_forgotten_counter_is_the_units(station: Station, signed: bool) -> None:
    duty = station.kiosk.duty("CB-1")
    vote(station, duty=duty if signed else None)
    station.send()
    assert _attributed(station.unit) == [("", "", "none", "counter-forgotten")]


def test_the_units_figures_count_a_forgotten_counter_and_no_counters_do(station: Station) -> None:
    from datetime import date

    from server.analytics.audit import find_differences
    from server.analytics.selectors import Period, unit_figures

    vote(station)
    vote(station, counter=f"{station.unit}-2")
    station.send()
    _attributed(station.unit)
    period = Period(date(2025, 11, 1), date(2025, 11, 30))
    figures = unit_figures(unit=station.unit, period=period, today=period.last)
    assert figures.total.n == 2
    assert {code: figure.n for code, figure in figures.counters.items()} == {
        "": 1,
        f"{station.unit}-2": 1,
    }
    assert figures.unattributed["counter-forgotten"] == 1
    assert find_differences() == []


@pytest.mark.parametrize("counter", ["1", "2", None])
def test_a_citizen_who_says_that_it_was_another_official_is_counted_for_the_counter(
    station: Station, counter: str | None
) -> None:
    duty = station.kiosk.duty("CB-1")
    named = counter and f"{station.unit}-{counter}"
    vote(station, counter=named, duty=duty, not_official=True)
    station.send()
    assert _attributed(station.unit) == [(counter or "", "", "none", "not-official")]


def test_before_and_after_it_served_several_a_vote_is_its_own_counters(unit: str) -> None:
    station = online(unit)
    serve(station, 1, 2, at_ms=T0 + HOUR)
    serve(station, at_ms=T0 + 3 * HOUR)
    for _ in range(3):
        station.kiosk.vote(after_ms=HOUR // 2 + HOUR)
    station.send()
    # At one and a half hours it asked; at three and at four and a half no more.
    assert [row[3] for row in _attributed(unit)] == [
        "counter-forgotten",
        "nobody-signed-in",
        "nobody-signed-in",
    ]


def test_an_uncertain_time_in_which_it_began_to_ask_names_no_counter(unit: str) -> None:
    station = new_station(unit)
    station.kiosk.sync = False
    serve(station, 1, 2, at_ms=T0 + HOUR)
    station.kiosk.vote(duty=station.kiosk.duty("CB-1"))
    station.send(T0 + 2 * HOUR)
    assert _attributed(unit) == [("", "", "none", "counter-forgotten")]


def test_a_signed_vote_of_uncertain_time_for_a_counter_where_the_kiosk_was_not_all_the_time(
    unit: str,
) -> None:
    from server.fleet.models import Placement

    station = new_station(unit)
    station.kiosk.sync = False
    Placement.objects.update(ended_ms=T0)
    Placement.objects.create(
        kiosk_id=station.kiosk.kiosk, unit=unit, counter=f"{unit}-2", started_ms=T0
    )
    duty = station.kiosk.duty("CB-1")
    vote(station, counter=f"{unit}-2", duty=duty)
    station.send()
    assert _attributed(unit) == [("2", "", "none", "clock-uncertain")]


def test_every_kind_of_vote_and_its_reasons_are_understood(station: Station) -> None:
    duty = station.kiosk.duty("CB-1")
    first = vote(station, counter=f"{station.unit}-1", duty=duty, invited=True, dossier="H29-7/26")
    second = vote(station, not_official=True, via="touch", locale="en", scale="vn4", rating=2)
    for seq, reasons, outcome in (
        (first, ["P1", "P5"], "answered"),
        (second, [], "skipped"),
        (second, ["R6"], "timeout"),
    ):
        station.kiosk.add("vote.reasons", {"vote": seq, "reasons": reasons, "outcome": outcome})
    station.send()
    assert len(_attributed(station.unit)) == 2
    found: dict[str, list[dict[str, Any]]] = understood(station.unit)
    assert found["NotUnderstood"] == []
    assert [(row["invited"], row["not_official"], row["via"]) for row in found["Vote"]] == [
        (True, False, "button"),
        (False, True, "touch"),
    ]
