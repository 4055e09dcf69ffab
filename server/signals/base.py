"""The rate that a chart is run at: its own first votes, drawn towards those of its like."""

from collections.abc import Sequence
from math import sqrt
from typing import Final, NamedTuple

from server.analytics.methods.shrinkage import moments_prior
from server.signals.kinds import Kind
from server.signals.limits import rounded

# Standard errors by which a rate is taken nearer to the change that is sought: at first, and once
# LONGER times as many votes tell it again.
GUARD, GUARD_LATER, LONGER = 1.0, 0.5, 3
FEWEST: Final = 50  # votes of one that says something of its like
ROUGHEST: Final = 10.0


class First(NamedTuple):
    """What a chart saw before it was run: days, n, x, and the sum of x²/n by day."""

    days: float
    n: float
    x: float
    square: float


class Base(NamedTuple):
    """p0, and by how much days scatter more than chance would: 1 if they do not."""

    p0: float
    scatter: float


def base_of(own: First, like: Sequence[First], kind: Kind, guard: float = GUARD) -> Base:
    """The base rate of a chart among its like (itself among them).

    The mean of Beta(α + x, β + n - x), α and β by moments over its like, or its own share where
    that lies nearer to the change; then `guard` standard errors towards the change: 300 votes are
    few, and a rate found too low by chance would cry wolf for ever. Every score is divided by the
    scatter φ = Σ(x-np)²/(np(1-p)) / (days - 1), over all its like: rates of response differ by day
    far more than chance would.
    """
    if kind.pooled:
        n, x = sum(each.n for each in like), sum(each.x for each in like)
        p = (x + 0.5) / (n + 1)
        weight = n + 1
    else:
        peers = [each for each in like if each.n >= FEWEST]
        prior = moments_prior([(round(each.x), round(each.n)) for each in peers])
        weight = own.n + prior.alpha + prior.beta
        p = (own.x + prior.alpha) / weight
        # One who differs from peers is not to be told so for ever: that is what a funnel is for.
        p = max(p, own.x / own.n) if kind.odds > 1 else min(p, own.x / own.n)
    scatter = scatter_of(like)
    towards = 1 if kind.odds > 1 else -1
    p += towards * guard * sqrt(max(0.0, p * (1 - p)) * scatter / weight)
    return Base(rounded(min(max(p, 0.0), 1.0), kind), scatter)


def scatter_of(like: Sequence[First]) -> float:
    """φ over all of them; 1 where nothing can be said."""
    chi, freedom = 0.0, 0.0
    for each in like:
        if each.n >= FEWEST and each.days > 1 and 0 < each.x < each.n:
            p = each.x / each.n
            chi += (each.square - each.x * each.x / each.n) / (p * (1 - p))
            freedom += each.days - 1
    return min(max(chi / freedom, 1.0), ROUGHEST) if freedom else 1.0
