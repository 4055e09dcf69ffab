"""Many counters screened at one moment: how sure each, and which of them to call."""

from collections.abc import Sequence

from server.analytics.methods.distributions import binomial_above
from server.analytics.methods.share import check_share

LOOK, ACT = 0.10, 0.01  # of those called, the part that may be called wrongly


def mid_p_value(hits: int, n: int, p0: float) -> float:
    """How odd (0..1) `hits` of n votes are, both ways, if the share were p0 by chance alone.

    2·min(P(X < x), P(X > x)) + P(X = x), at most 1; 1 without votes. For over-dispersed units
    take the funnel's τ² and distributions.normal_two_sided(z) instead.
    Source: Lancaster (1961), JASA 56:223-234.
    Raises ValueError for what is no share and unless 0 <= p0 <= 1.
    """
    check_share(hits, n, fewest=0)
    if not 0 <= p0 <= 1:
        raise ValueError(f"{p0} is no share to compare with: it lies between 0 and 1.")
    if n == 0:
        return 1.0
    above, at_or_above = binomial_above(hits, n, p0), binomial_above(hits - 1, n, p0)
    upper = (above + at_or_above) / 2
    return min(1.0, 2 * min(upper, 1 - upper))


def adjusted(p_values: Sequence[float], *, any_dependence: bool = False) -> list[float]:
    """The q at which each would just be called: Benjamini & Hochberg's, in the order given.

    q(i) = min over j >= i of p(j)·K/j, of K sorted. any_dependence: Benjamini & Yekutieli's,
    times 1 + 1/2 + … + 1/K. The same as scipy.stats.false_discovery_control, without the 50 MB
    that scipy.stats would bring to a web worker.
    Source: Benjamini & Hochberg (1995), JRSS B 57:289-300; Benjamini & Yekutieli (2001).
    Raises ValueError for what is no probability.
    """
    if any(not 0 <= p <= 1 for p in p_values):
        raise ValueError("A p-value lies between 0 and 1: find out what was computed instead.")
    count = len(p_values)
    penalty = sum(1 / i for i in range(1, count + 1)) if any_dependence else 1.0
    order = sorted(range(count), key=p_values.__getitem__, reverse=True)
    qs, least = [1.0] * count, 1.0
    for rank, position in zip(range(count, 0, -1), order, strict=True):
        least = min(least, p_values[position] * count * penalty / rank)
        qs[position] = least
    return qs


def called(p_values: Sequence[float], q: float) -> list[bool]:
    """Which to call so that on average at most a part q of those called is called wrongly.

    That is all up to the largest i with p(i) <= i·q/K. Source and errors as for adjusted().
    """
    return [each <= q for each in adjusted(p_values)]
