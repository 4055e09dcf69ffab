"""The Wilson score interval of a share."""

from math import sqrt

from server.analytics.methods.share import check_share

Z_95 = 1.959963984540054  # the 97.5 % point of the standard normal distribution


def wilson_interval(hits: int, n: int, *, z: float = Z_95) -> tuple[float, float]:
    """Lower and upper bound (0..1) of a share of which `hits` out of `n` >= 1 were seen.

    With p = hits / n: (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    Source: Wilson, E. B. (1927), JASA 22:209-212; recommended over the Wald interval, and tested
    here against Table I, by Newcombe, R. G. (1998), Statistics in Medicine 17:857-872.
    Raises ValueError unless 0 <= hits <= n and n >= 1.
    """
    check_share(hits, n)
    p = hits / n
    center = p + z * z / (2 * n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # At the ends the bounds are 0 and 1 exactly; rounding would leave 1e-17 beside them.
    low = 0.0 if hits == 0 else (center - half) / scale
    high = 1.0 if hits == n else (center + half) / scale
    return low, high
