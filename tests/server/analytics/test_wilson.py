"""The Wilson interval against published numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.analytics.methods.wilson import wilson_interval

# Newcombe (1998), Statistics in Medicine 17:857-872, Table I, to its four printed decimals.
NEWCOMBE = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]
# R binom::binom.confint(method = "wilson"), as kept in statsmodels' results_proportion.py.
R_BINOM = [(18, 20, 0.6989663547715128, 0.972133518786232)]


@pytest.mark.parametrize(("hits", "n", "low", "high"), NEWCOMBE)
def test_newcombe_table_1(hits: int, n: int, low: float, high: float) -> None:
    assert wilson_interval(hits, n) == pytest.approx((low, high), abs=0.00005)


@pytest.mark.parametrize(("hits", "n", "low", "high"), R_BINOM)
def test_r_binom(hits: int, n: int, low: float, high: float) -> None:
    assert wilson_interval(hits, n) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(("hits", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_refused(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson_interval(hits, n)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_bounds_hold_the_share_and_mirror_each_other(pair: tuple[int, int]) -> None:
    hits, n = pair
    low, high = wilson_interval(hits, n)
    assert 0 <= low <= hits / n <= high <= 1
    mirrored = wilson_interval(n - hits, n)
    assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-9)
