"""Weights from those who voted to those who were served."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.analytics.methods.expected import ratio_interval, standardise
from server.analytics.methods.weighting import Cell, collapse, kish, post_stratify, worst_case

pytestmark = pytest.mark.one_database
CELLS = st.lists(
    st.integers(0, 200).flatmap(
        lambda n: st.tuples(st.integers(0, n), st.just(n), st.integers(0, 2000))
    ),
    max_size=12,
).map(lambda rows: [Cell(*row) for row in rows])


def test_two_procedures_weighted_by_hand() -> None:
    # 40 of 50 of the 100 at one, 90 of 100 of the 900 at the other.
    found = post_stratify([Cell(40, 50, 100), Cell(90, 100, 900)])
    assert found.estimate == pytest.approx(0.1 * 0.8 + 0.9 * 0.9)
    variance = 0.01 * 0.5 * 0.8 * 0.2 / 49 + 0.81 * (1 - 1 / 9) * 0.9 * 0.1 / 99
    assert found.error == pytest.approx(sqrt(variance))
    assert found.n_eff == pytest.approx(1000**2 / (50 * 2**2 + 100 * 9**2))


def test_equal_weights_leave_the_share_and_the_number_of_votes_alone() -> None:
    found = post_stratify([Cell(30, 40, 400), Cell(45, 60, 600)])
    assert found.estimate == pytest.approx(0.75)
    assert found.n_eff == pytest.approx(100)


def test_small_cells_are_put_together_before_they_weigh() -> None:
    cells = [Cell(3, 4, 40), Cell(9, 9, 90), Cell(50, 80, 800), Cell(10, 12, 100)]
    assert collapse(cells) == [Cell(12, 13, 130), Cell(10, 12, 100), Cell(50, 80, 800)]
    assert collapse([Cell(3, 4, 40), *cells[2:]]) == [Cell(13, 16, 140), Cell(50, 80, 800)]
    assert collapse([Cell(1, 2, 9)]) == [Cell(1, 2, 9)]


def test_a_weight_above_five_times_the_mean_is_cut_and_says_so() -> None:
    found = post_stratify([Cell(990, 1000, 1000), Cell(0, 10, 5000)])
    assert found.capped
    assert found.estimate is not None and found.estimate > 990 / 6000
    assert not post_stratify([Cell(5, 10, 100), Cell(5, 20, 100)]).capped


def test_more_votes_than_dossiers_are_counted_as_so_many_dossiers_and_told() -> None:
    found = post_stratify([Cell(10, 20, 5), Cell(10, 20, 40)])
    assert found.impossible
    assert found.estimate == pytest.approx(0.5)
    assert worst_case(10, 20, 5) == (0.5, 0.5)


def test_without_votes_there_is_no_estimate() -> None:
    assert post_stratify([]).estimate is None
    assert post_stratify([Cell(0, 0, 500)]) == (None, None, 0.0, 0, False, False)


def test_one_vote_in_a_cell_has_no_standard_error() -> None:
    found = post_stratify([Cell(1, 1, 10)])
    assert (found.estimate, found.error) == (1.0, None)


@given(CELLS)
def test_an_estimate_is_a_share_and_worth_no_more_than_its_votes(cells: list[Cell]) -> None:
    found = post_stratify(cells)
    assert found.n_eff <= sum(cell.n for cell in cells) + 1e-6
    if found.estimate is not None:
        assert -1e-12 <= found.estimate <= 1 + 1e-12
        assert found.error is None or 0 <= found.error < 1


def test_the_standard_error_is_how_far_estimates_of_other_citizens_lie_apart() -> None:
    rng = np.random.default_rng(1)
    handled, satisfied, voted = [400, 900, 150], [380, 630, 60], [40, 60, 100]
    found = []
    for _ in range(600):
        hits = rng.hypergeometric(satisfied, np.subtract(handled, satisfied), voted).tolist()
        found.append(post_stratify([Cell(*row) for row in zip(hits, voted, handled, strict=True)]))
    estimates = [each.estimate or 0.0 for each in found]
    assert np.mean(estimates) == pytest.approx(1070 / 1450, abs=0.004)
    assert np.std(estimates) == pytest.approx(np.mean([each.error for each in found]), rel=0.08)


def test_the_worst_case_is_as_wide_as_the_silence() -> None:
    assert worst_case(90, 100, 1000) == (0.09, 0.99)
    assert worst_case(0, 0, 0) == (0.0, 1.0)
    low, high = worst_case(3, 5, 5)
    assert low == high == 0.6


def test_kish_of_nothing_is_nothing() -> None:
    assert kish([]) == 0.0 and kish([(0.0, 10)]) == 0.0


ALL = {"land": (60, 1000), "birth": (5, 500)}


def test_who_does_the_hard_procedures_is_held_against_them_and_not_against_the_easy_ones() -> None:
    found = standardise({"land": (6, 100), "birth": (1, 100)}, ALL)
    assert found.expected == pytest.approx(6 + 1)
    assert found.ratio == pytest.approx(1.0)
    assert found.z == pytest.approx(0.0)
    assert found.low is not None and found.high is not None and found.low < 1 < found.high


def test_twice_as_many_complaints_as_expected_are_told_with_an_interval() -> None:
    found = standardise({"land": (24, 200)}, ALL)
    assert found.ratio == pytest.approx(2.0)
    assert found.low is not None and found.low > 1
    assert found.z == pytest.approx(12 / sqrt(200 * 0.06 * 0.94))


def test_garwoods_interval_of_no_complaint_ends_at_the_rule_of_three() -> None:
    assert ratio_interval(0, 1.0) == pytest.approx((0.0, 3.6889), abs=1e-4)
    assert ratio_interval(10, 1.0) == pytest.approx((4.7954, 18.3904), abs=1e-4)


def test_where_nothing_is_expected_there_is_no_ratio() -> None:
    assert standardise({}, ALL).ratio is None
    assert standardise({"land": (0, 9)}, {"land": (0, 90)}) == (0, 0.0, None, None, None, 0.0)
    assert standardise({"new": (0, 0)}, ALL).ratio is None
