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


def _said(unit: str, day: date, reasons: list[str], monkeypatch: pytest.MonkeyPatch) -> Station:
    """A vote of 1 for each, twenty minutes apart, with what the citizen said (and counted while the
    month goes on)."""
    from server import pipeline
    from server.votes.models import Vote

    with monkeypatch.context() as patch:
        patch.setattr("server.clock.now_ms", lambda: _ms(day, 23))
        station = _station(unit, day)
        duty = station.kiosk.duty("CB-1")
        for _ in reasons:
            station.kiosk.vote(1, duty=duty)
            station.kiosk.now_ms += 1_200_000
            station.kiosk.mono_ms += 1_200_000
        station.send()
        pipeline.run_until_done()
        journal = station.kiosk.journal
        votes = Vote.objects.filter(unit=unit, journal=journal).order_by("seq")
        for seq, said in zip(list(votes.values_list("seq", flat=True)), reasons, strict=True):
            change(Vote, unit, journal=journal, seq__in=[seq], reasons=said)
        pipeline.run_until_done()
    return station


def test_reasons_are_of_months_that_are_over_and_in_whole_fives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unit = new_unit()
    _said(unit, date(2025, 10, 7), [*["R1"] * 4, *["R1 R3"] * 3], monkeypatch)
    _said(unit, date(2025, 11, 7), ["R1 R3"] * 10, monkeypatch)

    def told(today: date) -> tuple[int, dict[str, int]]:
        found = _own(unit, today)
        return found.reasons_base, found.reasons

    assert told(date(2025, 10, 31)) == (0, {})
    assert told(date(2025, 11, 30)) == (7, {"R1": 5})  # 7 named R1, 3 R3
    assert told(date(2025, 12, 1)) == (17, {"R1": 15, "R3": 10})


TODAY = date(2025, 11, 20)


def _ten_votes(unit: str, monkeypatch: pytest.MonkeyPatch) -> Station:
    station = _said(unit, date(2025, 10, 20), [*["R1"] * 5, *["R2"] * 5], monkeypatch)
    assert _own(unit, TODAY).reasons == {"R1": 5, "R2": 5}
    return station


def _rule(unit: str, at_ms: int, official: str = "", minutes: int = 5) -> int:
    from server import pipeline
    from server.attribution.services import propose_ruling

    number = propose_ruling(
        unit=unit, counter=f"{unit}-1", from_ms=at_ms - 300_000, to_ms=at_ms + minutes * 60_000,
        official=official, reason="away", by="anna", now_ms=_ms(TODAY),
    )  # fmt: skip
    pipeline.run_until_done()
    return number


def _cast_at(station: Station, nth: int) -> int:
    from server.votes.models import Vote

    votes = Vote.objects.filter(unit=station.unit, journal=station.kiosk.journal).order_by("seq")
    return int(votes[nth].low_ms)


@pytest.mark.parametrize("alone", [2, 7], ids=["said R1", "said R2"])
def test_a_ruling_on_ten_minutes_does_not_tell_what_the_one_citizen_in_them_said(
    alone: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The official knows whom they served then: a count that falls by five would tell."""
    from server import pipeline
    from server.attribution.services import lift_ruling

    unit = new_unit()
    station = _ten_votes(unit, monkeypatch)
    number = _rule(unit, _cast_at(station, alone))
    found = _own(unit, TODAY)
    assert (found.total.n, found.reasons, found.reasons_base) == (9, {"R1": 5, "R2": 5}, 10)
    lift_ruling(unit=unit, number=number, reason="no", by="anna", now_ms=_ms(TODAY))
    pipeline.run_until_done()
    assert _own(unit, TODAY).total.n == 10 and _own(unit, TODAY).reasons == {"R1": 5, "R2": 5}


@pytest.mark.parametrize("how", ["dossier", "shift", "board", "late"])
def test_no_correction_of_one_vote_tells_what_its_citizen_said(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine votes with four of R1; the tenth comes to the official by a dossier, a roster, a duty
    on the board, or because its kiosk sends late: a fifth R1 would tell what that citizen said."""
    from server import pipeline
    from server.votes.models import Vote
    from tests.server.attribution.scene import file_dossier, vote
    from tests.server.attribution.test_posted import let_shifts_count, plan, put

    unit = new_unit()
    _said(unit, date(2025, 10, 20), [*["R1"] * 4, *["R2"] * 5], monkeypatch)
    before = _own(unit, TODAY)
    assert (before.reasons, before.reasons_base) == ({"R2": 5}, 9)
    other, at_ms = _station(unit, date(2025, 10, 21)), _ms(date(2025, 10, 21), 5)
    duty = other.kiosk.duty("CB-1") if how == "late" else None
    seq = vote(other, at_ms, duty=duty, dossier="H-1" if how == "dossier" else None)
    other.kiosk.add("vote.reasons", {"vote": seq, "reasons": ["R1"], "outcome": "answered"})
    if how == "board":
        put(unit, "CB-1", at_ms - 60_000)
    if how == "late":
        other.send(_ms(TODAY))
    else:
        other.send()
    pipeline.run_until_done()
    if how == "dossier":
        file_dossier(unit, "H-1", "CB-1")
    if how == "shift":
        let_shifts_count(unit, True)
        plan(unit, "CB-1", at_ms - 60_000, at_ms + 60_000)
    pipeline.run_until_done()
    assert Vote.objects.filter(unit=unit, reasons="R1").count() == 5
    after = _own(unit, TODAY)
    assert after.total.n == 10
    assert (after.reasons, after.reasons_base) == ({"R2": 5}, 9)


def test_a_month_with_five_votes_fewer_tells_no_reasons_and_one_with_five_more_tells_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from server import pipeline

    unit = new_unit()
    station = _ten_votes(unit, monkeypatch)
    _rule(unit, _cast_at(station, 0), minutes=4 * 20 + 15)
    assert (_own(unit, TODAY).total.n, _own(unit, TODAY).reasons) == (5, {})
    late = _station(unit, date(2025, 10, 22))
    duty = late.kiosk.duty("CB-1")
    told = []
    for _ in range(10):
        seq = late.kiosk.vote(1, duty=duty)
        late.kiosk.add("vote.reasons", {"vote": seq, "reasons": ["R3"], "outcome": "answered"})
        late.send(_ms(TODAY) + seq)
        pipeline.run_until_done()
        found = _own(unit, TODAY)
        told.append((found.total.n, found.reasons_base))
    assert told == [*((n, 10) for n in range(6, 15)), (15, 15)]
    assert _own(unit, TODAY).reasons == {"R2": 5, "R3": 10}


def test_a_rebuild_tells_the_same_reasons_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    from server import pipeline
    from server.analytics.models import ToldReasons
    from tests.server.votes.river import rows

    unit = new_unit()
    station = _ten_votes(unit, monkeypatch)
    _rule(unit, _cast_at(station, 0))
    before = rows(ToldReasons)
    for tallies_only in (True, False):
        pipeline.rebuild(tallies_only=tallies_only)
        assert rows(ToldReasons) == before
    assert [row["r1"] for row in before] == [5]
