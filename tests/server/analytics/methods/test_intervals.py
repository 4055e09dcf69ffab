"""Intervals and differences of shares against published numbers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from server.analytics.methods.change import change
from server.analytics.methods.intervals import exact_interval, mid_p_interval
from server.analytics.methods.wilson import wilson_interval
from tests.server.analytics.methods.vectors import vectors

pytestmark = pytest.mark.one_database
PUBLISHED = vectors("intervals")
METHODS = {"wilson": wilson_interval, "exact": exact_interval, "mid_p": mid_p_interval}
SHARES = st.integers(1, 10**5).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("row", PUBLISHED["newcombe"], ids=lambda row: f"{row['x']}of{row['n']}")
def test_newcombes_table_1_is_met_to_its_four_decimals(row: dict[str, Any], method: str) -> None:
    assert METHODS[method](row["x"], row["n"]) == pytest.approx(row[method], abs=5e-5)


@pytest.mark.parametrize("method", ["wilson", "exact"])
@pytest.mark.parametrize("row", PUBLISHED["r_binom"], ids=lambda row: f"{row['x']}of{row['n']}")
def test_rs_binom_confint_is_met(row: dict[str, Any], method: str) -> None:
    assert METHODS[method](row["x"], row["n"]) == pytest.approx(row[method], abs=1e-6)


@pytest.mark.parametrize("row", PUBLISHED["difference"], ids=lambda row: str(row["after"]))
def test_newcombes_differences_of_two_shares_are_met(row: dict[str, Any]) -> None:
    found = change(tuple(row["before"]), tuple(row["after"]))
    assert (found.low, found.high) == pytest.approx((row["low"], row["high"]), abs=1e-4)


@pytest.mark.parametrize("confidence", [0.9, 0.998])
@pytest.mark.parametrize("share", [(0, 3), (1, 1), (17, 40), (940, 1000)])
def test_scipys_own_exact_interval_says_the_same(share: tuple[int, int], confidence: float) -> None:
    theirs = stats.binomtest(*share).proportion_ci(confidence, method="exact")
    found = exact_interval(*share, confidence=confidence)
    assert found == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@given(SHARES)
def test_bounds_hold_the_share_and_the_cautious_one_is_the_widest(share: tuple[int, int]) -> None:
    exact, mid_p = exact_interval(*share), mid_p_interval(*share)
    p = share[0] / share[1]
    assert 0 <= exact[0] <= mid_p[0] + 1e-12 <= p + 2e-12
    assert p - 1e-12 <= mid_p[1] <= exact[1] + 1e-12 <= 1 + 1e-12
    assert exact[1] > exact[0]


@given(SHARES, st.sampled_from(list(METHODS)))
def test_one_more_hit_raises_both_bounds(share: tuple[int, int], method: str) -> None:
    hits, n = share
    if hits < n:
        lower, upper = METHODS[method](hits, n), METHODS[method](hits + 1, n)
        assert lower[0] <= upper[0] and lower[1] <= upper[1]


def test_a_change_is_clear_only_if_its_interval_leaves_zero_out() -> None:
    assert change((90, 1000), (40, 1000)).clear
    assert not change((9, 100), (6, 100)).clear
    assert change((0, 20), (0, 20)).difference == 0.0
    assert not change((0, 20), (0, 20)).clear


def test_without_votes_on_one_side_there_is_no_change_to_speak_of() -> None:
    assert change((0, 0), (5, 9)) == (None, None, None, False)
