"""Alarms for counters with a week of history: EARS C1 and C2 of daily counts."""

from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Literal, NamedTuple

from server.analytics.methods.distributions import normal_point

BASE = 7  # days that a day is held against
ALPHA = 0.001  # of usual days above the bound, were counts normal

Method = Literal["C1", "C2"]


class Day(NamedTuple):
    """A day's number, the upper bound of what is usual (None: too little history), and alarm."""

    seen: int
    bound: float | None
    alarm: bool


def ears(counts: Sequence[int], method: Method = "C1") -> list[Day]:
    """Each day against mean + z·sd of seven days: the last seven (C1), or those up to two days
    before the day (C2), so that a rise over some days does not hide itself.

    A fallback until a counter has a baseline for cusum.py. The bound after a week without any
    scatter is its mean: one complaint more is an alarm, which says little. C3 is left out: what R
    prints as its bound stands on the day's own count.
    Source: Hutwagner et al. (2003), J. Urban Health 80:i89-i96; numbers as R surveillance's earsC.
    Raises ValueError if a count is negative.
    """
    if any(count < 0 for count in counts):
        raise ValueError("A count is never negative: count them anew.")
    z, lag = normal_point(1 - ALPHA), 0 if method == "C1" else 2
    days = []
    for position, seen in enumerate(counts):
        week = counts[max(0, position - lag - BASE) : max(0, position - lag)]
        bound = fmean(week) + z * stdev(week) if len(week) == BASE else None
        days.append(Day(seen, bound, bound is not None and seen > bound))
    return days
