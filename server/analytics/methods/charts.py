"""Control charts of shares and rates by period: p, p′, u, u′ and the mean's I′."""

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from math import inf, pi, sqrt
from typing import NamedTuple

from server.analytics.methods.chart import MISSING, Chart, Kind, Point
from server.analytics.methods.moving_range import D2, mean_range, screened_mean
from server.analytics.methods.share import check_share


def p_chart(
    hits: Sequence[int | None],
    sizes: Sequence[int | None],
    *,
    prime: bool = False,
    baseline: int | None = None,
    leave_out: Collection[int] = (),
    screen: bool = True,
) -> Chart:
    """Shares by period: p̄ ± 3·√(p̄(1-p̄)/nᵢ), cut at 0 and 1.

    prime: Laney's p′ for what scatters more than chance: the limits times σz, the mean moving
    range of (pᵢ-p̄)/σᵢ over 1.128; screen leaves out ranges above 3.267 of their mean, once.
    baseline: only the first so many periods set the limits (frozen). leave_out: positions (from 0)
    that do not set them: known special causes. None or a size of 0 is a missing period.
    Source: Montgomery, Statistical Quality Control, ch. 7; Laney (2002), Quality Eng. 14:531-537.
    Raises ValueError for what is no share and for lists of different lengths.
    """
    for x, n in zip(hits, sizes, strict=True):
        if x is not None and n is not None:
            check_share(x, n, fewest=0)
    kind: Kind = "p'" if prime else "p"
    setting = _Setting(baseline, leave_out, screen)
    return _by_period(kind, hits, sizes, lambda c, n: c * (1 - c) / n, 1.0, setting)


def u_chart(
    counts: Sequence[int | None],
    sizes: Sequence[float | None],
    *,
    prime: bool = False,
    baseline: int | None = None,
    leave_out: Collection[int] = (),
    screen: bool = True,
) -> Chart:
    """Complaints per dossier, which may exceed 1: ū ± 3·√(ū/Nᵢ), cut at 0; with sizes of 1 the
    c chart. All else as for p_chart().
    """
    _check_not_negative(counts, sizes)
    kind: Kind = "u'" if prime else "u"
    setting = _Setting(baseline, leave_out, screen)
    return _by_period(kind, counts, sizes, lambda c, n: c / n, inf, setting)


def i_prime_chart(
    sums: Sequence[float | None],
    sizes: Sequence[float | None],
    *,
    baseline: int | None = None,
    leave_out: Collection[int] = (),
    screen: bool = True,
) -> Chart:
    """A mean by period of n votes each: x̄ ± 3·σ/√nᵢ, not cut; σ = √(π/2) times the mean of
    |difference of neighbours| / √(1/nᵢ + 1/nⱼ).

    sums: of the scores of a period, so that sums / sizes is its mean.
    Source: Taylor (2017), Normalized Individuals (I_N) Chart; numbers as qicharts2's.
    Errors and the rest as for p_chart(); sums may be negative.
    """
    _check_not_negative(sizes, sizes)
    setting = _Setting(baseline, leave_out, screen)
    return _by_period("i'", sums, sizes, lambda c, n: 1 / n, None, setting)


class _Setting(NamedTuple):
    baseline: int | None
    leave_out: Collection[int]
    screen: bool


def _by_period(
    kind: Kind,
    counts: Sequence[float | None],
    sizes: Sequence[float | None],
    variance: Callable[[float, float], float],
    highest: float | None,
    setting: _Setting,
) -> Chart:
    pairs = [(x, n) if x is not None and n else None for x, n in zip(counts, sizes, strict=True)]
    first = len(pairs) if setting.baseline is None else setting.baseline
    known = [p for i, p in enumerate(pairs[:first]) if p and i not in setting.leave_out]
    if not known:
        return Chart(kind, (MISSING,) * len(pairs))
    center = sum(x for x, _ in known) / sum(n for _, n in known)
    sigma_z = _stretch(kind, known, center, variance, setting.screen)

    def point(x: float, n: float) -> Point:
        reach = 3 * sqrt(variance(center, n)) * sigma_z
        low, high = center - reach, center + reach
        if highest is not None:
            low, high = max(0.0, low), min(highest, high)
        return Point(x / n, center, low, high, reach)

    return Chart(kind, tuple(point(*pair) if pair else MISSING for pair in pairs), sigma_z)


def _stretch(
    kind: Kind,
    known: Sequence[tuple[float, float]],
    center: float,
    variance: Callable[[float, float], float],
    screen: bool,
) -> float:
    """Laney's σz of p′ and u′, Taylor's σ of I′, 1 of the others."""
    if kind == "i'":
        ranges = [abs(x / n - y / m) / sqrt(1 / n + 1 / m) for (x, n), (y, m) in pairwise(known)]
        return sqrt(pi / 2) * screened_mean(ranges, screen=screen)
    if kind not in ("p'", "u'"):
        return 1.0
    sigmas = [sqrt(variance(center, n)) for _, n in known]
    zs = [(x / n - center) / s if s else 0.0 for (x, n), s in zip(known, sigmas, strict=True)]
    return mean_range(zs, screen=screen) / D2


def _check_not_negative(*columns: Sequence[float | None]) -> None:
    if any(value is not None and value < 0 for column in columns for value in column):
        raise ValueError("A count and what it is counted of are never negative: count them anew.")
