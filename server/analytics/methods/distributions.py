"""The few distributions that the methods need, from SciPy, which is loaded at the first call.

SciPy's special functions bring some 50 MB and half a second with them: a web worker that only
draws Wilson intervals must not carry them, so nothing here is imported at the top. The normal
distribution is Python's own.
"""

from functools import cache
from math import erfc, sqrt
from statistics import NormalDist
from typing import Any


@cache
def special() -> Any:
    """SciPy's special functions (numpy ufuncs: they take numbers and arrays alike)."""
    from scipy import special as functions

    return functions


def normal_point(p: float) -> float:
    """The z below which a standard normal falls with probability p, 0 < p < 1."""
    return NormalDist().inv_cdf(p)


def normal_two_sided(z: float) -> float:
    """The probability of a standard normal at least |z| from 0."""
    return erfc(abs(z) / sqrt(2))


def beta_point(q: float, a: float, b: float) -> float:
    """The point below which Beta(a, b) falls with probability q."""
    return float(special().betaincinv(a, b, q))


def binomial_above(x: int, n: int, p: float) -> float:
    """P(X > x) of Binomial(n, p), -1 <= x <= n, by the incomplete beta function."""
    if x < 0:
        return 1.0
    return float(special().betainc(x + 1, n - x, p)) if x < n else 0.0


def chi_square_above(x: float, freedom: int) -> float:
    """The probability of a chi-square of `freedom` >= 1 degrees above x >= 0."""
    return float(special().chdtrc(freedom, x))


def poisson_limits(expected: float, tail: float) -> tuple[float, float]:
    """The exact limits that a Poisson count of mean `expected` > 0 leaves on each side by `tail`.

    Half a chi-square's points with 2·expected and 2·(expected + 1) degrees: Spiegelhalter (2005),
    Statistics in Medicine 24:1185-1202, as used by FunnelPlotR; with a count in place of
    `expected`, Garwood's (1936) interval of its mean.
    """
    gamma = special()
    low = float(gamma.gammaincinv(expected, tail)) if expected > 0 else 0.0
    return low, float(gamma.gammainccinv(expected + 1, tail))
