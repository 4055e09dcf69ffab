"""Lines that are stuck or noisy press nothing, and no other line notices; the rule by itself."""

from hypothesis import given
from hypothesis import strategies as st

from hardware.debounce import (
    FREED_NS,
    NOISE,
    QUIET_NS,
    REARM_NS,
    SETTLE_NS,
    STABLE_NS,
    STUCK_NS,
    Change,
    Debounce,
)

MS = 1_000_000
FOREVER = 10**18
Edge = tuple[int, int, bool]  # time, button, active


def play(all_edges: list[Edge], *, end: int = FOREVER) -> list[Change]:
    rule = Debounce((1, 2))
    changes = [c for at, button, active in sorted(all_edges) for c in rule.edge(button, active, at)]
    return changes + rule.advance(end)


def train(stretches: list[int], *, button: int, start: int = 0) -> list[Edge]:
    at, out = start, []
    for i, stretch in enumerate(stretches):
        out.append((at, button, i % 2 == 0))
        at += stretch
    return [*out, (at, button, False)] if len(stretches) % 2 else out


def of(button: int, changes: list[Change]) -> list[tuple[str, int]]:
    return [(c.kind, c.at_ns) for c in changes if c.button == button]


def noise(seconds: int, *, period: int = 12 * MS, start: int = 0) -> list[Edge]:
    return train([period // 2] * (seconds * 2_000 * MS // period), button=1, start=start)


hands = st.lists(st.integers(STABLE_NS, 300 * MS), min_size=1, max_size=12)


@given(hands, st.sampled_from([20, 100, 300, 1500]), st.integers(0, 10**9))
def test_a_noisy_line_changes_nothing_for_the_others(
    holds: list[int], microseconds: int, lag: int
) -> None:
    stretches = [s for hold in holds for s in (hold, 120 * MS)]
    hand = train(stretches, button=2, start=lag)
    chatter = train([microseconds * 1000 + i % 7 for i in range(500)], button=1)
    assert of(2, play(hand + chatter)) == of(2, play(hand))


@given(st.lists(st.integers(1, 19 * MS), min_size=600, max_size=600))
def test_a_line_that_never_rests_is_told_noisy_once_and_its_end_once(stretches: list[int]) -> None:
    kinds = [kind for kind, _ in of(1, play(train([19 * MS - s + 1 for s in stretches], button=1)))]
    assert kinds.count("noisy") == kinds.count("quiet") <= 1
    if "noisy" in kinds:
        assert "press" not in kinds[kinds.index("noisy") :]


@given(hands)
def test_a_hand_is_never_noise(holds: list[int]) -> None:
    # As fast as hands are, and three edges that count at both ends of each press.
    bounce = [5 * MS, 6 * MS]
    stretches = [s for hold in holds for s in (*bounce, hold + 30 * MS, *bounce, 60 * MS)]
    assert "noisy" not in {kind for kind, _ in of(1, play(train(stretches, button=1)))}


def test_a_line_is_noisy_when_it_makes_more_edges_than_a_hand_can_and_since_they_began() -> None:
    edges, time_ns = NOISE[0]
    fits = [time_ns // edges] * (edges - 1)
    assert ("noisy", 0) in of(1, play(train(fits, button=1)))
    slower = [stretch * 11 // 10 for stretch in fits]
    assert "noisy" not in {kind for kind, _ in of(1, play(train(slower, button=1)))}


def test_edges_that_are_one_bounce_count_once() -> None:
    one_contact = [100_000] * (int(SETTLE_NS / 100_000) - 1)
    stretches = [*one_contact, 100 * MS, *one_contact, 100 * MS] * 30
    assert "noisy" not in {kind for kind, _ in of(1, play(train(stretches, button=1)))}


def test_a_press_that_noise_overtakes_is_dropped() -> None:
    rule = Debounce((1, 2))
    for at, button, active in noise(2):
        rule.edge(button, active, at)
    rule.edge(1, True, 3_000 * MS)
    assert rule.advance(3_500 * MS) == []


def test_a_noisy_line_counts_again_after_a_quiet_while() -> None:
    chatter = noise(3)
    quiet_at = chatter[-1][0] + QUIET_NS
    early = train([50 * MS], button=1, start=quiet_at - 1)
    assert "quiet" not in {kind for kind, _ in of(1, play(chatter + early, end=quiet_at))}
    late = train([50 * MS], button=1, start=quiet_at + 1)
    assert of(1, play(chatter + late))[-3:] == [
        ("quiet", chatter[-1][0]),
        ("press", quiet_at + 1),
        ("release", quiet_at + 1 + 50 * MS),
    ]


def test_a_noisy_line_is_nobodys_other_button() -> None:
    rule = Debounce((1, 2))
    rule.edge(1, True, 0)
    rule.advance(20 * MS)
    for at, button, active in noise(2, start=21 * MS):
        rule.edge(button, active, at)
    at = 3_000 * MS
    rule.edge(1, True, at)
    rule.edge(2, True, at)
    (press,) = rule.advance(at + 20 * MS)
    assert (press.kind, press.button, press.others_down) == ("press", 2, False)


def test_a_button_held_for_an_hour_is_one_press_one_fault_and_one_end() -> None:
    hour = 3_600_000 * MS
    changes = play(train([hour], button=1))
    assert of(1, changes) == [("press", 0), ("stuck", 0), ("release", hour)]
    assert changes[-1].was_stuck


@given(st.lists(st.integers(1, FREED_NS - 1), max_size=9), st.integers(STUCK_NS, 10**12))
def test_a_stuck_button_presses_nothing_until_a_whole_second_of_release(
    rests: list[int], hold: int
) -> None:
    stretches = [hold, *(s for rest in rests for s in (rest, 40 * MS))]
    kinds = [kind for kind, _ in of(1, play(train([*stretches, 1][: len(stretches)], button=1)))]
    assert kinds == ["press", "stuck", "release"]


def test_after_that_second_it_counts_again_at_once() -> None:
    pressed = STUCK_NS + FREED_NS
    changes = play(train([STUCK_NS, FREED_NS, 50 * MS], button=1))
    assert of(1, changes)[-2:] == [("press", pressed), ("release", pressed + 50 * MS)]


def test_memory_does_not_grow_with_noise() -> None:
    rule = Debounce((1,))
    for at in range(0, 100_000 * MS, 6 * MS):
        rule.edge(1, not rule.is_active(1), at)
    assert len(rule._lines[1].moves) == max(edges for edges, _ in NOISE)


def test_a_line_apart_may_stay_down_for_ever_and_is_still_heard_when_it_chatters() -> None:
    rule = Debounce((0, 5), apart={0})
    rule.edge(0, True, 0)
    assert [c.kind for c in rule.advance(10 * STUCK_NS)] == ["press"]
    rule.edge(0, False, 10 * STUCK_NS)
    rule.edge(0, True, 10 * STUCK_NS + REARM_NS)
    assert [c.kind for c in rule.advance(FOREVER)] == ["press"]
    told = [c.kind for at, _, active in noise(2, start=FOREVER) for c in rule.edge(0, active, at)]
    assert "noisy" in told
