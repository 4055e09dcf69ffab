"""Screening many counters: the published example, and SciPy's opinion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from server.analytics.methods.many import adjusted, called, mid_p_value
from tests.server.analytics.methods.vectors import vectors

pytestmark = pytest.mark.one_database
EXAMPLE = vectors("many")
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=60)


def test_benjamini_and_hochbergs_example_rejects_four_and_bonferroni_three() -> None:
    p = EXAMPLE["p"]
    assert called(p, 0.05) == [True] * EXAMPLE["called"] + [False] * 11
    assert sum(each <= 0.05 / len(p) for each in p) == EXAMPLE["bonferroni"]


@given(P_VALUES)
def test_scipy_adjusts_to_the_same_values(p: list[float]) -> None:
    assert adjusted(p) == pytest.approx(stats.false_discovery_control(p), abs=1e-12)


@given(P_VALUES)
def test_any_dependence_costs_what_scipy_says(p: list[float]) -> None:
    theirs = stats.false_discovery_control(p, method="by")
    assert adjusted(p, any_dependence=True) == pytest.approx(theirs, abs=1e-12)


@given(P_VALUES, st.floats(0.001, 0.3))
def test_a_surer_counter_is_called_if_a_less_sure_one_is(p: list[float], q: float) -> None:
    rows = sorted(zip(p, called(p, q), strict=True))
    assert [chosen for _, chosen in rows] == sorted((c for _, c in rows), reverse=True)


@pytest.mark.parametrize("row", [(0, 20, 0.1), (7, 40, 0.1), (40, 40, 0.9), (3, 1000, 0.02)])
def test_mid_p_counts_half_of_what_was_seen(row: tuple[int, int, float]) -> None:
    x, n, p0 = row
    below, here = stats.binom.cdf(x - 1, n, p0), stats.binom.pmf(x, n, p0)
    wanted = 2 * min(below + here / 2, 1 - below - here / 2)
    assert mid_p_value(*row) == pytest.approx(min(1.0, wanted), abs=1e-12)


def test_a_counter_without_votes_is_as_usual_as_can_be() -> None:
    assert mid_p_value(0, 0, 0.5) == 1.0
    assert adjusted([]) == [] and called([], 0.1) == []


def test_what_cannot_be_by_chance_has_no_chance() -> None:
    assert mid_p_value(1, 10, 0.0) == 0.0
    assert mid_p_value(0, 10, 0.0) == 1.0
