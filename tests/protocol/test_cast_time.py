"""protocol.md 8: when a vote was cast."""

import dataclasses
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.cast_time import Carried, CastAt, EarlierLinesNeeded, TimedLine, Timeline, cast_times
from protocol.records import Clock
from tests.protocol.section8 import by_the_page

ENROLLED = 1_000_000
RECEIVED = 9_000_000


def line(
    seq: int,
    *,
    boot: str = "a",
    mono: int = 0,
    wall: int = 0,
    sync: bool = False,
    received: int = RECEIVED,
    clock: Clock | None = None,
) -> TimedLine:
    return TimedLine(seq, boot, mono, wall, sync, received, clock)


def clock(server: int, *, rtt: int = 0, mono: int = 0) -> Clock:
    return Clock(server_ms=server, rtt_ms=rtt, wall_ms=0, mono_ms=mono)


def times(*lines: TimedLine) -> Timeline:
    return cast_times(lines, enrolled_ms=ENROLLED)


def exact(at: int) -> CastAt:
    return CastAt(at, at, "exact")


def wall(at: int) -> CastAt:
    return CastAt(at, at, "wall")


def interval(low: int, high: int) -> CastAt:
    return CastAt(low, high, "interval")


def test_exact_is_the_clocks_offset_plus_the_records_monotonic_time() -> None:
    # offset = server_ms - floor(rtt_ms / 2) - data.mono_ms = 2,000,000 - 50 - 700
    a_clock = line(1, mono=900, clock=clock(2_000_000, rtt=101, mono=700))
    found = times(a_clock, line(2, mono=1_700))
    assert found.casts == (exact(2_000_150), exact(2_000_950))
    assert found.casts[1].at_ms == 2_000_950


def test_the_newest_clock_before_a_record_is_used_else_the_first_after() -> None:
    found = times(
        line(1, mono=10),
        line(2, mono=20, clock=clock(2_000_000, mono=20)),
        line(3, mono=30),
        line(4, mono=40, clock=clock(2_000_520, mono=40)),
        line(5, mono=50),
    )
    assert [c.at_ms for c in found.casts] == [1_999_990, 2_000_000, 2_000_010, 2_000_520, 2_000_530]
    assert {c.quality for c in found.casts} == {"exact"}


def test_a_clock_of_another_boot_makes_nothing_exact() -> None:
    found = times(line(1, boot="a", clock=clock(2_000_000)), line(2, boot="b", mono=5))
    assert found.casts[1] == interval(2_000_000, RECEIVED)


def test_a_later_clock_of_the_same_boot_upgrades_earlier_records() -> None:
    early = line(1, mono=100, wall=1_500_000, sync=True)
    assert times(early).casts == (wall(1_500_000),)
    late = line(2, mono=200, clock=clock(2_000_000, mono=200))
    assert times(early, late).casts[0] == exact(1_999_900)


@pytest.mark.parametrize(
    ("refused", "received"),
    [
        (clock(2_000_000, rtt=-1), RECEIVED),
        (clock(2_000_000, rtt=10_001), RECEIVED),
        (clock(ENROLLED - 1), RECEIVED),
        (clock(2_000_001), 2_000_000),
    ],
)
def test_an_unusable_clock_is_listed_as_refused(refused: Clock, received: int) -> None:
    found = times(line(1, clock=refused, received=received))
    assert found.refused_clocks == (1,)
    assert found.casts[0].quality == "interval"


@pytest.mark.parametrize("usable", [clock(ENROLLED), clock(2_000_000, rtt=10_000), clock(RECEIVED)])
def test_a_clock_at_the_very_bounds_is_usable(usable: Clock) -> None:
    assert times(line(1, clock=usable)).refused_clocks == ()


def test_a_clock_below_an_earlier_used_one_is_refused_even_in_another_boot() -> None:
    found = times(
        line(1, boot="a", clock=clock(3_000_000)),
        line(2, boot="b", clock=clock(2_999_999)),
        line(3, boot="c", clock=clock(3_000_000)),
    )
    assert found.refused_clocks == (2,)


def test_a_refused_clock_binds_no_later_clock() -> None:
    found = times(
        line(1, clock=clock(8_000_000, rtt=99_999)), line(2, clock=clock(2_000_000, mono=0))
    )
    assert found.refused_clocks == (1,)
    assert found.casts[0] == exact(2_000_000)


@pytest.mark.parametrize("mono", [-2_000_000, 8_000_000])
def test_a_result_outside_enrolment_and_receipt_is_an_interval_not_wall(mono: int) -> None:
    found = times(line(1, clock=clock(2_000_000)), line(2, mono=mono, wall=3_000_000, sync=True))
    assert found.casts[1] == interval(2_000_000, RECEIVED)


def test_wall_time_counts_only_if_synchronised_and_within_its_bounds() -> None:
    before = line(1, boot="a", clock=clock(2_000_000))
    after = line(3, boot="c", clock=clock(4_000_000))
    for at, sync, expected in (
        (3_000_000, True, wall(3_000_000)),
        (2_000_000, True, wall(2_000_000)),
        (4_000_000, True, wall(4_000_000)),
        (3_000_000, False, interval(2_000_000, 4_000_000)),
        (1_999_999, True, interval(2_000_000, 4_000_000)),
        (4_000_001, True, interval(2_000_000, 4_000_000)),
    ):
        assert times(before, line(2, boot="b", wall=at, sync=sync), after).casts[1] == expected


def test_without_exact_neighbours_the_bounds_are_enrolment_and_receipt() -> None:
    assert times(line(1)).casts == (interval(ENROLLED, RECEIVED),)
    assert times(line(1, wall=5_000_000, sync=True)).casts == (wall(5_000_000),)
    assert times(line(1, wall=RECEIVED + 1, sync=True)).casts == (interval(ENROLLED, RECEIVED),)


def test_a_wall_record_is_no_bound_for_its_neighbours() -> None:
    found = times(line(1, wall=5_000_000, sync=True), line(2, wall=4_000_000, sync=True))
    assert found.casts == (wall(5_000_000), wall(4_000_000))


def test_the_receipt_bounds_even_where_the_next_exact_record_is_later() -> None:
    found = times(line(1, boot="a", received=3_000_000), line(2, boot="b", clock=clock(5_000_000)))
    assert found.casts[0] == interval(ENROLLED, 3_000_000)


def test_bounds_that_cross_are_listed_as_clock_stepped() -> None:
    found = times(
        line(1, boot="a", mono=0, clock=clock(2_000_000)),
        line(2, boot="a", mono=6_000_000),
        line(3, boot="b", wall=3_000_000, sync=True),
        line(4, boot="c", mono=0, clock=clock(3_000_000)),
    )
    assert found.casts[2] == interval(3_000_000, 3_000_000)
    assert found.clock_stepped == (3,)


def test_no_lines_have_no_times() -> None:
    assert times() == Timeline((), (), (), Carried())


def test_a_boot_that_ended_without_a_clock_and_returns_with_one_asks_for_the_whole() -> None:
    head = [line(1, boot="a"), line(2, boot="b", clock=clock(2_000_000))]
    settled = times(*head).settled
    assert settled.seq == 2
    assert settled.clockless == {"a"}
    tail = [line(3, boot="a", clock=clock(3_000_000))]
    with pytest.raises(EarlierLinesNeeded):
        cast_times(tail, enrolled_ms=ENROLLED, before=settled)


def test_settled_lines_are_not_timed_twice() -> None:
    settled = times(line(1, clock=clock(2_000_000))).settled
    with pytest.raises(ValueError, match="settled already"):
        cast_times([line(1)], enrolled_ms=ENROLLED, before=settled)


# --- timing the tail equals timing the whole --------------------------------------------------

CLOCKS = st.builds(
    clock,
    st.integers(ENROLLED - 10, RECEIVED + 10),
    rtt=st.sampled_from([0, 1, 40, 10_000, 10_001, -1]),
    mono=st.integers(0, 3_000_000),
)
SPANS = st.tuples(
    st.sampled_from("abcd"),
    st.integers(0, 9_000_000),
    st.integers(ENROLLED - 10, RECEIVED + 10),
    st.booleans(),
    st.integers(ENROLLED, RECEIVED),
    st.none() | CLOCKS,
)


def slowly(lines: Sequence[TimedLine]) -> list[CastAt]:
    return by_the_page(lines, enrolled_ms=ENROLLED).casts


@settings(max_examples=300)
@given(st.lists(SPANS, max_size=14), st.booleans(), st.randoms(use_true_random=False))
def test_timing_tail_by_tail_equals_timing_the_whole_and_the_page(
    spans: list[tuple[str, int, int, bool, int, Clock | None]], honest: bool, rng: random.Random
) -> None:
    if honest:  # boots follow one another and never return
        spans = sorted(spans, key=lambda span: span[0])
    lines = [TimedLine(seq, *span) for seq, span in enumerate(spans, 1)]
    whole = cast_times(lines, enrolled_ms=ENROLLED)
    slow = by_the_page(lines, enrolled_ms=ENROLLED)
    assert list(whole.casts) == slow.casts
    assert list(whole.refused_clocks) == slow.refused
    assert list(whole.clock_stepped) == slow.stepped

    known: dict[int, CastAt] = {}
    settled, sent = Carried.none(), 0
    while sent < len(lines):
        sent = rng.randint(sent + 1, len(lines))
        try:
            part = cast_times(lines[settled.seq : sent], enrolled_ms=ENROLLED, before=settled)
            known |= dict(enumerate(part.casts, settled.seq + 1))
        except EarlierLinesNeeded:
            assert not honest
            part = cast_times(lines[:sent], enrolled_ms=ENROLLED)
            known = dict(enumerate(part.casts, 1))
        settled = part.settled
        assert [known[seq] for seq in range(1, sent + 1)] == slowly(lines[:sent])
    assert [known[seq] for seq in range(1, len(lines) + 1)] == list(whole.casts)


# --- a kiosk whose clocks drift, jump and reset -----------------------------------------------


@dataclasses.dataclass
class SimulatedKiosk:
    """Truth on one side, what the kiosk believes on the other; all from one seeded generator."""

    rng: random.Random
    now: int = ENROLLED + 1
    drift_ppm: int = 0
    booted: int = 0
    boot: int = 0
    wall_error: int = 0
    sync: bool = False

    def restart(self, outage_ms: int) -> None:
        self.now += outage_ms
        self.boot += 1
        self.booted = self.now - self.rng.randint(0, 20_000)
        self.drift_ppm = self.rng.randint(-100, 100)
        self.wall_error = -self.rng.choice([0, outage_ms, 20 * 365 * 86_400_000])
        self.sync = False

    def mono(self) -> int:
        run = self.now - self.booted
        return run + run * self.drift_ppm // 1_000_000

    def record(self, seq: int, a_clock: Clock | None = None) -> TimedLine:
        wall_ms = max(0, self.now + self.wall_error)
        return TimedLine(seq, str(self.boot), self.mono(), wall_ms, self.sync, 0, a_clock)

    def ask_server(self) -> tuple[Clock, int]:
        """A clock record and how wrong its half round trip may be."""
        asked, rtt = self.mono(), self.rng.randint(0, 3_000)
        there = self.rng.randint(0, rtt)
        server_ms = self.now + there
        self.now += rtt
        rtt_ms = self.mono() - asked
        return Clock(server_ms=server_ms, rtt_ms=rtt_ms, wall_ms=0, mono_ms=asked), rtt


@settings(max_examples=150)
@given(st.integers(0, 2**32))
def test_exact_times_of_a_kiosk_with_bad_clocks_are_true_within_round_trip_and_drift(
    seed: int,
) -> None:
    rng = random.Random(seed)
    kiosk = SimulatedKiosk(rng)
    kiosk.restart(1)
    lines: list[TimedLine] = []
    truth: list[tuple[int, str]] = []  # when each line was really written, in which boot
    contacts: dict[str, list[tuple[int, int]]] = {}  # boot -> (when, round trip)
    for seq in range(1, rng.randint(2, 40)):
        kiosk.now += rng.randint(1, 3_600_000)
        what = rng.random()
        a_clock = None
        if what < 0.15:
            kiosk.restart(rng.randint(1_000, 10 * 86_400_000))
        elif what < 0.25:
            kiosk.wall_error += rng.randint(-(10**8), 10**8)  # somebody sets the wall clock
            kiosk.sync = False
        elif what < 0.3:
            kiosk.wall_error, kiosk.sync = 0, True  # a time server was reached, ours was not
        elif what < 0.4:
            a_clock, rtt = kiosk.ask_server()
            contacts.setdefault(str(kiosk.boot), []).append((kiosk.now, rtt))
        lines.append(kiosk.record(seq, a_clock))
        truth.append((kiosk.now, str(kiosk.boot)))
    received = kiosk.now + 10_000
    lines = [
        TimedLine(o.seq, o.boot, o.mono_ms, o.wall_ms, o.sync, received, o.clock) for o in lines
    ]
    found = cast_times(lines, enrolled_ms=ENROLLED)

    worst = 0  # of any exact record: what an interval beside it may be off by
    for cast, (really, boot) in zip(found.casts, truth, strict=True):
        if cast.quality != "exact":
            assert boot not in contacts
            assert cast.quality == "interval" or cast.at_ms == really
            continue
        far = max(abs(really - when) + rtt for when, rtt in contacts[boot])
        rtt = max(rtt for _, rtt in contacts[boot])
        allowed = rtt // 2 + far * 200 // 1_000_000 + 3
        worst = max(worst, allowed)
        assert cast.at_ms is not None
        assert abs(cast.at_ms - really) <= allowed
    for cast, (really, _) in zip(found.casts, truth, strict=True):
        if cast.quality == "interval":
            assert cast.low_ms - worst <= really <= cast.high_ms + worst
    assert found.refused_clocks == ()


@settings(max_examples=300)
@given(st.lists(SPANS, max_size=14))
def test_whatever_a_kiosk_says_its_times_lie_between_enrolment_and_receipt(
    spans: list[tuple[str, int, int, bool, int, Clock | None]],
) -> None:
    """Forged clocks, boots that return, a kernel that lies of its clock: the bounds are ours."""
    lines = [TimedLine(seq, *span) for seq, span in enumerate(spans, 1)]
    found = cast_times(lines, enrolled_ms=ENROLLED)
    for one, cast in zip(lines, found.casts, strict=True):
        assert ENROLLED <= cast.low_ms <= cast.high_ms <= one.received_ms
        assert cast.quality == "interval" or cast.low_ms == cast.high_ms
        assert cast.quality != "wall" or (one.sync and cast.at_ms == one.wall_ms)
    clocks = {one.seq for one in lines if one.clock is not None}
    assert set(found.refused_clocks) <= clocks


@settings(max_examples=150)
@given(st.integers(0, 2**32))
def test_an_honest_kiosk_whose_lines_come_when_they_may_is_timed_truly(seed: int) -> None:
    """As above, but lines are received in batches at contacts: a receipt is close to its lines."""
    rng = random.Random(seed)
    kiosk = SimulatedKiosk(rng)
    kiosk.restart(1)
    waiting: list[tuple[TimedLine, int]] = []
    heard: list[tuple[TimedLine, int]] = []  # the line with its receipt, and when it was written
    contacts: dict[str, list[tuple[int, int]]] = {}

    def send() -> None:
        received = kiosk.now + rng.randint(0, 2_000)
        heard.extend(
            (TimedLine(o.seq, o.boot, o.mono_ms, o.wall_ms, o.sync, received, o.clock), really)
            for o, really in waiting
        )
        waiting.clear()

    for seq in range(1, rng.randint(2, 40)):
        kiosk.now += rng.choice([1, 500, 60_000, 3_600_000])
        what = rng.random()
        a_clock = None
        if what < 0.15:
            kiosk.restart(rng.randint(1_000, 10 * 86_400_000))
        elif what < 0.25:
            kiosk.wall_error, kiosk.sync = rng.randint(-(10**8), 10**8), False
        elif what < 0.45:
            a_clock, rtt = kiosk.ask_server()
            contacts.setdefault(str(kiosk.boot), []).append((kiosk.now, rtt))
        waiting.append((kiosk.record(seq, a_clock), kiosk.now))
        if what > 0.85 or a_clock is not None:
            send()
    send()
    found = cast_times([o for o, _ in heard], enrolled_ms=ENROLLED)
    assert found.refused_clocks == ()

    def allowed(boot: str, really: int) -> int:
        known = contacts.get(boot, [])
        far = max((abs(really - when) + rtt for when, rtt in known), default=0)
        return max((rtt for _, rtt in known), default=0) // 2 + far * 200 // 1_000_000 + 3

    worst = max(allowed(o.boot, really) for o, really in heard)
    for (one, really), cast in zip(heard, found.casts, strict=True):
        if cast.quality == "exact":
            assert abs(cast.low_ms - really) <= allowed(one.boot, really)
        else:
            assert cast.low_ms - worst <= really <= cast.high_ms + worst
            late = one.received_ms - really <= worst or really - ENROLLED <= worst
            assert late or one.boot not in contacts
