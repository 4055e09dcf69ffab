"""Whatever is counted: a sentence or a defined result, never NaN and no division by zero."""

import math
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.analytics.methods import (
    change,
    charts,
    choose_chart,
    cusum,
    ears,
    expected,
    funnel,
    indexes,
    individuals,
    intervals,
    many,
    ratio_funnel,
    reliability,
    rhythm,
    run_length,
    run_rules,
    shrinkage,
    weighting,
    wilson,
)

pytestmark = pytest.mark.one_database
UNIT = st.integers(0, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
UNITS = st.lists(UNIT, max_size=30)
SERIES = st.lists(st.none() | UNIT, max_size=40)
VALUES = st.lists(st.none() | st.floats(-1e6, 1e6), max_size=40)

SENTENCES: list[Callable[[], Any]] = [
    lambda: wilson.wilson_interval(1, 0),
    lambda: intervals.exact_interval(0, 0),
    lambda: intervals.exact_interval(6, 5),
    lambda: intervals.mid_p_interval(-1, 5),
    lambda: shrinkage.fit_prior([(3, 2)]),
    lambda: shrinkage.moments_prior([(-1, 2)]),
    lambda: shrinkage.shrink([(3, 2)], shrinkage.Prior(1, 1, "alone")),
    lambda: reliability.reliability(-1, 0.5, 0.1),
    lambda: reliability.reliability(5, 1.5, 0.1),
    lambda: reliability.votes_needed(0.5, float("nan")),
    lambda: funnel.share_funnel([(9, 5)]),
    lambda: ratio_funnel.ratio_funnel([(-1, 5.0)]),
    lambda: ratio_funnel.ratio_funnel([(1, -5.0)]),
    lambda: charts.p_chart([5], [4]),
    lambda: charts.p_chart([5, 4], [9]),
    lambda: charts.u_chart([-5], [4]),
    lambda: charts.i_prime_chart([5.0], [-4.0]),
    lambda: individuals.g_chart([-1]),
    lambda: individuals.t_chart([3.0, -1.0]),
    lambda: choose_chart.choose_chart([5], [4]),
    lambda: cusum.score(1.1, True, 2.0),
    lambda: cusum.score(0.1, True, 0.0),
    lambda: cusum.cusum([cusum.Seen(0.1, 5, 4)], 2.0, 4.0),
    lambda: run_length.run_length(0.1, 0.0, 2.0, 4.0),
    lambda: run_length.run_length(0.1, 0.1, 1.0, 4.0),
    lambda: run_length.run_length(0.1, 0.1, 2.0, 0.0),
    lambda: run_length.alarm_limit(0.1, 2.0, 0.5),
    lambda: run_length.votes_between_alarms(0, 1),
    lambda: many.mid_p_value(5, 4, 0.5),
    lambda: many.mid_p_value(4, 5, 1.5),
    lambda: many.adjusted([0.5, float("nan")]),
    lambda: weighting.post_stratify([weighting.Cell(1, 5, -1)]),
    lambda: weighting.worst_case(6, 5, 100),
    lambda: expected.standardise({"land": (1, 5)}, {}),
    lambda: expected.ratio_interval(-1, 5.0),
    lambda: expected.ratio_interval(1, 0.0),
    lambda: indexes.summarize("mean", [1, 2, -3]),
    lambda: change.change((6, 5), (1, 2)),
    lambda: rhythm.bursts([5, 4]),
    lambda: rhythm.gap_variation([5, 4]),
    lambda: rhythm.dispersion_index([1, -1]),
    lambda: rhythm.level_mix([1, -1], [1, 1]),
    lambda: ears.ears([1, -1]),
]


@pytest.mark.parametrize("call", SENTENCES, ids=range(len(SENTENCES)))
def test_what_cannot_be_counted_is_refused_with_a_sentence(call: Callable[[], Any]) -> None:
    with pytest.raises(ValueError) as refused:
        call()
    said = str(refused.value)
    assert " " in said and "math domain" not in said


def finite(values: Iterable[Any]) -> bool:
    return all(math.isfinite(x) for x in values if isinstance(x, float | int))


@settings(max_examples=40)
@given(UNITS)
def test_any_units_have_a_finite_prior_and_shares_between_none_and_all(
    units: list[tuple[int, int]],
) -> None:
    for prior in (shrinkage.fit_prior(units), shrinkage.moments_prior(units)):
        assert prior.alpha > 0 and prior.beta > 0 and finite(prior[:2])
        assert 0 <= reliability.reliability(30, prior.mean, prior.variance) < 1
        for row in shrinkage.shrink(units, prior):
            assert 0 <= row.low <= row.estimate <= row.high <= 1


@given(UNITS)
def test_any_units_have_a_funnel_whose_far_limits_lie_outside_the_near_ones(
    units: list[tuple[int, int]],
) -> None:
    found = funnel.share_funnel(units)
    assert (found is None) == (not any(n for _, n in units))
    for row in found.rows if found else ():
        assert math.isfinite(row.z)
        if row.limits:
            low, high, lower, higher = row.limits
            assert 0 <= lower <= low <= high <= higher <= 1


@given(st.lists(st.tuples(st.integers(0, 10**5), st.floats(0, 1e5)), max_size=20))
def test_any_observed_and_expected_have_a_finite_funnel(units: list[tuple[int, float]]) -> None:
    sound = [(o, e) for o, e in units if e == 0 or e > 1e-3]
    found = ratio_funnel.ratio_funnel(sound)
    for row in found.rows if found else ():
        assert finite([row.z, *(row.limits or ())])
        if row.limits:
            assert 0 <= row.limits.low_998 <= row.limits.low_95 <= row.limits.high_95


@given(SERIES, st.booleans(), st.booleans())
def test_any_series_has_a_chart_a_choice_and_rules(
    series: list[tuple[int, int] | None], can_exceed: bool, swapped: bool
) -> None:
    hits = [row and row[0] for row in series]
    sizes = [row and row[1] for row in series]
    if can_exceed and swapped:
        hits, sizes = sizes, hits
    choice = choose_chart.choose_chart(hits, sizes, can_exceed=can_exceed)
    for prime in (False, True):
        draw = charts.u_chart if can_exceed else charts.p_chart
        chart = draw(hits, sizes, prime=prime, baseline=12)
        for point in chart.points:
            assert finite(point)
            assert point.low is None or point.low <= (point.center or 0) <= (point.high or 0)
        assert len(run_rules.nhs_rules(chart)) == len(series)
    assert len(choose_chart.draw_chart(choice, hits, sizes).points) == len(series)


@given(VALUES)
def test_any_values_have_charts_without_holes_in_their_limits(values: list[float | None]) -> None:
    for chart in (individuals.xmr_chart(values), individuals.range_chart(values)):
        assert len(chart.points) == len(values)
        assert all(finite(point) for point in chart.points)
        run_rules.nhs_rules(chart)
    known = [abs(y) for y in values if y is not None]
    assert all(finite(point) for point in individuals.t_chart(known).points)
    counts = [int(y) for y in known]
    assert all(finite(point) for point in individuals.g_chart(counts).points)


@given(st.floats(0, 1), st.integers(0, 500), st.integers(0, 500), st.sampled_from([0.4, 2.0, 2.5]))
def test_any_day_leaves_the_sum_finite_and_never_below_nothing(
    p: float, events: int, others: int, odds_ratio: float
) -> None:
    days = [cusum.Seen(p, events, events + others)] * 3
    for step in cusum.cusum(days, odds_ratio, 5.0):
        assert step.sum >= 0 and math.isfinite(step.sum)


@settings(max_examples=30)
@given(st.floats(0.001, 0.999), st.sampled_from([0.5, 2.0]), st.floats(0.1, 9))
def test_false_alarms_are_rarer_the_higher_the_limit(p0: float, ratio: float, h: float) -> None:
    lower = run_length.run_length(p0, p0, ratio, h)
    higher = run_length.run_length(p0, p0, ratio, h + 0.5)
    assert 0.99 <= lower <= higher * 1.01 and math.isfinite(higher)


@given(st.lists(st.integers(0, 10**9), max_size=30).map(sorted), st.lists(st.booleans()))
def test_any_times_and_ratings_have_a_rhythm_or_none(times: list[int], good: list[bool]) -> None:
    assert finite([rhythm.gap_variation(times), rhythm.even_gaps(times)])
    assert len(rhythm.bursts(times)) == len(times)
    assert finite(rhythm.runs_test(good)) and finite(rhythm.dispersion_index(times))


@given(UNIT, UNIT)
def test_any_two_shares_have_a_difference_within_its_interval(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    found = change.change(before, after)
    if found.difference is not None and found.low is not None and found.high is not None:
        assert -1 - 1e-9 <= found.low <= found.difference <= found.high <= 1 + 1e-9


@given(UNIT, st.floats(0, 1))
def test_any_share_is_odd_by_some_probability(unit: tuple[int, int], p0: float) -> None:
    assert 0 <= many.mid_p_value(*unit, p0) <= 1


def test_a_hundred_thousand_units_take_seconds() -> None:
    units = [(n * (60 + n % 41) // 100, n) for n in range(100_000)]
    begin = time.process_time()
    shrinkage.shrink(units[:20_000], shrinkage.fit_prior(units))
    found = funnel.share_funnel(units)
    many.called([many.mid_p_value(*unit, 0.8) for unit in units], 0.1)
    assert found and len(found.rows) == 100_000
    assert time.process_time() - begin < 60  # about 2 s; a slow machine is no failure
