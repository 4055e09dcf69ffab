"""Where kiosks stand is a deed, and the table says nothing else."""

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.fleet.stays import Stay, joined, replaced
from tests.server.kiosks import T0
from tests.server.votes.river import new_unit

HOUR = 3_600_000


def made(unit: str, number: int = 1) -> str:
    from server.fleet.services import make_kiosk

    return str(make_kiosk(counter=f"{unit}-{number}", now_ms=T0, by="anna").id)


def place(kiosk: str, counter: str, from_ms: int, to_ms: int | None = None) -> None:
    from server.fleet.services import place_kiosk

    place_kiosk(
        kiosk=kiosk, counter=counter, from_ms=from_ms, to_ms=to_ms, by="anna",
        now_ms=T0 + 9 * HOUR,
    )  # fmt: skip


def stays(kiosk: str) -> list[tuple[str, int, int | None]]:
    from server.fleet.models import Placement

    rows = Placement.objects.filter(kiosk=kiosk).order_by("started_ms")
    return list(rows.values_list("counter", "started_ms", "ended_ms"))


def checked() -> int:
    from server.console.check import main

    return main(argparse.Namespace())


def test_a_new_kiosk_and_each_move_is_a_deed() -> None:
    from protocol.server_record import read_server_record
    from server.ledger.selectors import deeds_by_type

    unit = new_unit()
    kiosk = made(unit)
    place(kiosk, f"{unit}-2", T0 + HOUR)
    place(kiosk, "", T0 + 2 * HOUR, T0 + 3 * HOUR)
    told = [read_server_record(body).data for *_, body in deeds_by_type("placed")]
    assert [(deed["counter"], deed["from_ms"], deed["to_ms"]) for deed in told] == [
        (f"{unit}-1", T0, None),
        (f"{unit}-2", T0 + HOUR, None),
        (None, T0 + 2 * HOUR, T0 + 3 * HOUR),
    ]
    assert stays(kiosk) == [
        (f"{unit}-1", T0, T0 + HOUR),
        (f"{unit}-2", T0 + HOUR, T0 + 2 * HOUR),
        (f"{unit}-2", T0 + 3 * HOUR, None),
    ]
    assert checked() == 0


def test_a_placement_changed_in_its_table_is_named_by_check(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from server.fleet.models import Placement

    kiosk = made(new_unit())
    Placement.objects.update(started_ms=T0 - HOUR)
    assert checked() == 1
    assert f"Where kiosk {kiosk} stood is not what the log" in capsys.readouterr().out


def test_votes_and_duties_follow_a_move_that_is_entered_late() -> None:
    from server import pipeline
    from server.attribution.models import Attribution
    from tests.server.votes.river import enrol

    unit = new_unit()
    kiosk = made(unit)
    station = enrol(kiosk, unit, f"{unit}-1", enrolled_ms=T0 - HOUR)
    station.kiosk.clock()
    station.kiosk.duty("CB-1")
    station.kiosk.vote()
    station.send()

    def where() -> list[tuple[str, str]]:
        pipeline.run_until_done()
        return list(Attribution.objects.values_list("counter", "official"))

    assert where() == [(f"{unit}-1", "CB-1")]
    place(kiosk, f"{unit}-2", T0)
    assert where() == [(f"{unit}-2", "CB-1")]
    place(kiosk, "", T0, T0 + HOUR)
    assert where() == [("", "")]
    place(kiosk, f"{unit}-1", T0, T0 + 2 * HOUR)
    assert where() == [(f"{unit}-1", "CB-1")]


def test_a_vote_of_uncertain_time_follows_a_move_within_that_time() -> None:
    from server import pipeline
    from server.attribution.models import Attribution
    from tests.server.votes.river import enrol

    unit = new_unit()
    kiosk = made(unit)
    place(kiosk, f"{unit}-2", T0 + 2 * HOUR)
    station = enrol(kiosk, unit, f"{unit}-1", enrolled_ms=T0)
    station.kiosk.sync = False
    station.kiosk.vote()
    station.send(T0 + 4 * HOUR)

    def where() -> list[str]:
        pipeline.run_until_done()
        return list(Attribution.objects.values_list("counter", flat=True))

    assert where() == [""]  # counter 1 or 2, for the clock did not tell
    place(kiosk, f"{unit}-1", T0 + 2 * HOUR)
    assert where() == [f"{unit}-1"]


@pytest.mark.parametrize(
    ("kiosk", "counter", "from_ms", "to_ms", "match"),
    [
        ("k-none", "u-1", T0, None, "no kiosk"),
        (None, "elsewhere", T0, None, "no counter of unit"),
        (None, None, T0, T0, "before it ends"),
        (None, None, T0 + 10 * HOUR, None, "future"),
        (None, None, T0, T0 + 10 * HOUR, "future"),
    ],
)
def test_what_is_no_placement(
    kiosk: str | None, counter: str | None, from_ms: int, to_ms: int | None, match: str
) -> None:
    from server.fleet.errors import FleetError

    unit = new_unit()
    known = made(unit)
    before = stays(known)
    with pytest.raises(FleetError, match=match):
        place(kiosk or known, counter or f"{unit}-2", from_ms, to_ms)
    assert stays(known) == before


def test_the_upgrade_tells_the_log_where_the_kiosks_stood_before_it() -> None:
    import importlib

    from django.apps import apps

    from server.fleet.models import Placement
    from server.fleet.placed import find_differences
    from tests.server.votes.river import new_station

    unit = new_unit()
    station = new_station(unit)
    Placement.objects.update(ended_ms=T0)
    Placement.objects.create(
        kiosk_id=station.kiosk.kiosk, unit=unit, counter=f"{unit}-2", started_ms=T0
    )
    assert checked() == 0
    importlib.import_module("server.fleet.migrations.0006_placed").tell_placements(apps, None)
    assert find_differences() == []
    Placement.objects.filter(ended_ms=None).update(counter=f"{unit}-1")
    assert len(find_differences()) == 1


ENDS = st.none() | st.integers(1, 30)


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.integers(0, 25), ENDS), max_size=8))
def test_each_instant_is_what_was_said_of_it_last(said: list[tuple[str, int, int | None]]) -> None:
    told = [Stay(c, low, None if long is None else low + long) for c, low, long in said]
    found: list[Stay] = []
    for stay in told:
        found = replaced(found, stay)
    instants = [
        next((s.counter for s in reversed(told) if s.meets(Stay("", ms, ms + 1))), "")
        for ms in range(60)
    ]
    for stays_ in (found, joined(found)):
        assert [
            next((s.counter for s in stays_ if s.meets(Stay("", ms, ms + 1))), "")
            for ms in range(60)
        ] == instants
        assert sum(stay.to_ms is None for stay in stays_) <= 1
