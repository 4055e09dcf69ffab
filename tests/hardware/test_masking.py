"""Lines that are stuck or noisy press nothing, and no other line notices; the rule by itself."""

from hypothesis import given
from hypothesis import strategies as st

from hardware.debounce import (
    FREED_NS,
    NOISY_NS,
    QUIET_NS,
    REARM_NS,
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


@given(st.lists(st.integers(MS, REARM_NS - 1), min_size=2), st.integers(REARM_NS, 10**9))
def test_a_line_that_never_rests_for_a_second_is_noisy_and_presses_no_more(
    some: list[int], lag: int
) -> None:
    stretches = some * (2_000 * MS // sum(some) + 1)  # two seconds of it, or more
    changes = of(1, play(train(stretches, button=1, start=lag), end=lag + sum(stretches)))
    kinds = [kind for kind, _ in changes]
    assert kinds.count("noisy") == 1
    assert kinds.count("press") <= 1  # what is never released for long is never pressed again
    assert "press" not in kinds[kinds.index("noisy") :]
    assert ("noisy", lag) in changes  # since it began


@given(st.lists(st.tuples(st.integers(0, 6 * MS), st.integers(40 * MS, 10**9)), max_size=200))
def test_a_hand_is_never_noise(presses: list[tuple[int, int]]) -> None:
    # As fast as hands are, on a contact that bounces for twelve milliseconds at both ends.
    stretches = [
        s for bounce, hold in presses for s in (bounce, bounce, hold, bounce, bounce, 60 * MS)
    ]
    assert "noisy" not in {kind for kind, _ in of(1, play(train(stretches, button=1)))}


@given(hands)
def test_no_press_of_a_hand_is_lost_or_doubled(holds: list[int]) -> None:
    stretches = [s for hold in holds for s in (2 * MS, 3 * MS, hold, 4 * MS, 1 * MS, 60 * MS)]
    kinds = [kind for kind, _ in of(1, play(train(stretches, button=1)))]
    assert kinds == ["press", "release"] * len(holds)


def test_a_flood_of_edges_however_fast_is_noise() -> None:
    for stretch in (10_000, 300_000, 2 * MS):
        edges = 2 * (NOISY_NS // stretch)
        flood = of(1, play(train([stretch] * edges, button=1)))
        assert flood == [("noisy", 0), ("quiet", (edges - 1) * stretch)]
    calm = [2 * MS] * int(NOISY_NS / (2 * MS))  # a quarter of it is calm
    assert of(1, play(train(calm, button=1))) == []


@given(st.integers(STABLE_NS, 90 * MS), st.booleans())
def test_a_flood_of_which_only_glimpses_are_seen_is_noise_and_no_press(
    unseen: int, active: bool
) -> None:
    rule = Debounce((1, 2))
    told: list[Change] = []
    for n in range(1 + 2 * NOISY_NS // unseen):
        told += rule.edge(1, active or n % 2 == 0, 10**10 + n * unseen, lost=n > 0)
    assert [change.kind for change in told] == ["noisy"]


def test_edges_lost_once_in_a_long_while_are_no_noise() -> None:
    rule = Debounce((1, 2))
    for n in range(1000):
        assert "noisy" not in {c.kind for c in rule.edge(1, n % 2 == 0, n * 10**9, lost=True)}


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
    kinds = [kind for kind, _ in of(1, play(train(stretches, button=1)))]
    assert kinds == ["press", "stuck", "release"]


def test_after_that_second_it_counts_again_at_once() -> None:
    pressed = STUCK_NS + FREED_NS
    changes = play(train([STUCK_NS, FREED_NS, 50 * MS], button=1))
    assert of(1, changes)[-2:] == [("press", pressed), ("release", pressed + 50 * MS)]


def test_a_line_apart_may_stay_down_for_ever_and_is_still_heard_when_it_chatters() -> None:
    rule = Debounce((0, 5), apart={0})
    rule.edge(0, True, 0)
    assert [c.kind for c in rule.advance(10 * STUCK_NS)] == ["press"]
    rule.edge(0, False, 10 * STUCK_NS)
    rule.edge(0, True, 10 * STUCK_NS + REARM_NS)
    assert [c.kind for c in rule.advance(FOREVER)] == ["press"]
    told = [c.kind for at, _, active in noise(2, start=FOREVER) for c in rule.edge(0, active, at)]
    assert "noisy" in told
