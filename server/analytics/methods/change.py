"""Before and after: what an inspection visit changed."""

from math import sqrt
from typing import NamedTuple

from server.analytics.methods.share import Unit, check_units
from server.analytics.methods.wilson import wilson_interval


class Change(NamedTuple):
    """Share after less share before, -1..1, with its 95 % interval.

    clear: the interval leaves 0 out. All None, and not clear, without votes on one side.
    """

    difference: float | None
    low: float | None
    high: float | None
    clear: bool


def change(before: Unit, after: Unit) -> Change:
    """The difference of two shares (hits, n), by Newcombe's hybrid of Wilson's bounds.

    d - √((p₁-l₁)² + (u₂-p₂)²), d + √((u₁-p₁)² + (p₂-l₂)²), 1 after and 2 before. It says that the
    two differ, not why: the same months of units that were not visited belong beside it.
    Source: Newcombe (1998), Statistics in Medicine 17:873-890, method 10.
    Raises ValueError for what is no share.
    """
    check_units([before, after])
    if not before[1] or not after[1]:
        return Change(None, None, None, False)
    p1, p2 = after[0] / after[1], before[0] / before[1]
    (l1, u1), (l2, u2) = wilson_interval(*after), wilson_interval(*before)
    d = p1 - p2
    low = d - sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2)
    high = d + sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)
    return Change(d, low, high, low > 0 or high < 0)
