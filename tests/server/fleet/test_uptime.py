"""Spans of time and the uptime of a kiosk by opening hour; pure, in any time zone."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.configuration import ConfigHours
from server.fleet.uptime import (
    RETURN_MS,
    Cell,
    Heard,
    Span,
    blamed,
    instant,
    is_open,
    merge,
    open_hours,
    open_spans,
    total,
    uptime,
    within_ms,
    without,
)

VN = ZoneInfo("Asia/Ho_Chi_Minh")
# Clocks that change at midnight, by half an hour, backwards over midnight, or for Ramadan.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Ho_Chi_Minh", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe",
        "America/Havana", "Africa/Casablanca", "Asia/Beirut", "Pacific/Apia", "UTC",
    )
]  # fmt: skip
ALWAYS = (ConfigHours(days=(1, 2, 3, 4, 5, 6, 7), start="00:00", end="24:00"),)
MORNING = (ConfigHours(days=(1, 2, 3, 4, 5), start="07:30", end="11:30"),)
MONDAY = date(2026, 11, 23)
HOUR = 3_600_000

small = st.integers(0, 60)
spans = st.lists(st.tuples(small, small), max_size=8)
zones = st.sampled_from(ZONES)
days = st.dates(date(2005, 1, 1), date(2029, 12, 31))


def points(some: list[Span]) -> set[int]:
    return {point for start, end in some for point in range(start, end)}


@given(spans, spans, small, small)
def test_spans_are_sets_of_instants(
    some: list[Span], others: list[Span], low: int, high: int
) -> None:
    merged, taken = merge(some), merge(others)
    assert points(merged) == points(some)
    assert all(a[1] < b[0] for a, b in pairwise(merged))
    assert points(without(some, taken)) == points(some) - points(others)
    assert within_ms(merged, low, high) == len(points(some) & set(range(low, high)))


@given(days, zones)
def test_the_hours_of_a_day_follow_each_other_and_fill_it_whatever_the_clocks_do(
    day: date, zone: ZoneInfo
) -> None:
    edges = [instant(day, hour * 60, zone) for hour in range(25)]
    assert edges == sorted(edges)
    assert edges[24] == instant(day + timedelta(days=1), 0, zone)


@given(days, zones, st.integers(0, 1439))
def test_a_local_minute_is_the_instant_at_which_the_clock_shows_it(
    day: date, zone: ZoneInfo, minute: int
) -> None:
    shown = datetime.fromtimestamp(instant(day, minute, zone) / 1000, zone).replace(tzinfo=None)
    wanted = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    assert shown >= wanted  # later only where the clock leaves that minute out
    before = datetime.fromtimestamp(instant(day, minute, zone) / 1000 - 1, zone)
    assert shown == wanted or before.replace(tzinfo=None) < wanted


instants = st.integers(0, 4 * 86_400_000)


@settings(max_examples=60)
@given(
    st.sampled_from([(date(2026, 3, 27), "Europe/Berlin"), (date(2026, 10, 23), "Europe/Berlin"),
                     (date(2026, 9, 4), "America/Santiago"), (MONDAY, "Asia/Ho_Chi_Minh")]),
    st.lists(st.tuples(instants, instants), max_size=4),
    st.lists(st.tuples(instants, instants), max_size=3),
    instants,
    instants,
)  # fmt: skip
def test_all_cells_together_are_the_known_time_less_outages_and_the_heard_time_less_silences(
    place: tuple[date, str], quiet: list[Span], outages: list[Span], since: int, now: int
) -> None:
    first, zone = place[0], ZoneInfo(place[1])
    begin = instant(first, 0, zone)
    end = instant(first + timedelta(days=4), 0, zone)
    heard = Heard(
        merge((begin + a, begin + b) for a, b in quiet),
        merge((begin + a, begin + b) for a, b in outages),
        begin + since,
        begin + now,
    )
    table = uptime(heard, first=first, days=4, hours=ALWAYS, zone=zone)
    cells = [cell for row in table.values() for cell in row.values()]
    window = (heard.since_ms, min(heard.now_ms, end))
    known = without([window] if window[0] < window[1] else [], heard.outages)
    assert sum(cell.known_ms for cell in cells) == sum(b - a for a, b in known)
    loud = without(known, heard.quiet)
    assert sum(cell.heard_ms for cell in cells) == sum(b - a for a, b in loud)
    assert all(cell.share is None or 0 <= cell.share <= 1 for cell in cells)


def at(hour: int, minute: int = 0, day: date = MONDAY) -> int:
    return instant(day, hour * 60 + minute, VN)


def test_a_morning_with_a_silence_of_a_quarter_of_an_hour() -> None:
    heard = Heard([(at(8, 30), at(8, 45))], [], 0, at(10, 30))
    row = uptime(heard, first=MONDAY, days=1, hours=MORNING, zone=VN)[MONDAY]
    assert list(row) == [7, 8, 9, 10, 11]
    assert [row[hour].share for hour in (7, 8, 9, 10)] == [1, 0.75, 1, 1]
    assert row[7].known_ms == HOUR // 2  # open from 7:30
    assert (row[10].known_ms, row[11]) == (HOUR // 2, Cell("future"))


def test_days_before_the_enrolment_weekends_and_the_servers_own_outages_are_blank() -> None:
    heard = Heard([], [(at(8), at(10, 30))], at(7, 45), at(16))
    table = uptime(heard, first=MONDAY - timedelta(days=1), days=2, hours=MORNING, zone=VN)
    assert {cell.kind for cell in table[MONDAY - timedelta(days=1)].values()} == {"closed"}
    row = table[MONDAY]
    assert (row[8].kind, row[9].kind) == ("outage", "outage")
    assert (row[7].known_ms, row[10].known_ms) == (HOUR // 4, HOUR // 2)
    early = Heard([], [], at(9), at(16))
    assert uptime(early, first=MONDAY, days=1, hours=MORNING, zone=VN)[MONDAY][7].kind == "before"
    assert total(table) == 1.0
    assert total(uptime(early, first=MONDAY, days=0, hours=MORNING, zone=VN)) is None


def test_hours_that_nobody_chose_are_assumed() -> None:
    row = uptime(Heard([], [], 0, at(12)), first=MONDAY, days=1, hours=(), zone=VN)[MONDAY]
    assert list(row) == list(range(7, 17))
    assert is_open(at(7), hours=(), zone=VN) and not is_open(at(17), hours=(), zone=VN)
    assert not is_open(at(9, day=MONDAY - timedelta(days=1)), hours=(), zone=VN)


def test_a_holiday_is_closed_whatever_the_hours_say() -> None:
    holiday, next_day = {MONDAY}, MONDAY + timedelta(days=1)
    heard = Heard([(at(8), at(9))], [], 0, at(20, day=next_day))
    table = uptime(heard, first=MONDAY, days=2, hours=MORNING, zone=VN, holidays=holiday)
    assert {cell.kind for cell in table[MONDAY].values()} == {"closed"}
    assert total(table) == 1.0  # its silence is nobody's
    spans = open_spans(first=MONDAY, days=2, hours=MORNING, zone=VN, holidays=holiday)
    assert spans == [(at(7, 30, next_day), at(11, 30, next_day))]
    assert not is_open(at(8), hours=MORNING, zone=VN, holidays=holiday)
    assert is_open(at(8, day=next_day), hours=MORNING, zone=VN, holidays=holiday)


def test_two_stretches_may_meet_in_one_hour() -> None:
    hours = (
        ConfigHours(days=(1,), start="07:30", end="11:20"),
        ConfigHours(days=(1,), start="11:40", end="13:00"),
    )
    assert open_hours(hours) == [7, 8, 9, 10, 11, 12]
    row = uptime(Heard([], [], 0, at(20)), first=MONDAY, days=1, hours=hours, zone=VN)[MONDAY]
    assert row[11].known_ms == 40 * 60_000


@pytest.mark.parametrize(
    ("silence", "outage", "left"),
    [
        ((0, 1_000_000), None, [(0, 1_000_000)]),
        ((0, 200_000), None, [(0, 200_000)]),  # by the heartbeat of its time it was one
        ((0, 1_000_000), (10_000, 990_000), []),  # nothing but the server's outage
        # The server is back and the kiosk still waits for its next try.
        ((0, 1_000_000), (10_000, 1_000_000 - RETURN_MS), []),
        ((0, 2_000_000), (10_000, 500_000), [(0, 10_000), (500_000, 2_000_000)]),
    ],
)
def test_a_silence_during_the_servers_outage_is_not_the_kiosks(
    silence: Span, outage: Span | None, left: list[Span]
) -> None:
    assert blamed([silence], [outage] if outage else [], after_ms=218_000) == left


def test_the_clock_is_read_as_utc_where_the_zone_is_utc() -> None:
    zone = ZoneInfo("UTC")
    assert instant(MONDAY, 90, zone) == datetime(2026, 11, 23, 1, 30, tzinfo=UTC).timestamp() * 1000
