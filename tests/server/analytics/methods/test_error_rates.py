"""The methods are wrong as often as they say, and no more; seeds are fixed."""

from statistics import median

import pytest

from server.analytics.methods.intervals import exact_interval, mid_p_interval
from server.analytics.methods.wilson import wilson_interval
from tests.server.analytics.methods import error_rates as rates

pytestmark = pytest.mark.one_database
SEED = 20260101


@pytest.mark.parametrize("n", [10, 30, 100])
def test_the_exact_interval_never_covers_less_than_it_promises(n: int) -> None:
    _, least = rates.coverage(exact_interval, n)
    assert least >= 0.95


@pytest.mark.parametrize("n", [10, 30, 100])
def test_wilsons_and_mid_p_cover_what_they_promise_on_average(n: int) -> None:
    for method, lowest in ((wilson_interval, 0.85), (mid_p_interval, 0.92)):
        mean, least = rates.coverage(method, n)
        assert 0.945 < mean < 0.97
        assert least > lowest


def test_an_officials_shrunk_interval_holds_the_truth_in_95_of_100() -> None:
    assert 0.935 < rates.shrunk_coverage(SEED, 300, 10) < 0.965


@pytest.mark.parametrize("name", ["satisfied", "mean", "net"])
def test_an_indexs_interval_holds_the_truth_in_about_95_of_100(name: str) -> None:
    assert 0.93 < rates.index_coverage(SEED, name, 30, 3000) < 0.98
    assert 0.93 < rates.index_coverage(SEED, name, 300, 3000) < 0.98


def test_a_change_after_a_visit_is_within_its_interval_in_95_of_100() -> None:
    assert 0.94 < rates.change_coverage(SEED, 4000) < 0.97


def calm_province() -> rates.Counters:
    return rates.counters(SEED, 180, alarms_a_month=1.0)


def test_false_alarms_of_a_calm_province_stay_within_the_budget_of_one_a_month() -> None:
    # Votes of a day are taken together, which hides some: 60 would be the budget to the dot.
    assert 25 <= rates.false_alarms(SEED, calm_province(), months=60) <= 60


def test_a_budget_of_four_a_month_gives_about_four_times_as_many() -> None:
    four = rates.counters(SEED, 180, alarms_a_month=4.0)
    assert 100 <= rates.false_alarms(SEED, four, months=60) <= 240


def test_complaints_that_double_are_found_within_two_months_at_most_counters() -> None:
    days = rates.days_to_find_a_doubling(SEED, calm_province(), 1)
    assert median(days) <= 35
    assert sum(day <= 42 for day in days) / len(days) > 0.6
    assert sum(day <= 84 for day in days) / len(days) > 0.9


@pytest.mark.parametrize("q", [0.10, 0.01])
def test_of_the_counters_called_no_more_than_allowed_are_called_wrongly(q: float) -> None:
    wrong, found = rates.false_discoveries(SEED, q, 100)
    assert wrong <= q + 0.003  # twice what a mean of 100 rounds errs by
    assert found > (0.85 if q == 0.10 else 0.6)


def test_units_that_differ_as_usual_are_called_by_plain_limits_and_hardly_by_widened() -> None:
    plain, widened, consistent = rates.funnel_calls(SEED, 30)
    assert plain > 0.5
    assert widened < 0.03  # not the 0.002 that the limits' name says
    assert consistent < 0.005


def test_run_rules_break_on_calm_charts_far_more_often_than_the_limits_alone() -> None:
    outside, any_rule = rates.charts_with_a_signal(SEED, 600)
    assert outside < 0.08
    assert any_rule > 2 * outside
