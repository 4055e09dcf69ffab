"""The alarm engine: a cumulative sum of what each vote says for a change over no change."""

from collections.abc import Iterable
from math import log
from typing import NamedTuple


class Seen(NamedTuple):
    """One vote, or all of a day: events out of n, each expected with probability p.

    Risk-adjusted where p comes from a model of procedure, channel and hour; else p is the base
    rate. p = 0 and p = 1 are allowed: what cannot happen otherwise says nothing.
    """

    p: float
    events: int
    n: int = 1


class Step(NamedTuple):
    """The sum after one Seen, whether it is an alarm, and since when (position) it has risen."""

    sum: float
    alarm: bool
    since: int


def score(p: float, event: bool, odds_ratio: float) -> float:
    """What one vote adds: log of its likelihood with the odds times `odds_ratio`, over as it was.

    log(R/(1-p+Rp)) for an event, log(1/(1-p+Rp)) else: Steiner's W with R0 = 1, and with one p for
    all the plain binomial CUSUM, log(p1/p0) and log((1-p1)/(1-p0)).
    Source: Steiner, Cook, Farewell & Treasure (2000), Biostatistics 1:441-452.
    Raises ValueError unless 0 <= p <= 1 and odds_ratio is above 0.
    """
    if not 0 <= p <= 1 or odds_ratio <= 0:
        raise ValueError(
            f"No score for p={p} and an odds ratio of {odds_ratio}: p lies between 0 and 1, "
            "the ratio above 0."
        )
    against = -log(1 - p + odds_ratio * p)
    return against + log(odds_ratio) if event else against


def cusum(seen: Iterable[Seen], odds_ratio: float, h: float) -> list[Step]:
    """S = max(0, S + scores); an alarm where S > h, after which it begins at 0 again.

    odds_ratio above 1 finds a rise, below 1 a fall: run both for a two-sided chart. h from
    run_length.alarm_limit(). Votes of one Seen are taken together (their order is not known), which
    changes the figures of single votes little while a Seen moves S by less than h.
    `since` of a Step: position of the first Seen after the sum was last 0; where the change is
    likely to have begun. Raises ValueError as score(), and unless 0 <= events <= n.
    """
    steps: list[Step] = []
    scores: dict[float, tuple[float, float]] = {}  # most counters have one p for all their days
    total, since = 0.0, 0
    for position, (p, events, n) in enumerate(seen):
        if not 0 <= events <= n:
            raise ValueError(f"{events} of {n} votes is impossible: count them anew.")
        if total == 0:
            since = position
        if p not in scores:
            scores[p] = score(p, True, odds_ratio), score(p, False, odds_ratio)
        up, down = scores[p]
        total = max(0.0, total + events * up + (n - events) * down)
        steps.append(Step(total, total > h, since))
        if total > h:
            total = 0.0
    return steps
