"""What is counted beside ratings: reasons, hours, procedures, and the months made of days."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tests.server.analytics.made import change
from tests.server.votes.river import Station, new_unit, online, rows

DAY = 86_400_000


def _work() -> None:
    from server import pipeline

    pipeline.run_until_done()


def _check() -> None:
    from server.analytics.audit import find_differences

    assert find_differences() == []


def _voted(*ratings: int) -> tuple[str, Station, list[int]]:
    unit = new_unit()
    station = online(unit)
    duty = station.kiosk.duty("CB-1")
    seqs = [station.kiosk.vote(rating, duty=duty) for rating in ratings]
    station.send()
    _work()
    return unit, station, seqs


def _sums(model: Any, *columns: str, **where: object) -> list[tuple[Any, ...]]:
    return list(model.objects.filter(**where).order_by("pk").values_list(*columns))


def test_a_vote_of_two_reasons_counts_in_both_of_them_and_once_in_its_rating() -> None:
    from server.analytics.models import OfficialMonth, Tally, UnitMonth
    from server.votes.models import Vote

    unit, _, seqs = _voted(1, 2, 5)
    change(Vote, unit, seq__in=seqs[:1], reasons="R1 R3")
    change(Vote, unit, seq__in=seqs[1:2], reasons="R3")
    change(Vote, unit, seq__in=seqs[2:], reasons="P1 R0")
    _work()
    for model in (Tally, UnitMonth, OfficialMonth):
        columns = ("n1", "n2", "n5", "r0", "r1", "r2", "r3", "p1", "p6")
        assert _sums(model, *columns, unit=unit) == [(1, 1, 1, 1, 1, 0, 2, 1, 0)]
    _check()


def test_what_is_excluded_is_counted_apart() -> None:
    from server.analytics.models import HourTally, Tally, UnitMonth
    from server.attribution.models import Attribution
    from server.flags.models import DecidedVote, Decision

    unit, _, seqs = _voted(1, 2, 5)
    (journal,) = {row.journal for row in Attribution.objects.filter(unit=unit)}
    Decision.objects.create(
        unit=unit, number=1, doubt=1, what="exclude", state="force", proposed_ms=1, decided_ms=2
    )
    DecidedVote.objects.create(unit=unit, number=1, journal=journal, seq=seqs[0])
    change(Attribution, unit, seq__in=seqs[:1], state="excluded")
    _work()
    for model in (Tally, UnitMonth, HourTally):
        found = _sums(model, "state", "n1", "n2", "n5", unit=unit)
        assert found == [("counted", 0, 1, 1), ("excluded", 1, 0, 0)]
    _check()


def test_a_procedure_counts_over_all_counters_and_is_gone_when_the_last_vote_leaves_it() -> None:
    from server.analytics.models import ProcedureTally
    from server.attribution.models import Attribution

    unit, station, _ = _voted(4, 5)
    other = online(unit, 2)
    other.kiosk.vote(3)
    other.send()
    _work()
    assert not ProcedureTally.objects.exists()
    change(Attribution, unit, procedure="1.004")
    _work()
    columns = ("procedure", "n3", "n4", "n5")
    assert _sums(ProcedureTally, *columns, unit=unit) == [("1.004", 1, 1, 1)]
    change(Attribution, unit, journal=station.kiosk.journal, procedure="2.001")
    _work()
    found = _sums(ProcedureTally, *columns, unit=unit)
    assert found == [("1.004", 1, 0, 0), ("2.001", 0, 1, 1)]
    _check()
    change(Attribution, unit, procedure="")
    _work()
    assert not ProcedureTally.objects.exists()
    _check()


def test_a_month_follows_when_an_official_is_another() -> None:
    from server.analytics.models import OfficialMonth, UnitMonth
    from server.attribution.models import Attribution

    unit, _, seqs = _voted(1, 5, 5)
    month = date(2025, 11, 1)
    change(Attribution, unit, seq__in=seqs[:1], official="CB-2", basis="ruling")
    _work()
    columns = ("first_month", "official", "n1", "n5")
    found = _sums(OfficialMonth, *columns, unit=unit)
    assert found == [(month, "CB-1", 0, 2), (month, "CB-2", 1, 0)]
    assert _sums(UnitMonth, "first_month", "n1", "n5", unit=unit) == [(month, 1, 2)]
    change(Attribution, unit, official="", basis="none", why="ruled-nobody")
    _work()
    assert not OfficialMonth.objects.exists()
    assert _sums(UnitMonth, "first_month", "n1", "n5", unit=unit) == [(month, 1, 2)]
    _check()


def test_the_hour_is_the_units_own_also_on_the_day_when_clocks_are_set() -> None:
    from server.analytics.models import HourTally
    from server.organisation.models import Unit

    unit = new_unit()
    Unit.objects.filter(code=unit).update(timezone="Europe/Berlin")
    station = online(unit)
    kiosk = station.kiosk
    for day, hour in ((24, 22), (25, 0), (25, 1), (25, 22)):  # 2026-10-25 begins at 22:00 UTC
        at_ms = int(datetime(2026, 10, day, hour, 30, tzinfo=UTC).timestamp() * 1000)
        kiosk.vote(5, after_ms=at_ms - kiosk.now_ms)
        kiosk.clock()
    station.send()
    _work()
    assert _sums(HourTally, "hour", "n5", unit=unit) == [(0, 1), (2, 2), (23, 1)]
    _check()


def test_a_vote_that_may_be_of_two_hours_has_none() -> None:
    from server.analytics.models import HourTally
    from server.votes.models import Vote

    unit, _, (_, unsure) = _voted(3, 4)
    low_ms = Vote.objects.get(unit=unit, seq=unsure).low_ms
    change(Vote, unit, seq__in=[unsure], high_ms=low_ms + 3_600_000, quality="interval")
    _work()
    assert _sums(HourTally, "n3", "n4", unit=unit) == [(1, 0)]
    _check()


ZONES = ("Asia/Ho_Chi_Minh", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe",
         "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns")  # fmt: skip


@given(st.sampled_from(ZONES), st.integers(1_200_000_000_000, 2_000_000_000_000))
def test_one_stretch_holds_each_instant_and_tells_its_hour(name: str, ms: int) -> None:
    from server.analytics.hours import HOUR_MS, hour_of, stretches_of

    zone = ZoneInfo(name)
    local = datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)
    found = [
        (ms + ahead) % DAY // HOUR_MS
        for first, last, ahead in stretches_of(local.date(), zone)
        if first <= ms < last
    ]
    assert found == [local.hour] == [hour_of(ms, ms, zone)]


def test_counting_again_changes_nothing_and_mends_what_was_forged() -> None:
    from server import pipeline
    from server.analytics.audit import find_differences
    from server.analytics.services import TALLIES
    from server.attribution.models import Attribution

    unit, _, _ = _voted(1, 2, 3, 4, 5, 5)
    change(Attribution, unit, procedure="1.004")
    _work()
    before = [rows(model) for model in TALLIES]
    for model in TALLIES:
        model.objects.filter(unit=unit).update(n1=7)
        stray = model.objects.filter(unit=unit).get()
        for name in ("day", "first_day", "last_day", "first_month", "last_month"):
            if hasattr(stray, name):
                setattr(stray, name, date(2024, 2, 1))
        stray.save(force_insert=True)
    found = find_differences()
    assert sum("n1..n5 are 7 1 1 1 2, a recount" in sentence for sentence in found) == 10
    pipeline.rebuild(tallies_only=True)
    assert [rows(model) for model in TALLIES] == before
    _check()
