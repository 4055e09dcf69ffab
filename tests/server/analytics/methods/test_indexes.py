"""Indexes by name and version against plain arithmetic."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.analytics.methods.indexes import REGISTRY, summarize
from tests.server.analytics.methods.vectors import vectors

pytestmark = pytest.mark.one_database
CASES = vectors("indexes")["cases"]
FIELDS = {
    "satisfied": "top2_pct",
    "best": "top1_pct",
    "worst": "bottom1_pct",
    "mean": "mean_0_100",
    "net": "net_top1_minus_bottom2",
}
COUNTS = st.integers(3, 5).flatmap(lambda k: st.lists(st.integers(0, 1000), min_size=k, max_size=k))


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["counts_worst_to_best"]))
def test_each_index_of_each_case_is_met(case: dict[str, Any], name: str) -> None:
    found = summarize(name, case["counts_worst_to_best"])
    assert found.value == pytest.approx(case[FIELDS[name]], abs=1e-6)
    assert found.n == case["n"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["counts_worst_to_best"]))
def test_the_spread_of_single_votes_and_the_mean_level_are_met(case: dict[str, Any]) -> None:
    counts = case["counts_worst_to_best"]
    found = summarize("mean", counts)
    assert found.sd == (None if case["sd_0_100"] is None else pytest.approx(case["sd_0_100"]))
    assert found.value is not None
    assert 1 + found.value / 100 * (len(counts) - 1) == pytest.approx(case["mean_1_to_k"], abs=1e-6)


def test_four_faces_have_the_index_of_four_faces() -> None:
    four = CASES[0]["counts_worst_to_best"]
    assert summarize("happy-style", four).value == pytest.approx(64.651416, abs=1e-6)
    with pytest.raises(ValueError, match="see the registry"):
        summarize("happy-style", [1, 2, 3, 4, 5])


def test_a_scale_of_three_has_one_dissatisfied_level() -> None:
    assert summarize("net", [10, 20, 70]).value == pytest.approx(60)
    assert summarize("satisfied", [10, 20, 70]).value == pytest.approx(90)


@given(COUNTS, st.sampled_from(list(FIELDS)))
def test_an_interval_holds_its_index_and_never_leaves_what_is_possible(
    counts: list[int], name: str
) -> None:
    found = summarize(name, counts)
    if found.value is None or found.low is None or found.high is None:
        assert sum(counts) == 0
        return
    lowest = -100 if name == "net" else 0
    assert lowest <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 100
    assert found.high > found.low


@given(COUNTS)
def test_a_vote_one_level_better_never_lowers_an_index_of_satisfaction(counts: list[int]) -> None:
    moved = next((level for level in range(len(counts) - 1) if counts[level]), None)
    if moved is None:
        return
    better = list(counts)
    better[moved] -= 1
    better[moved + 1] += 1
    for name in ("satisfied", "best", "mean", "net"):
        assert (summarize(name, better).value or 0) >= (summarize(name, counts).value or 0) - 1e-9


def test_without_votes_an_index_has_its_name_and_no_value() -> None:
    assert summarize("mean", [0, 0, 0, 0]) == ("mean", 1, 0, None, None, None, None)


def test_every_index_says_its_formula_and_where_it_is_from() -> None:
    for (name, version), index in REGISTRY.items():
        assert (index.name, index.version) == (name, version)
        assert index.formula and index.source
        for k in index.levels:
            assert len(index.weights(k)) == k


@pytest.mark.parametrize("counts", [[1, 2], [1, -1, 3], [1] * 6])
def test_what_is_no_scale_is_refused(counts: list[int]) -> None:
    with pytest.raises(ValueError, match="counts are never negative"):
        summarize("mean", counts)
    with pytest.raises(ValueError, match="see the registry"):
        summarize("nps", [1, 2, 3])
