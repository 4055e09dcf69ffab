"""The rule by itself: trains of edges with made-up times."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from hardware.debounce import FREED_NS, REARM_NS, STABLE_NS, STUCK_NS, Change, Debounce

MS = 1_000_000
FOREVER = 10**18

# Around the two thresholds, where the rule can be wrong, and far from them.
durations = st.one_of(
    st.integers(1, 60 * MS),
    st.sampled_from(
        [STABLE_NS - 1, STABLE_NS, STABLE_NS + 1, REARM_NS - 1, REARM_NS, REARM_NS + 1]
    ),
)
glitches = st.integers(1, STABLE_NS - 1)
gaps = st.integers(1, REARM_NS - 1)
trains = st.lists(durations, max_size=30)  # active, released, active, …
Edge = tuple[int, int, bool]  # time, button, active


def edges(train: list[int], *, button: int = 1, start: int = 0) -> list[Edge]:
    at, active, out = start, True, []
    for duration in train:
        out.append((at, button, active))
        at, active = at + duration, not active
    return [*out, (at, button, False)] if not active else out


def play(all_edges: list[Edge], polls: Sequence[int] = (), *, end: int = FOREVER) -> list[Change]:
    rule = Debounce({b for _, b, _ in all_edges} or {1})
    steps = sorted([(t, 1, b, a) for t, b, a in all_edges] + [(t, 0, 0, False) for t in polls])
    changes = []
    for at, is_edge, button, active in steps:
        changes += rule.edge(button, active, at) if is_edge else rule.advance(at)
    return changes + rule.advance(end)


def presses(changes: list[Change]) -> list[Change]:
    return [c for c in changes if c.kind == "press"]


def expected_starts(train: list[int]) -> list[int]:
    """The rule in other words: on whole stretches instead of edges and deadlines."""
    armed, at, starts = True, 0, []
    for i, duration in enumerate(train):
        if i % 2 == 0 and armed and duration >= STABLE_NS:
            starts.append(at)
            armed = False
        elif i % 2 == 1 and duration >= REARM_NS:
            armed = True
        at += duration
    return starts


@given(trains)
def test_a_train_gives_the_presses_that_its_stretches_say(train: list[int]) -> None:
    if len(train) % 2 == 0:
        train = train[:-1]  # ends released for good
    assert [p.at_ns for p in presses(play(edges(train)))] == expected_starts(train)


@given(st.lists(st.tuples(glitches, gaps), max_size=8), st.integers(STABLE_NS, 40 * MS),
       st.lists(st.tuples(gaps, durations), max_size=8))  # fmt: skip
def test_a_press_with_chatter_at_both_ends_is_exactly_one(
    before: list[tuple[int, int]], hold: int, after: list[tuple[int, int]]
) -> None:
    lead = [d for pair in before for d in pair]
    train = [*lead, hold, *(d for pair in after for d in pair)]
    found = presses(play(edges(train)))
    assert [p.at_ns for p in found] == [sum(lead)]  # the start of the stable stretch


@given(st.lists(st.tuples(glitches, st.integers(1, 10**9)), min_size=1))
def test_glitches_are_no_press(train: list[tuple[int, int]]) -> None:
    assert presses(play(edges([d for pair in train for d in pair][:-1]))) == []


@given(st.integers(STABLE_NS, 10**13))
def test_a_held_button_is_one_press(hold: int) -> None:
    assert len(presses(play(edges([hold])))) == 1


@given(trains, trains, trains, st.lists(st.integers(0, 10**9), max_size=40))
def test_how_often_one_looks_changes_nothing(
    one: list[int], two: list[int], three: list[int], polls: list[int]
) -> None:
    trains_edges = (edges(t, button=b, start=b * 3 * MS) for b, t in enumerate((one, two, three)))
    all_edges = [e for train_edges in trains_edges for e in train_edges]
    assert play(all_edges, polls) == play(all_edges)


@given(trains, trains, st.integers(0, 100 * MS))
def test_of_buttons_down_at_once_only_the_first_is_alone(
    one: list[int], two: list[int], lag: int
) -> None:
    changes = play(edges(one, button=1) + edges(two, button=2, start=lag), end=10**10)
    down: set[int] = set()
    for change in changes:
        if change.kind == "press":
            assert change.others_down == bool(down)
            down.add(change.button)
        else:
            down.discard(change.button)


@given(trains)
def test_every_contact_is_a_press_or_a_bounce(train: list[int]) -> None:
    rule = Debounce([1])
    for at, button, active in edges(train):
        rule.edge(button, active, at)
    rule.advance(FOREVER)
    contacts = (len(train) + 1) // 2
    assert rule.presses(1) + rule.bounces(1) == contacts


def test_ten_milliseconds_are_a_press_and_a_nanosecond_less_is_none() -> None:
    assert len(presses(play(edges([STABLE_NS])))) == 1
    assert presses(play(edges([STABLE_NS - 1]))) == []


def test_a_button_that_was_down_at_the_start_counts_only_after_its_release() -> None:
    rule = Debounce([1], held={1}, now_ns=5)
    assert rule.advance(100 * MS) == []
    rule.edge(1, False, 200 * MS)
    rule.edge(1, True, 300 * MS)
    assert [c.kind for c in rule.advance(400 * MS)] == ["press"]


def test_a_stuck_button_is_told_once_and_stops_standing_in_the_way() -> None:
    rule = Debounce([1, 2])
    rule.edge(1, True, 0)
    assert [c.kind for c in rule.advance(STUCK_NS)] == ["press", "stuck"]
    rule.edge(2, True, STUCK_NS + MS)
    assert not rule.advance(STUCK_NS + 20 * MS)[0].others_down
    rule.edge(1, False, STUCK_NS + 30 * MS)
    assert rule.advance(STUCK_NS + 29 * MS + FREED_NS) == []  # not yet for long enough
    release = rule.advance(2 * STUCK_NS)[0]
    assert (release.kind, release.button, release.was_stuck) == ("release", 1, True)


def test_a_report_from_before_the_last_edge_changes_nothing_that_was() -> None:
    rule = Debounce([1])
    rule.edge(1, True, 100 * MS)
    rule.edge(1, False, 50 * MS)
    assert rule.advance(FOREVER) == []
    assert rule.bounces(1) == 1


def test_there_is_no_deadline_while_nothing_is_undecided() -> None:
    rule = Debounce([1, 2])
    assert rule.deadline() is None
    rule.edge(2, True, 7)
    assert rule.deadline() == 7 + STABLE_NS


def test_a_line_apart_debounces_as_all_others_and_is_nobodys_other_button() -> None:
    rule = Debounce((0, 5), apart={0})
    rule.edge(0, True, 0)
    rule.edge(5, True, 5 * MS)
    pressed = rule.advance(40 * MS)
    assert [(c.button, c.others_down) for c in pressed] == [(0, False), (5, False)]
    rule.edge(5, False, 50 * MS)
    rule.edge(0, False, 60 * MS)
    rule.advance(100 * MS)
    rule.edge(5, True, 110 * MS)
    rule.edge(0, True, 115 * MS)
    later = rule.advance(200 * MS)
    assert [(c.button, c.others_down) for c in later] == [(5, False), (0, True)]
