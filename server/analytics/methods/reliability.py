"""Whether so many votes tell one official from another."""

from math import ceil

ENOUGH = 0.7  # below it an individual gets no verdict, only the data


def reliability(n: int, p: float, tau2: float) -> float:
    """The part (0..1) of the differences between shares of n votes that is not chance.

    r = τ² / (τ² + p(1-p)/n): τ² is the variance of the true shares between peers
    (shrinkage.Prior.variance, not the funnel's τ², which is on another scale), p their mean.
    0 without votes and where peers do not differ (τ² = 0).
    Source: Adams (2009), The Reliability of Provider Profiling, RAND TR-653.
    Raises ValueError if n or tau2 is negative or p is outside 0..1.
    """
    _check(n, p, tau2)
    if n == 0 or tau2 == 0:
        return 0.0
    return tau2 / (tau2 + p * (1 - p) / n)


def votes_needed(p: float, tau2: float, *, enough: float = ENOUGH) -> int | None:
    """The fewest votes for a reliability of `enough`; None if no number is (τ² = 0).

    n = r/(1-r) · p(1-p)/τ², rounded up; at least 1. Errors as for reliability().
    """
    _check(0, p, tau2)
    if tau2 == 0:
        return None
    exact = enough / (1 - enough) * p * (1 - p) / tau2
    # 7.000000000000001 votes are seven.
    return max(1, ceil(exact * (1 - 1e-12)))


def _check(n: int, p: float, tau2: float) -> None:
    if n < 0 or not 0 <= p <= 1 or not 0 <= tau2 < float("inf"):
        raise ValueError(
            f"No reliability of n={n}, p={p}, tau2={tau2}: n and tau2 are never negative, "
            "p lies between 0 and 1."
        )
