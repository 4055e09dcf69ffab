"""The rhythm of honest crowds, patient thumbs, and a family of seven."""

import random

import pytest
from scipy import stats

from server.analytics.methods.ears import Method, ears
from server.analytics.methods.rhythm import (
    bursts,
    dispersion_index,
    even_gaps,
    gap_variation,
    level_mix,
    runs_test,
)
from tests.server.analytics.methods.vectors import vectors

pytestmark = pytest.mark.one_database
PUBLISHED = vectors("rhythm")
MINUTE = 60_000


def crowd(seed: int, votes: int = 200) -> list[int]:
    """Times of votes that come by chance, one in five minutes."""
    drawn, at, times = random.Random(seed), 0.0, []
    for _ in range(votes):
        at += drawn.expovariate(1 / (5 * MINUTE))
        times.append(round(at))
    return times


def test_rs_runs_test_is_met() -> None:
    row = PUBLISHED["runs_test"]
    found = runs_test([bool(x) for x in row["x"]])
    assert found.value == pytest.approx(row["z_twosided_no_continuity"], abs=1e-5)
    assert found.p == pytest.approx(row["p"], abs=1e-6)


def test_runs_tell_heaps_from_alternation() -> None:
    heaps, turns = runs_test([True] * 20 + [False] * 20), runs_test([True, False] * 20)
    assert heaps.value is not None and heaps.value < -5
    assert turns.value is not None and turns.value > 5


@pytest.mark.parametrize("method", ["C1", "C2"])
def test_ears_bounds_and_alarms_of_rs_surveillance_are_met(method: Method) -> None:
    row = PUBLISHED["ears"]
    found = ears(row["observed"], method)[row["first"] : row["first"] + 41]
    assert [day.bound for day in found] == pytest.approx(row[method]["bounds"], rel=1e-9)
    assert [i for i, day in enumerate(found) if day.alarm] == row[method]["alarms"]


def test_ears_without_a_week_of_history_has_no_bound() -> None:
    assert [day.bound is None for day in ears([1] * 10, "C1")] == [True] * 7 + [False] * 3
    assert [day.bound is None for day in ears([1] * 10, "C2")] == [True] * 9 + [False]
    assert ears([], "C1") == []


def test_five_votes_in_twenty_seconds_are_a_burst_and_four_are_none() -> None:
    assert bursts([0, 5_000, 10_000, 15_000, 20_000]) == [True] * 5
    assert bursts([0, 5_000, 10_000, 15_000, 20_001]) == [False] * 5
    assert bursts([0, 1, 2, 3]) == [False] * 4


def test_a_family_of_seven_that_votes_one_after_the_other_is_no_burst() -> None:
    for pace in (25_000, 40_000, 60_000):
        assert not any(bursts([turn * pace for turn in range(7)]))


def test_nine_votes_in_two_and_a_half_minutes_are_a_burst_within_a_quiet_day() -> None:
    quiet = [-100 * MINUTE, -50 * MINUTE]
    found = bursts([*quiet, *(turn * 18_000 for turn in range(9)), 60 * MINUTE])
    assert found == [False, False, *[True] * 9, False]


def test_bursts_by_chance_are_as_rare_as_the_rule_says() -> None:
    # Of 12 votes in 8 hours, by chance 4 more within 20 s, or 8 more within 150 s, of one.
    rate = 12 / (8 * 3600)
    assert stats.poisson.sf(3, rate * 20) == pytest.approx(2e-10, rel=0.05)
    assert stats.poisson.sf(7, rate * 150) == pytest.approx(6e-15, rel=0.1)


def test_a_crowds_gaps_vary_and_a_patient_thumbs_do_not() -> None:
    honest = gap_variation(crowd(1))
    drawn = random.Random(2)
    thumb = gap_variation([turn * 5 * MINUTE + drawn.randint(-3_000, 3_000) for turn in range(200)])
    assert honest is not None and 0.8 < honest < 1.2
    assert thumb is not None and thumb < 0.05


def test_a_machines_gaps_are_even_and_a_crowds_hardly_ever() -> None:
    assert even_gaps([turn * 7_000 for turn in range(50)]) == 1.0
    by_chance = even_gaps(crowd(3, 2000))
    assert by_chance is not None and by_chance < 0.03


def test_hourly_votes_in_heaps_scatter_more_than_chance() -> None:
    heaps, even = dispersion_index([0, 0, 60, 0, 0, 55, 0, 0]), dispersion_index([14, 15] * 4)
    assert heaps.value is not None and heaps.value > 10
    assert heaps.p is not None and heaps.p < 1e-6
    assert even.value is not None and even.value < 0.1
    assert even.p is not None and even.p > 0.99


def test_scipy_finds_the_same_g_of_a_mix_of_levels() -> None:
    window, usual = [0, 1, 2, 5, 40], [20, 30, 60, 300, 590]
    theirs = stats.chi2_contingency([window, usual], lambda_="log-likelihood")
    found = level_mix(window, usual)
    assert (found.value, found.p) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-9)


def test_the_same_mix_is_nothing_odd() -> None:
    found = level_mix([2, 4, 6], [20, 40, 60])
    assert found.value == pytest.approx(0.0, abs=1e-9)
    assert found.p == pytest.approx(1.0)


def test_nothing_to_compare_gives_no_value_and_no_crash() -> None:
    nothing = (None, None)
    assert runs_test([]) == runs_test([True] * 9) == runs_test([True, False]) == nothing
    assert dispersion_index([]) == dispersion_index([7]) == dispersion_index([0, 0]) == nothing
    assert level_mix([0, 0], [5, 5]) == level_mix([3, 0], [9, 0]) == level_mix([], []) == nothing
    assert gap_variation([]) is gap_variation([1, 2]) is gap_variation([5, 5, 5]) is None
    assert even_gaps([1, 2]) is None and even_gaps([5, 5, 5]) == 0.0
    assert bursts([]) == []
