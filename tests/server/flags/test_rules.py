"""The rules: what they doubt, what they hold, and that nobody can use them against another."""

import random
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.flags.rules import Flags, KioskDay, crowds, flag_day, is_over_served, odd_votes

pytestmark = pytest.mark.one_database
NINE = 1_763_776_800_000
DAYS = st.lists(
    st.tuples(st.sampled_from([0, 900, 4_000, 11_000, 30_000, 90_000, 700_000]), st.integers(1, 5)),
    max_size=40,
)


def day(presses: list[tuple[int, int]], **more: object) -> KioskDay:
    """presses: gap to the one before, and rating."""
    times = list(accumulate((gap for gap, _ in presses), initial=NINE))[1:]
    return KioskDay(times, [rating for _, rating in presses], **more)  # type: ignore[arg-type]


def held(found: Flags) -> set[int]:
    return {at for at, flags in found.items() if any(flags.values())}


def named(found: Flags, flag: str) -> list[int]:
    return sorted(at for at, flags in found.items() if flag in flags)


@pytest.mark.parametrize("rating", [1, 5])
@pytest.mark.parametrize("seed", range(20))
def test_a_family_of_seven_that_votes_at_once_passes(rating: int, seed: int) -> None:
    dice = random.Random(seed)
    family = day([(dice.randint(25_000, 60_000), rating) for _ in range(7)])
    assert flag_day(family) == {}
    assert crowds(family.times) == []


def test_a_family_of_seven_passes_even_if_it_votes_like_a_clock() -> None:
    assert all(flag_day(day([(gap, 5)] * 7)) == {} for gap in range(25_000, 60_001, 500))


def test_a_thumb_that_mashes_is_counted_once() -> None:
    found = flag_day(day([(1_100 + at % 3 * 140, 5) for at in range(30)]))
    assert held(found) == set(range(1, 30))
    assert named(found, "burst") == list(range(30))


def test_whoever_mashes_around_an_angry_citizens_vote_does_not_hold_it() -> None:
    for place in range(10):
        ratings = [5] * 10
        ratings[place] = 1
        assert place not in held(flag_day(day([(1_500, rating) for rating in ratings])))


def test_whoever_mashes_the_angry_citizens_own_rating_leaves_one_of_it() -> None:
    found = flag_day(day([(1_500, 1)] * 10))
    assert len(set(range(10)) - held(found)) == 1


@given(DAYS)
def test_of_votes_that_stand_together_one_of_each_rating_is_counted(
    presses: list[tuple[int, int]],
) -> None:
    found = flag_day(day(presses))
    counted = {rating for at, (_, rating) in enumerate(presses) if at not in held(found)}
    assert counted == {rating for _, rating in presses}


@given(DAYS, st.permutations([1, 2, 3, 4, 5]))
def test_what_is_held_does_not_depend_on_which_ratings_were_good(
    presses: list[tuple[int, int]], names: list[int]
) -> None:
    other = [(gap, names[rating - 1]) for gap, rating in presses]
    assert flag_day(day(presses)) == flag_day(day(other))


@given(DAYS, DAYS)
def test_a_day_more_than_an_hour_later_changes_nothing(
    early: list[tuple[int, int]], late: list[tuple[int, int]]
) -> None:
    before = flag_day(day(early))
    both = flag_day(day([*early, (3_700_000, 3), *late]))
    assert {at: flags for at, flags in both.items() if at < len(early)} == before


@given(st.lists(st.integers(12_000, 290_000), max_size=60), st.integers(1, 5))
def test_a_slow_queue_is_held_only_by_rhythm_or_burst(gaps: list[int], rating: int) -> None:
    found = flag_day(day([(gap, rating) for gap in gaps]))
    assert {flag for flags in found.values() for flag in flags} <= {"burst", "rhythm"}


def test_honest_votes_by_chance_are_as_good_as_never_held() -> None:
    dice, held_ones = random.Random(7), 0
    for _ in range(400):  # days of some 100 votes
        gaps = [10_000 + round(dice.expovariate(1 / 280_000)) for _ in range(100)]
        held_ones += len(held(flag_day(day([(gap, dice.randint(1, 5)) for gap in gaps]))))
    assert held_ones <= 4  # of 40,000


def test_a_patient_machine_is_found_by_its_rhythm() -> None:
    found = flag_day(day([(45_000 + at % 2 * 300, 5) for at in range(12)]))
    assert named(found, "rhythm") == list(range(12))
    assert held(found) == set(range(1, 12))
    assert flag_day(day([(45_000 + at * 2_000, 5) for at in range(12)])) == {}


def test_appointments_every_five_minutes_are_no_machine() -> None:
    assert flag_day(day([(300_000, 4)] * 12)) == {}


def test_a_vote_long_after_closing_is_held_and_one_of_the_last_served_is_not() -> None:
    hours = [(NINE, NINE + 3_600_000), (NINE + 7_200_000, NINE + 9_000_000)]
    votes = [(0, 5), (3_599_000, 1), (1_000, 2), (3_600_000, 3), (1_800_000, 4)]
    found = flag_day(day(votes, open=hours))
    assert named(found, "after-hours") == [2, 4] and held(found) == {2, 4}
    assert named(flag_day(day(votes, open=[])), "after-hours") == [0, 1, 2, 3, 4]
    assert flag_day(day(votes, open=None)) == {}


def test_votes_as_soon_as_an_official_signed_in_are_flagged_and_counted() -> None:
    found = flag_day(day([(0, 5), (21_000, 4), (40_000, 5)], sign_ins=[NINE + 1, NINE + 45_000]))
    assert named(found, "sign-in-edge") == [2] and held(found) == set()


def test_a_crowd_of_one_mind_is_flagged_and_counted() -> None:
    usual = (30, 60, 100, 290, 520)
    crowd = [1] * 12
    times = [NINE + at * 31_000 + at * at * 900 for at in range(12)]
    (found,) = crowds(times)
    assert odd_votes(crowd, [found], usual) == list(range(12))
    assert odd_votes([5, 4, 5, 5, 3, 4, 5, 5, 4, 5, 2, 5], [found], usual) == []
    assert odd_votes(crowd, [found], (1, 1, 1, 20, 30)) == []  # too little to know what is usual
    assert odd_votes(crowd, [found], (0, 0, 0, 0, 0)) == []
    assert not any(any(flags.values()) for flags in flag_day(KioskDay(times, crowd)).values())


@pytest.mark.parametrize(
    ("votes", "served", "over"),
    [(0, 0, False), (1, 0, False), (2, 0, True), (12, 11, False), (13, 11, True),
     (50, None, False), (50, -3, False)],
)  # fmt: skip
def test_more_votes_than_citizens_served_and_one(
    votes: int, served: int | None, over: bool
) -> None:
    assert is_over_served(votes, served) is over


def test_no_votes_one_vote_and_all_at_one_instant() -> None:
    assert flag_day(day([])) == {} and flag_day(day([(5, 3)])) == {}
    found = flag_day(KioskDay([NINE] * 9, [3] * 9))
    assert held(found) == set(range(1, 9))


@pytest.mark.parametrize("rating", [1, 2, 3, 4, 5])
def test_whoever_presses_right_after_a_citizen_cannot_tell_from_the_counts_what_they_gave(
    rating: int,
) -> None:
    counted = {
        2 - len(held(flag_day(day([(0, citizens), (7_000, rating)])))) for citizens in range(1, 6)
    }
    assert counted == {2}
