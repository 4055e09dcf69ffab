"""What a unit or official could be expected to have, given what they were asked to do."""

from collections.abc import Mapping
from math import sqrt
from typing import NamedTuple

from server.analytics.methods.distributions import poisson_limits
from server.analytics.methods.share import Unit, check_share


class Standardised(NamedTuple):
    """Observed and expected numbers, their ratio with a 95 % interval, and z.

    ratio, low and high are None where nothing was expected: there is nothing to compare with.
    """

    observed: int
    expected: float
    ratio: float | None
    low: float | None
    high: float | None
    z: float


def standardise(own: Mapping[str, Unit], all_units: Mapping[str, Unit]) -> Standardised:
    """Indirect standardisation over strata (procedure × channel): O against E = Σ nₛ·pₛ.

    own: (complaints, votes) of one by stratum; all_units: of the province, its own votes among
    them, which gives pₛ. Ratio O/E with Garwood's exact Poisson interval, good for what is rare
    (complaints) and too wide for what is common; z = (O - E)/√Σ nₛpₛ(1-pₛ), 0 if that is 0.
    Source: Breslow & Day (1987), IARC Sci. Publ. 82, ch. 2; Garwood (1936), Biometrika 28:437.
    Raises ValueError for what is no share, and for a stratum that the province has no votes of.
    """
    observed, expected, spread = 0, 0.0, 0.0
    for stratum, (hits, n) in own.items():
        check_share(hits, n, fewest=0)
        if n == 0:
            continue
        of_all = all_units.get(stratum, (0, 0))
        check_share(*of_all, fewest=0)
        if of_all[1] == 0:
            raise ValueError(f"{stratum} has votes here and none in all units: count both anew.")
        p = of_all[0] / of_all[1]
        observed, expected, spread = observed + hits, expected + n * p, spread + n * p * (1 - p)
    z = (observed - expected) / sqrt(spread) if spread > 0 else 0.0
    if expected == 0:
        return Standardised(observed, 0.0, None, None, None, z)
    low, high = ratio_interval(observed, expected)
    return Standardised(observed, expected, observed / expected, low, high, z)


def ratio_interval(observed: int, expected: float) -> tuple[float, float]:
    """Garwood's exact 95 % interval of O/E: the Poisson means that O does not rule out, over E.

    Raises ValueError if observed is negative or expected is not above 0.
    """
    if observed < 0 or expected <= 0:
        raise ValueError(
            f"{observed} observed for {expected} expected: the first is never negative, "
            "the second is above 0."
        )
    low, high = poisson_limits(observed, 0.025)
    return low / expected, high / expected
