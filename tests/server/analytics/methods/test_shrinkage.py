"""Empirical Bayes and reliability against the book's rats, and in the corners."""

import pytest

from server.analytics.methods.reliability import reliability, votes_needed
from server.analytics.methods.shrinkage import Prior, fit_prior, moments_prior, shrink
from tests.server.analytics.methods.vectors import vectors

pytestmark = pytest.mark.one_database
RATS = vectors("shrinkage")
UNITS = list(zip(RATS["hits"], RATS["n"], strict=True))
INDEXES = vectors("indexes")


def test_the_most_likely_prior_of_the_historical_rats_is_that_of_r() -> None:
    found = fit_prior(UNITS[:70])
    assert (found.alpha, found.beta) == pytest.approx(RATS["most_likely_of_70"], rel=1e-4)
    assert found.how == "likelihood"


def test_the_most_likely_prior_of_all_71_experiments_is_met() -> None:
    found = fit_prior(UNITS)
    assert (found.alpha, found.beta) == pytest.approx(RATS["most_likely_of_71"], abs=1e-3)


def test_the_books_moments_of_the_historical_rats_are_met() -> None:
    found = moments_prior(UNITS[:70])
    assert (found.alpha, found.beta) == pytest.approx(RATS["moments_of_70"], abs=1e-3)


def test_the_books_posterior_of_the_current_experiment_is_met() -> None:
    (found,) = shrink([(4, 14)], Prior(1.4, 8.6, "moments"))
    assert found.estimate == pytest.approx(0.223, abs=0.003)  # the book's from unrounded 1.356
    assert shrink([(4, 14)], moments_prior(UNITS[:70]))[0].estimate == pytest.approx(
        0.223, abs=5e-4
    )
    assert 0.08 < found.low < found.estimate < found.high < 0.42


def test_who_has_few_votes_is_drawn_furthest_towards_the_peers() -> None:
    prior = fit_prior([(90, 100), (80, 100), (95, 100), (85, 100), (99, 100)])
    few, many = shrink([(1, 2), (500, 1000)], prior)
    assert abs(few.estimate - prior.mean) < abs(many.estimate - prior.mean)
    assert few.high - few.low > many.high - many.low


def test_where_no_vote_differs_the_prior_is_what_all_votes_say_together() -> None:
    assert fit_prior([(0, 5)] * 10) == Prior(0.5, 50.5, "equal")
    assert fit_prior([(5, 5)] * 4) == Prior(20.5, 0.5, "equal")


def test_peers_that_do_not_differ_weigh_no_more_than_all_their_votes() -> None:
    prior = fit_prior([(30, 100)] * 20)
    assert prior.alpha + prior.beta == pytest.approx(2000, rel=1e-3)
    assert prior.mean == pytest.approx(0.3, abs=1e-3)


@pytest.mark.parametrize("peers", [[], [(0, 0)] * 9, [(3, 5)], [(3, 5), (5, 5), (0, 0)]])
def test_fewer_than_three_peers_with_votes_leave_each_to_itself(peers: list) -> None:
    assert fit_prior(peers) == moments_prior(peers) == Prior(0.5, 0.5, "alone")


@pytest.mark.parametrize("row", INDEXES["reliability"], ids=lambda row: f"n={row['n']}")
def test_reliability_of_so_many_votes_is_met(row: dict[str, float]) -> None:
    found = reliability(int(row["n"]), row["p"], row["tau2"])
    assert found == pytest.approx(row["reliability"], rel=1e-12)


def test_twenty_eight_votes_are_needed_where_peers_differ_by_six_points() -> None:
    wanted = INDEXES["votes_needed"]
    assert votes_needed(wanted["p"], wanted["tau2"]) == wanted["n"]
    assert reliability(28, 0.95, 0.004) >= 0.7 > reliability(27, 0.95, 0.004)


def test_peers_that_do_not_differ_are_never_told_apart() -> None:
    assert reliability(10**9, 0.9, 0.0) == 0.0
    assert votes_needed(0.9, 0.0) is None
    assert votes_needed(1.0, 0.01) == 1
