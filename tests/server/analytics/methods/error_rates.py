"""How often the methods are wrong, by votes drawn where the truth is known; seeds are handed in.

The tests ask for little, `python -m bench.error_rates` for much.
"""

from collections.abc import Callable
from math import asin, sin, sqrt
from statistics import fmean
from typing import NamedTuple

import numpy as np
from scipy import stats

from server.analytics.methods.change import change
from server.analytics.methods.charts import p_chart
from server.analytics.methods.cusum import Seen, cusum
from server.analytics.methods.funnel import share_funnel
from server.analytics.methods.indexes import REGISTRY, summarize
from server.analytics.methods.many import called, mid_p_value
from server.analytics.methods.run_length import alarm_limit, changed, votes_between_alarms
from server.analytics.methods.run_rules import nhs_rules
from server.analytics.methods.shrinkage import fit_prior, shrink

DAYS = 21  # working days of a month
Method = Callable[[int, int], tuple[float, float]]


def coverage(method: Method, n: int) -> tuple[float, float]:
    """Mean and least part of intervals that hold the true share, over shares 0.005 … 0.995.

    Summed over all that can be seen, not drawn.
    """
    hits = np.arange(n + 1)
    low, high = np.array([method(x, n) for x in range(n + 1)]).T
    found = []
    for p in np.linspace(0.005, 0.995, 199):
        held = (low <= p) & (p <= high)
        found.append(float(stats.binom.pmf(hits, n, p)[held].sum()))
    return fmean(found), min(found)


def shrunk_coverage(seed: int, officials: int, rounds: int) -> float:
    """Part of empirical Bayes intervals that hold the official's true share."""
    rng, held = np.random.default_rng(seed), []
    for _ in range(rounds):
        truth = rng.beta(19, 1, officials)
        votes = rng.integers(5, 200, officials)
        units = list(zip(rng.binomial(votes, truth).tolist(), votes.tolist(), strict=True))
        rows = shrink(units, fit_prior(units))
        held += [row.low <= p <= row.high for row, p in zip(rows, truth, strict=True)]
    return fmean(held)


def index_coverage(seed: int, name: str, n: int, rounds: int) -> float:
    """Part of an index's intervals that hold its true value: ratings of n citizens, five levels."""
    rng, shares = np.random.default_rng(seed), np.array([0.02, 0.03, 0.1, 0.45, 0.4])
    truth, held = float(shares @ np.array(REGISTRY[name, 1].weights(5))), []
    for counts in rng.multinomial(n, shares, rounds).tolist():
        found = summarize(name, counts)
        assert found.low is not None and found.high is not None
        held.append(found.low <= truth <= found.high)
    return fmean(held)


def change_coverage(seed: int, rounds: int) -> float:
    """Part of before/after intervals that hold the true difference."""
    rng, held = np.random.default_rng(seed), []
    before, after = rng.binomial(80, 0.12, rounds), rng.binomial(60, 0.05, rounds)
    for x, y in zip(before.tolist(), after.tolist(), strict=True):
        found = change((x, 80), (y, 60))
        assert found.low is not None and found.high is not None
        held.append(found.low <= 0.05 - 0.12 <= found.high)
    return fmean(held)


class Counters(NamedTuple):
    """So many counters of about 250 votes a month, each with a share of complaints of its own."""

    p0: list[float]
    votes_a_day: int
    limits: list[float]


def counters(seed: int, many: int, alarms_a_month: float) -> Counters:
    rng = np.random.default_rng(seed)
    p0 = [round(float(p), 3) for p in rng.beta(6, 150, many) + 0.005]
    votes = 12 * DAYS * many
    between = votes_between_alarms(votes, alarms_a_month)
    return Counters(p0, 12, [alarm_limit(p, 2.0, between) for p in p0])


def false_alarms(seed: int, of: Counters, months: int) -> int:
    """Alarms in so many months in which nothing changed at any counter."""
    rng, alarms = np.random.default_rng(seed), 0
    for p, h in zip(of.p0, of.limits, strict=True):
        days = rng.binomial(of.votes_a_day, p, DAYS * months).tolist()
        alarms += sum(step.alarm for step in cusum([Seen(p, x, 12) for x in days], 2.0, h))
    return alarms


def days_to_find_a_doubling(seed: int, of: Counters, rounds: int) -> list[int]:
    """Working days until the alarm, after a calm month, at counters whose complaints double."""
    rng, found = np.random.default_rng(seed), []
    for p, h in zip(of.p0 * rounds, of.limits * rounds, strict=True):
        calm, bad = (rng.binomial(12, q, DAYS * m) for q, m in ((p, 1), (changed(p, 2.0), 24)))
        steps = cusum([Seen(p, x, 12) for x in [*calm.tolist(), *bad.tolist()]], 2.0, h)
        days = [day - DAYS + 1 for day, step in enumerate(steps) if step.alarm and day >= DAYS]
        found.append(days[0] if days else DAYS * 24)
    return found


def false_discoveries(seed: int, q: float, rounds: int) -> tuple[float, float]:
    """Mean part of wrongly called counters among those called, and of the odd ones found.

    1,000 counters of 250 votes, 50 of them with 2.5 times the 5 % of the others.
    """
    rng, wrong, found = np.random.default_rng(seed), [], []
    for _ in range(rounds):
        truth = np.where(np.arange(1000) < 50, 0.125, 0.05)
        seen = rng.binomial(250, truth).tolist()
        chosen = np.array(called([mid_p_value(x, 250, 0.05) for x in seen], q))
        wrong.append(float(chosen[50:].sum() / max(1, chosen.sum())))
        found.append(float(chosen[:50].mean()))
    return fmean(wrong), fmean(found)


def funnel_calls(seed: int, rounds: int) -> tuple[float, float, float]:
    """Part of 179 units called far out by plain, by widened and by consistent limits, where units
    differ as usual and none is special."""
    rng = np.random.default_rng(seed)
    calls: tuple[list[bool], list[bool], list[bool]] = ([], [], [])
    for _ in range(rounds):
        angles = rng.normal(asin(sqrt(0.9)), 0.08, 179)
        votes = rng.integers(100, 6000, 179)
        hits = rng.binomial(votes, [sin(min(a, np.pi / 2)) ** 2 for a in angles])
        units = list(zip(hits.tolist(), votes.tolist(), strict=True))
        for kind, (fewest, consistent) in enumerate([(10**9, False), (10, False), (10, True)]):
            found = share_funnel(units, fewest=fewest, consistent=consistent)
            assert found is not None
            calls[kind].extend(row.place in ("far below", "far above") for row in found.rows)
    return fmean(calls[0]), fmean(calls[1]), fmean(calls[2])


def charts_with_a_signal(seed: int, rounds: int) -> tuple[float, float]:
    """Part of charts of 24 calm months with a point outside, and with any NHS rule broken."""
    rng, outside, any_rule = np.random.default_rng(seed), [], []
    for months in rng.binomial(250, 0.1, (rounds, 24)).tolist():
        rules = [rule for rule in nhs_rules(p_chart(months, [250] * 24)) if rule]
        outside.append(any(rule.rule == "outside" for rule in rules))
        any_rule.append(bool(rules))
    return fmean(outside), fmean(any_rule)
