"""The alarm engine's scores and run lengths against published numbers and drawn votes."""

from math import exp

import pytest

from server.analytics.methods.cusum import Seen, cusum, score
from server.analytics.methods.run_length import (
    alarm_limit,
    changed,
    run_length,
    votes_between_alarms,
)
from tests.server.analytics.methods.vectors import vectors

pytestmark = pytest.mark.one_database
PUBLISHED = vectors("cusum")


@pytest.mark.parametrize("row", PUBLISHED["scores"], ids=str)
def test_steiners_scores_of_patients_are_met(row: list[float]) -> None:
    intercept, parsonnet, event, odds_ratio, wanted, decimals = row
    p = 1 / (1 + exp(-(intercept + 0.077 * parsonnet)))
    assert round(score(p, bool(event), odds_ratio), int(decimals)) == wanted


@pytest.mark.parametrize("row", PUBLISHED["run_lengths"], ids=lambda row: f"h={row[0]}")
def test_run_lengths_are_those_that_were_simulated(row: list[float]) -> None:
    h, between, found = row
    assert run_length(0.03, 0.03, 2, h) == pytest.approx(between, rel=0.05)
    assert run_length(changed(0.03, 2), 0.03, 2, h) == pytest.approx(found, rel=0.06)


def test_a_province_of_250000_votes_and_one_false_alarm_a_month_asks_for_a_limit_of_7_5() -> None:
    h = alarm_limit(0.03, 2.0, votes_between_alarms(250_000, 1))
    assert h == pytest.approx(7.5, abs=0.1)
    assert run_length(0.03, 0.03, 2, h) == pytest.approx(250_000, rel=0.01)


@pytest.mark.parametrize("odds_ratio", [2.0, 0.5])
def test_a_larger_budget_of_false_alarms_lowers_the_limit(odds_ratio: float) -> None:
    limits = [alarm_limit(0.05, odds_ratio, 250_000 / budget) for budget in (1, 4, 20)]
    assert limits == sorted(limits, reverse=True)


def test_what_has_doubled_is_found_sooner_than_chance_cries_wolf_in_both_directions() -> None:
    for p0, odds_ratio in ((0.02, 2.0), (0.3, 2.0), (0.3, 0.5), (0.9, 0.5)):
        h = alarm_limit(p0, odds_ratio, 50_000)
        assert run_length(changed(p0, odds_ratio), p0, odds_ratio, h) < 5_000


def test_votes_taken_one_by_one_rise_and_fall_as_the_formula_says() -> None:
    votes = [Seen(0.03, 1), Seen(0.03, 0), Seen(0.03, 1)]
    up, down = score(0.03, True, 2), score(0.03, False, 2)
    sums = [step.sum for step in cusum(votes, 2, 9)]
    assert sums == pytest.approx([up, up + down, 2 * up + down])


def test_a_days_votes_at_once_rise_as_the_same_votes_one_by_one() -> None:
    (day,) = cusum([Seen(0.03, 3, 20)], 2, 9)
    assert day.sum == pytest.approx(3 * score(0.03, True, 2) + 17 * score(0.03, False, 2))


def test_an_alarm_says_since_when_and_the_sum_begins_again() -> None:
    days = [Seen(0.03, 0, 10)] * 5 + [Seen(0.03, 2, 10)] * 6
    steps = cusum(days, 2, 4.0)
    first = next(i for i, step in enumerate(steps) if step.alarm)
    assert steps[first].since == 5
    assert steps[first].sum > 4 > steps[first + 1].sum


def test_a_sum_that_rises_slowly_has_risen_since_its_first_complaint() -> None:
    days = [Seen(0.03, 0, 10), Seen(0.03, 1, 10), Seen(0.03, 1, 20), Seen(0.03, 9, 20)]
    steps = cusum(days, 2, 4.0)
    assert 0 < steps[1].sum < 1 and 0 < steps[2].sum < 1
    assert steps[3].alarm and steps[3].since == 1


def test_suppressed_votes_raise_the_sum_that_looks_for_a_fall() -> None:
    calm, quiet = [Seen(0.35, 35, 100)] * 10, [Seen(0.35, 15, 100)] * 3
    h = alarm_limit(0.35, 0.5, 100_000)
    alarms = [step.alarm for step in cusum(calm + quiet, 0.5, h)]
    assert not any(alarms[:10]) and any(alarms[10:])


def test_what_cannot_happen_otherwise_says_nothing() -> None:
    assert score(0.0, False, 2.0) == 0.0 and score(1.0, True, 2.0) == 0.0
    assert [step.sum for step in cusum([Seen(0.0, 0, 50), Seen(1.0, 7, 7)], 2, 1)] == [0.0, 0.0]


def test_a_quiet_counter_changes_nothing() -> None:
    assert cusum([], 2, 4) == []
    assert cusum([Seen(0.03, 0, 0)], 2, 4)[0].sum == 0.0
