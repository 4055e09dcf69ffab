"""Intervals of a share that keep their promise at any n: exact, and the less cautious mid-p."""

from collections.abc import Callable

from server.analytics.methods.distributions import beta_point, binomial_above
from server.analytics.methods.share import check_share

HALVINGS = 60  # of [0, 1]: 1e-18, below what a float tells apart


def exact_interval(hits: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's bounds (0..1): covers at least `confidence`, mostly more.

    low = the α/2 point of Beta(x, n-x+1), 0 if x = 0; high = the 1-α/2 point of Beta(x+1, n-x),
    1 if x = n. For evidence and for tiny n, where no promise may be broken; pages show Wilson's.
    Source: Clopper & Pearson (1934), Biometrika 26:404-413; Newcombe (1998), method 5.
    Raises ValueError unless 0 <= hits <= n and n >= 1.
    """
    check_share(hits, n)
    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else beta_point(tail, hits, n - hits + 1)
    high = 1.0 if hits == n else beta_point(1 - tail, hits + 1, n - hits)
    return low, high


def mid_p_interval(hits: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """The mid-p bounds (0..1): covers `confidence` on the average of all p.

    All p for which P(X > x) + ½P(X = x) and P(X < x) + ½P(X = x) are both at least α/2.
    Source: Newcombe (1998), Statistics in Medicine 17:857-872, method 6.
    Raises ValueError unless 0 <= hits <= n and n >= 1.
    """
    check_share(hits, n)
    tail = (1 - confidence) / 2

    def at_or_above(p: float) -> float:
        return (binomial_above(hits - 1, n, p) + binomial_above(hits, n, p)) / 2

    low = 0.0 if hits == 0 else _crossing(at_or_above, tail)
    high = 1.0 if hits == n else _crossing(at_or_above, 1 - tail)
    return low, high


def _crossing(rising: Callable[[float], float], level: float) -> float:
    """Where a function that rises over [0, 1] passes `level`."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if rising(middle) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2
