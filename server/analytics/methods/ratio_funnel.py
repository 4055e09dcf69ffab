"""The funnel of observed over expected, for units that do not do the same procedures."""

from collections.abc import Callable, Sequence
from math import exp, log, sqrt
from typing import Literal

from server.analytics.methods.distributions import poisson_limits
from server.analytics.methods.funnel import (
    FEWEST_UNITS,
    NO_VOTES,
    Z_95,
    Z_998,
    Funnel,
    Limits,
    Row,
    additive_spread,
    place_of,
    winsorise,
)

Scale = Literal["root", "log"]


def ratio_funnel(
    units: Sequence[tuple[int, float]], *, scale: Scale = "root", fewest: int = FEWEST_UNITS
) -> Funnel | None:
    """The funnel of O/E around 1 for (observed, expected); None if nothing was expected anywhere.

    scale root (the one to use): y = √(O/E), s = 1/(2√E), z winsorised as for shares. scale log, as
    in NHS SHMI: y = log(O/E), s = 1/√E, the outer tenths of z left out; it knows no O = 0.
    Where τ² is 0 (or with fewer than `fewest` units) the limits are the exact Poisson ones.
    Limits are brought back to O/E: (1 ± z·√(s²+τ²))² or exp(± z·√(s²+τ²)). FunnelPlotR leaves the
    square out and holds O/E against limits of √(O/E), half as wide: it calls 17 of its 54
    hospitals far out where these limits call 2, and its own log scale 9.
    Source: Spiegelhalter (2005), as in funnel.py; Spiegelhalter et al. (2012), JRSS A 175:1-47;
    NHS Digital, SHMI specification.
    Raises ValueError if a number is negative, or 0 is observed on the log scale.
    """
    if any(o < 0 or e < 0 for o, e in units):
        raise ValueError("Observed and expected numbers are never negative: count them anew.")
    some = [(o, e) for o, e in units if e > 0]
    if not some:
        return None
    if scale == "log" and any(o == 0 for o, _ in some):
        raise ValueError("The log scale knows no unit with 0 observed: take the root scale.")
    half = 2 if scale == "root" else 1
    zs = [(sqrt(o / e) - 1 if half == 2 else log(o / e)) * half * sqrt(e) for o, e in some]
    few = len(zs) < fewest
    phi, tau2 = (0.0, 0.0) if few else _spread(zs, [1 / (half * sqrt(e)) for _, e in some], scale)
    limits = poisson_ratio_limits if tau2 == 0 else _widened(tau2, scale)
    known = iter(zs)
    rows = tuple(_row(o / e, next(known), limits(e)) if e > 0 else NO_VOTES for o, e in units)
    return Funnel(1.0, phi, tau2, tau2 > 0, few, rows)


def poisson_ratio_limits(expected: float) -> Limits:
    """The limits of O/E if O is Poisson of mean `expected` > 0 and no unit differs."""
    bounds = [poisson_limits(expected, tail) for tail in (0.025, 0.001)]
    return Limits(*(bound / expected for pair in bounds for bound in pair))


def _row(value: float, z: float, limits: Limits) -> Row:
    return Row(value, z, limits, place_of(value, limits))


def _spread(zs: list[float], sigmas: list[float], scale: Scale) -> tuple[float, float]:
    if scale == "root":
        return additive_spread(winsorise(zs), sigmas)
    order = sorted(range(len(zs)), key=zs.__getitem__)
    inner = [i for rank, i in enumerate(order, 1) if 1 <= rank * 10 // (len(zs) + 1) < 9]
    return additive_spread([zs[i] for i in inner], [sigmas[i] for i in inner])


def _widened(tau2: float, scale: Scale) -> Callable[[float], Limits]:
    def limits(expected: float) -> Limits:
        reach = sqrt((1 / (4 * expected) if scale == "root" else 1 / expected) + tau2)
        steps = [z * reach for z in (-Z_95, Z_95, -Z_998, Z_998)]
        if scale == "log":
            return Limits(*(exp(step) for step in steps))
        return Limits(*(max(0.0, 1 + step) ** 2 for step in steps))

    return limits
