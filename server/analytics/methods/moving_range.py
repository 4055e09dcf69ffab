"""Moving ranges: how much neighbours differ, which a slow drift does not blow up."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

D2 = 1.128  # a mean moving range of two is so many sigmas
WIDEST = 3.267  # a range above so many means is left out, once (NHS Making Data Count)


def mean_range(values: Sequence[float], *, screen: bool = True) -> float:
    """The mean |difference| of neighbours; without those above 3.267 times it if `screen`.

    0 of fewer than two values. Source: Montgomery, ch. 6; NHSRplotthedots for the screening.
    """
    return screened_mean([abs(b - a) for a, b in pairwise(values)], screen=screen)


def screened_mean(ranges: Sequence[float], *, screen: bool = True) -> float:
    """The mean of ranges, as mean_range() leaves the widest out."""
    if not ranges:
        return 0.0
    mean = fmean(ranges)
    if not screen or mean == 0:
        return mean
    return fmean([r for r in ranges if r < WIDEST * mean])
