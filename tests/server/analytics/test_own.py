"""An official sees sums of closed days of their own, from five votes on; reasons come in fives."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.server.analytics.made import change
from tests.server.votes.river import Station, new_station, new_unit

MONTHS = (date(2025, 10, 1), date(2025, 11, 30))


def _ms(day: date, hour: int = 3) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp() * 1000)


def _station(unit: str, day: date) -> Station:
    station = new_station(unit, enrolled_ms=_ms(day) - 10_000)
    station.kiosk.now_ms = _ms(day)
    station.kiosk.clock()
    return station


def _vote(station: Station, *ratings: int) -> None:
    from server import pipeline

    duty = station.kiosk.duty("CB-1")
    for rating in ratings:
        station.kiosk.vote(rating, duty=duty)
    station.send()
    pipeline.run_until_done()


def _own(unit: str, today: date) -> Any:
    from server.analytics.selectors import Period, own_figures

    return own_figures(official="CB-1", units=[unit], period=Period(*MONTHS), today=today)


def test_today_is_not_told_and_tomorrow_it_is() -> None:
    unit = new_unit()
    day = date(2025, 11, 20)
    _vote(_station(unit, day), 5, 5, 5, 5, 1)
    assert _own(unit, day).total is None and _own(unit, day).months == {}
    found = _own(unit, date(2025, 11, 21))
    assert found.total.counts == (1, 0, 0, 0, 4)
    assert found.months == {date(2025, 11, 1): found.total}


def test_four_votes_are_not_told_nor_is_what_came_late_from_an_earlier_day() -> None:
    unit = new_unit()
    station = _station(unit, date(2025, 11, 18))
    _vote(station, 5, 5, 5, 1)
    assert _own(unit, date(2025, 11, 20)).total is None
    station.kiosk.now_ms += 86_400_000
    station.kiosk.mono_ms += 86_400_000
    _vote(station, 4, 4)
    assert _own(unit, date(2025, 11, 19)).total is None
    found = _own(unit, date(2025, 11, 20))
    assert (found.total.n, found.total.base) == (6, 5)


def test_shares_stand_still_for_a_day() -> None:
    unit = new_unit()
    station = _station(unit, date(2025, 11, 18))
    _vote(station, 5, 5, 5, 5, 5)
    station.kiosk.now_ms += 86_400_000
    station.kiosk.mono_ms += 86_400_000
    before = _own(unit, date(2025, 11, 19))
    _vote(station, 1, 1, 1, 1, 1)
    after = _own(unit, date(2025, 11, 19))
    assert after.total == before.total and after.total.counts == (0, 0, 0, 0, 5)
    assert _own(unit, date(2025, 11, 20)).total.counts == (5, 0, 0, 0, 5)


def test_months_stand_for_themselves_and_another_officials_votes_are_not_there() -> None:
    unit = new_unit()
    for day in (date(2025, 10, 7), date(2025, 11, 7)):
        _vote(_station(unit, day), 5, 5, 4, 4, 1)
    other = _station(unit, date(2025, 11, 8))
    duty = other.kiosk.duty("CB-2")
    other.kiosk.vote(1, duty=duty)
    _vote(other)
    found = _own(unit, date(2025, 11, 20))
    assert [(month.month, figure.n) for month, figure in found.months.items()] == [(10, 5), (11, 5)]
    assert found.total.n == found.total.base == 10


def test_reasons_are_of_months_that_are_over_and_in_whole_fives() -> None:
    from server import pipeline
    from server.analytics.selectors import Period, reason_counts
    from server.votes.models import Vote

    unit = new_unit()
    october, november = _station(unit, date(2025, 10, 7)), _station(unit, date(2025, 11, 7))
    _vote(october, *[1] * 7)
    _vote(november, *[1] * 10)
    change(Vote, unit, reasons="R1 R3")
    some = Vote.objects.filter(journal=october.kiosk.journal).values_list("seq", flat=True)[:4]
    change(Vote, unit, journal=october.kiosk.journal, seq__in=list(some), reasons="R1")
    pipeline.run_until_done()

    def told(today: date) -> dict[str, int]:
        return reason_counts(units=[unit], period=Period(*MONTHS), today=today)

    assert told(date(2025, 10, 31)) == {}
    assert told(date(2025, 11, 30)) == {"R1": 5}  # 7 named R1, 3 R3
    assert told(date(2025, 12, 1)) == {"R1": 15, "R3": 10}
    assert _own(unit, date(2025, 11, 30)).reasons == {"R1": 5}


@pytest.mark.parametrize("alone", [2, 7], ids=["said R1", "said R2"])
def test_a_ruling_on_ten_minutes_does_not_tell_what_the_one_citizen_in_them_said(
    alone: int,
) -> None:
    """The official knows whom they served then: a count that falls by five would tell."""
    from server import pipeline
    from server.attribution.services import lift_ruling, propose_ruling
    from server.votes.models import Vote

    today, unit = date(2025, 11, 20), new_unit()
    station = _station(unit, date(2025, 10, 20))
    duty = station.kiosk.duty("CB-1")
    for _ in range(10):
        station.kiosk.vote(1, duty=duty)
        station.kiosk.now_ms += 1_200_000
        station.kiosk.mono_ms += 1_200_000
    station.send()
    pipeline.run_until_done()
    votes = list(Vote.objects.filter(unit=unit).order_by("seq"))
    for code, some in (("R1", votes[:5]), ("R2", votes[5:])):
        change(Vote, unit, seq__in=[vote.seq for vote in some], reasons=code)
    pipeline.run_until_done()
    assert _own(unit, today).reasons == {"R1": 5, "R2": 5}
    at = votes[alone].low_ms
    number = propose_ruling(
        unit=unit, counter=f"{unit}-1", from_ms=at - 300_000, to_ms=at + 300_000, official="",
        reason="away", by="anna", now_ms=_ms(today),
    )  # fmt: skip
    pipeline.run_until_done()
    found = _own(unit, today)
    assert found.total.n == 9 and found.reasons == {}
    lift_ruling(unit=unit, number=number, reason="no", by="anna", now_ms=_ms(today))
    pipeline.run_until_done()
    assert _own(unit, today).total.n == 10 and _own(unit, today).reasons == {}
