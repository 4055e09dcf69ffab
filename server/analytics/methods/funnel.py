"""The funnel: which units differ by more than chance and the usual spread between units."""

from collections.abc import Sequence
from math import asin, pi, sin, sqrt
from statistics import quantiles
from typing import Literal, NamedTuple

from server.analytics.methods.share import Unit, check_units

Z_95, Z_998 = 1.959964, 3.090232
# What winsorising at 10 % and 90 % leaves of the variance of a standard normal: of z without
# over-dispersion φ comes out as this, not as 1.
LEFT_OVER = 0.678655
FEWEST_UNITS = 10  # with fewer the spread between units is anybody's guess

Place = Literal["far below", "below", "within", "above", "far above", "no votes"]


class Limits(NamedTuple):
    """What 95 % and 99.8 % of units like the others stay within."""

    low_95: float
    high_95: float
    low_998: float
    high_998: float


class Row(NamedTuple):
    """One unit: its value, distance z from the center in its own sigmas, limits, and where it is.

    `far` means beyond the 99.8 % limits: only that may be called different.
    """

    value: float | None
    z: float
    limits: Limits | None
    place: Place


class Funnel(NamedTuple):
    """center: value of all units together; phi: mean winsorised z²; tau2: spread between units.

    adjusted: whether tau2 widens the limits; few: whether that was left off for want of units.
    """

    center: float
    phi: float
    tau2: float
    adjusted: bool
    few: bool
    rows: tuple[Row, ...]


def share_funnel(
    units: Sequence[Unit], *, fewest: int = FEWEST_UNITS, consistent: bool = False
) -> Funnel | None:
    """The funnel of shares (hits, n); None if no unit has votes.

    y = asin √p, s = 1/(2√n), z = (y - θ)/s around all units' share; limits sin²(θ ± z·√(s²+τ²)).
    With fewer than `fewest` units with votes τ² is left at 0 and `few` says so.
    consistent: φ is divided by what winsorising alone takes from it. As published (False) the
    widened 99.8 % limits leave out 1.7 % of units that differ as usual, not 0.2 %; True leaves
    out 0.4 %, and finds a unit that is special a little later (bench.error_rates).
    Source: Spiegelhalter (2005), Stat. Med. 24:1185-1202, doi 10.1002/sim.1970; additive spread:
    Spiegelhalter (2005), Qual. Saf. Health Care 14:347-351, doi 10.1136/qshc.2005.013755.
    Raises ValueError for what is no share.
    """
    check_units(units)
    votes = sum(n for _, n in units)
    if not votes:
        return None
    center = sum(hits for hits, _ in units) / votes
    theta = asin(sqrt(center))
    spread = [1 / (2 * sqrt(n)) for _, n in units if n]
    zs = [(asin(sqrt(hits / n)) - theta) * 2 * sqrt(n) for hits, n in units if n]
    few = len(zs) < fewest
    phi, tau2 = (
        (0.0, 0.0)
        if few
        else additive_spread(winsorise(zs), spread, left_over=LEFT_OVER if consistent else 1.0)
    )
    known = iter(zs)
    rows = tuple(
        _row(hits / n, next(known), share_limits(center, n, tau2)) if n else NO_VOTES
        for hits, n in units
    )
    return Funnel(center, phi, tau2, tau2 > 0, few, rows)


def share_limits(center: float, n: int, tau2: float = 0.0) -> Limits:
    """The limits at n >= 1 votes, for a unit's row as for the funnel's drawn lines.

    The angle is kept within 0 and a right one: beyond, sin² would turn and bring the limits of
    the smallest units together again.
    """
    theta, sigma = asin(sqrt(center)), sqrt(1 / (4 * n) + tau2)
    return Limits(*(
        sin(min(max(theta + z * sigma, 0.0), pi / 2)) ** 2 for z in (-Z_95, Z_95, -Z_998, Z_998)
    ))  # fmt: skip


def winsorise(zs: Sequence[float]) -> list[float]:
    """The outer tenth on each side drawn in to the 10 % and 90 % points: a few odd units shall
    not widen the limits that are to find them."""
    if len(zs) < 2:
        return list(zs)
    tenths = quantiles(zs, n=10, method="inclusive")
    return [min(max(z, tenths[0]), tenths[-1]) for z in zs]


def additive_spread(
    zs: Sequence[float], sigmas: Sequence[float], *, left_over: float = 1.0
) -> tuple[float, float]:
    """φ, the mean of z², and τ² = max(0, (Iφ - (I-1)) / (Σw - Σw²/Σw)), w = 1/σ², of I units.

    zs and sigmas of the same units. 0 of one unit or none. φ is divided by left_over.
    """
    count, squares = len(zs), sum(z * z for z in zs) / left_over
    phi = squares / count if count else 0.0
    weights = [1 / (sigma * sigma) for sigma in sigmas]
    total = sum(weights)
    room = total - sum(w * w for w in weights) / total if count > 1 else 0.0
    return phi, max(0.0, (squares - (count - 1)) / room) if room > 0 else 0.0


NO_VOTES = Row(None, 0.0, None, "no votes")


def _row(value: float, z: float, limits: Limits) -> Row:
    return Row(value, z, limits, place_of(value, limits))


def place_of(value: float, limits: Limits) -> Place:
    """Where a value lies; upon a limit is within it."""
    if value < limits.low_998:
        return "far below"
    if value > limits.high_998:
        return "far above"
    if value < limits.low_95:
        return "below"
    return "above" if value > limits.high_95 else "within"
