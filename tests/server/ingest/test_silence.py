"""When a kiosk counts as silent: written down by the contact that ends it, kept over restarts."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.fleet.uptime import SEEN_EVERY_MS, excused, is_silent, silent_after_ms
from tests.server.kiosks import T0
from tests.server.votes.river import Station, new_station, new_unit

MINUTE = 60_000
AFTER = silent_after_ms(60)


@pytest.fixture
def station() -> Station:
    return new_station(new_unit(), enrolled_ms=T0)


def heartbeat(station: Station, at_ms: int, *, head: int = 0) -> None:
    from server.ingest.services import accept_lines

    paper = station.kiosk
    accept_lines(journal=paper.journal, head_note=paper.head(head), body=b"", now_ms=at_ms)


def silences() -> list[tuple[int, int]]:
    from server.fleet.models import Silence

    return list(Silence.objects.order_by("started_ms").values_list("started_ms", "ended_ms"))


def seen(station: Station) -> int:
    from server.ingest.models import Journal

    return int(Journal.objects.get(journal=station.kiosk.journal).seen_ms)


def publish(kiosk: str, version: int, heartbeat_s: int, made_ms: int) -> None:
    from server.fleet.models import Configuration

    Configuration.objects.create(
        kiosk_id=kiosk, version=version, body=b"{}", note=b"", made_ms=made_ms,
        heartbeat_s=heartbeat_s,
    )  # fmt: skip


def test_three_missed_heartbeats_are_a_silence_and_two_are_none(station: Station) -> None:
    heartbeat(station, T0 + MINUTE)
    heartbeat(station, T0 + MINUTE + AFTER)
    assert silences() == []
    last = T0 + MINUTE + AFTER
    heartbeat(station, last + AFTER + 1)
    assert silences() == [(last, last + AFTER + 1)]


def test_a_kiosk_that_beats_as_late_as_it_may_is_never_silent(station: Station) -> None:
    """A tenth late three times, and the contact before was too close to the one before to move
    *last seen*."""
    heartbeat(station, T0 + MINUTE)
    heartbeat(station, T0 + MINUTE + SEEN_EVERY_MS)
    heartbeat(station, T0 + MINUTE + SEEN_EVERY_MS + 3 * 66_000)
    assert silences() == []


def test_votes_end_a_silence_as_a_heartbeat_does(station: Station) -> None:
    heartbeat(station, T0 + MINUTE)
    station.kiosk.vote()
    station.send(T0 + 60 * MINUTE)
    assert silences() == [(T0 + MINUTE, T0 + 60 * MINUTE)]
    assert seen(station) == T0 + 60 * MINUTE


def test_a_heartbeat_of_an_hour_is_waited_for(station: Station) -> None:
    publish(station.kiosk.kiosk, 1, 3600, T0)
    heartbeat(station, T0 + MINUTE)
    heartbeat(station, T0 + MINUTE + 3 * 3_600_000)
    assert silences() == []
    heartbeat(station, T0 + MINUTE + 7 * 3_600_000)
    assert len(silences()) == 1


def test_a_kiosk_is_not_blamed_for_a_heartbeat_that_it_had_not_heard_of(station: Station) -> None:
    publish(station.kiosk.kiosk, 1, 3600, T0)
    heartbeat(station, T0 + MINUTE)
    publish(station.kiosk.kiosk, 2, 60, T0 + 2 * MINUTE)
    heartbeat(station, T0 + 61 * MINUTE)
    assert silences() == []
    heartbeat(station, T0 + 121 * MINUTE)
    assert silences() == [(T0 + 61 * MINUTE, T0 + 121 * MINUTE)]


def test_last_seen_moves_forward_only(station: Station) -> None:
    heartbeat(station, T0 + 10 * MINUTE)
    station.kiosk.vote()
    station.send(T0 + MINUTE)  # the server's clock was put back
    heartbeat(station, T0 + 2 * MINUTE, head=1)
    assert seen(station) == T0 + 10 * MINUTE


def test_a_request_repeated_by_somebody_keeps_no_kiosk_alive_and_ends_no_silence(
    station: Station,
) -> None:
    from server.ingest import journals
    from server.ingest.services import accept

    def beat_signed(at_ms: int, signed_ms: int) -> None:
        note = station.kiosk.head(0)
        key = journals.find_journal(station.kiosk.journal)
        accept(key, journals.read_head(key, note), note, b"", at_ms, signed_ms=signed_ms)

    first = T0 + MINUTE
    beat_signed(first, signed_ms=first - 7)
    beat_signed(first + MINUTE, signed_ms=first - 7)
    assert seen(station) == first
    beat_signed(first + AFTER + 1, signed_ms=first - 7)
    assert (seen(station), silences()) == (first, [])
    beat_signed(first + AFTER + 2, signed_ms=first + AFTER)
    assert silences() == [(first, first + AFTER + 2)]


def test_a_kiosk_that_is_told_gap_or_fork_was_heard_all_the_same(station: Station) -> None:
    from server.ingest.journals import Refused

    station.kiosk.vote()
    with pytest.raises(Refused, match="gap"):
        heartbeat(station, T0 + 60 * MINUTE, head=1)
    assert silences() == [(T0, T0 + 60 * MINUTE)] or seen(station) == T0 + 60 * MINUTE
    other = Station(station.kiosk.branch(0), station.unit, station.counter)
    other.kiosk.vote(1)
    station.send(T0 + 61 * MINUTE)
    for at_ms in (T0 + 62 * MINUTE, T0 + 63 * MINUTE):
        with pytest.raises(Refused, match="fork"):
            other.send(at_ms)
    assert seen(station) == T0 + 63 * MINUTE


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 400_000), min_size=1, max_size=12))
def test_the_silences_written_are_the_gaps_between_contacts_that_were_too_long(
    gaps: list[int],
) -> None:
    from server.fleet.models import Silence

    station = new_station(new_unit(), enrolled_ms=T0)
    at_ms, known, wanted = T0, T0, []
    heartbeat(station, T0 + SEEN_EVERY_MS + 1)
    at_ms = known = T0 + SEEN_EVERY_MS + 1
    for gap in gaps:
        at_ms += gap
        if at_ms - known > AFTER:
            wanted.append((known, at_ms))
        if at_ms - known > SEEN_EVERY_MS:
            known = at_ms
        heartbeat(station, at_ms)
    rows = Silence.objects.filter(kiosk=station.kiosk.kiosk).order_by("started_ms")
    assert list(rows.values_list("started_ms", "ended_ms")) == wanted


# The server's own outages


def beat(*, now_ms: int) -> None:
    from server.fleet import health

    health.beat(now_ms=now_ms)


def outages(*, since_ms: int, now_ms: int) -> list[tuple[int, int]]:
    from server.fleet import health

    return health.outages(since_ms=since_ms, now_ms=now_ms)


def test_a_gap_in_the_servers_own_trace_is_an_outage() -> None:
    for at_ms in (T0, T0 + 10_000, T0 + 70_000):
        beat(now_ms=at_ms)
    assert outages(since_ms=0, now_ms=T0 + 75_000) == []
    beat(now_ms=T0 + 131_000)
    assert outages(since_ms=0, now_ms=T0 + 131_000) == [(T0 + 70_000, T0 + 131_000)]
    assert outages(since_ms=T0 + 131_000, now_ms=T0 + 131_000) == []


def test_an_outage_counts_before_anybody_has_written_it_down() -> None:
    beat(now_ms=T0)
    assert outages(since_ms=0, now_ms=T0 + 60_000) == []
    assert outages(since_ms=0, now_ms=T0 + 3_600_000) == [(T0, T0 + 3_600_000)]


def test_a_clock_put_back_is_no_outage_and_stops_nothing() -> None:
    beat(now_ms=T0 + 3_600_000)
    beat(now_ms=T0)
    beat(now_ms=T0 + 10_000)
    assert outages(since_ms=0, now_ms=T0 + 20_000) == []
    beat(now_ms=T0 + 100_000)
    beat(now_ms=T0)  # and again over the same gap
    beat(now_ms=T0 + 10_000)
    beat(now_ms=T0 + 100_000)
    assert outages(since_ms=0, now_ms=T0 + 100_000) == [(T0 + 10_000, T0 + 100_000)]


def test_two_workers_write_one_outage() -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    from server.fleet.models import Outage

    beat(now_ms=T0)

    def one(_: Any) -> None:
        beat(now_ms=T0 + 600_000)
        connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    assert Outage.objects.count() == 1


def test_a_silence_through_the_servers_outage_is_not_now_the_kiosks() -> None:
    back = T0 + 3_600_000
    free = excused([(T0, back)])
    assert not is_silent(seen_ms=T0, heartbeat_s=60, now_ms=back + MINUTE, free=free)
    assert is_silent(seen_ms=T0, heartbeat_s=60, now_ms=back + 600_000, free=free)
    assert is_silent(seen_ms=T0, heartbeat_s=60, now_ms=back, free=[])
