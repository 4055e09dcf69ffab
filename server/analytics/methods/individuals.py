"""Charts of single values by period: XmR, and G and T between rare events."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from math import sqrt
from statistics import fmean, median

from server.analytics.methods.chart import MISSING, Chart, Kind, Point
from server.analytics.methods.moving_range import D2, WIDEST, mean_range

REACH = 2.66  # 3 / 1.128, as the NHS rounds it
T_POWER = 3.6  # y^(1/3.6) of a waiting time is nearly normal


def xmr_chart(
    values: Sequence[float | None],
    *,
    baseline: int | None = None,
    leave_out: Collection[int] = (),
    screen: bool = True,
) -> Chart:
    """Mean ± 2.66 × mean moving range, not cut; ranges above 3.267 means left out once if `screen`.

    For what is neither share nor rate: a mean score, a waiting time. A missing month (None) is
    passed over: its neighbours are compared. baseline and leave_out as for charts.p_chart().
    Source: NHS England, Making Data Count; NHSRplotthedots; Montgomery, ch. 6.
    """
    known = _known(values, baseline, leave_out)
    if not known:
        return Chart("xmr", (MISSING,) * len(values))
    center, reach = fmean(known), REACH * mean_range(known, screen=screen)
    return _flat("xmr", values, center, (center - reach, center + reach), reach)


def range_chart(values: Sequence[float | None], *, baseline: int | None = None) -> Chart:
    """The moving ranges themselves: from 0 to 3.267 × their mean. The first value has none."""
    present = [i for i, value in enumerate(values) if value is not None]
    ranges: list[float | None] = [None] * len(values)
    for before, here in pairwise(present):
        ranges[here] = abs((values[here] or 0) - (values[before] or 0))
    known = _known(ranges, baseline, ())
    if not known:
        return Chart("mr", (MISSING,) * len(values))
    return _flat("mr", ranges, fmean(known), (0.0, WIDEST * fmean(known)), None)


def g_chart(
    between: Sequence[int], *, baseline: int | None = None, leave_out: Collection[int] = ()
) -> Chart:
    """Votes between one complaint and the next: median, limits m ± 3·√(m(m+1)) of the mean m,
    cut at 0. For complaints so rare that periods mostly have none or one.

    Source: Benneyan (2001), Health Care Manag. Sci. 4:305-318; qicharts2 for the median.
    Raises ValueError if a number is negative.
    """
    known = _known(_not_negative(between), baseline, leave_out)
    if not known:
        return Chart("g", (MISSING,) * len(between))
    mean = fmean(known)
    reach = 3 * sqrt(mean * (mean + 1))
    return _flat("g", between, median(known), (max(0.0, mean - reach), mean + reach), None)


def t_chart(
    between: Sequence[float], *, baseline: int | None = None, leave_out: Collection[int] = ()
) -> Chart:
    """Time between one complaint and the next, any unit: an XmR chart of y^(1/3.6), brought back.

    Ranges above 3.267 means are left out once.
    Source: Nelson (1994), J. Quality Technology 26:239-240; Montgomery, ch. 7.
    Raises ValueError if a time is negative.
    """
    roots = [y ** (1 / T_POWER) for y in _not_negative(between)]
    known = _known(roots, baseline, leave_out)
    if not known:
        return Chart("t", (MISSING,) * len(between))
    center, reach = fmean(known), 3 / D2 * mean_range(known)
    low, high = max(0.0, center - reach), center + reach
    return _flat("t", between, center**T_POWER, (low**T_POWER, high**T_POWER), None)


def _known(
    values: Sequence[float | None], baseline: int | None, leave_out: Collection[int]
) -> list[float]:
    first = values[: len(values) if baseline is None else baseline]
    return [y for i, y in enumerate(first) if y is not None and i not in leave_out]


def _flat(
    kind: Kind,
    values: Sequence[float | None],
    center: float,
    limits: tuple[float, float],
    reach: float | None,
) -> Chart:
    line = Point(None, center, *limits, reach)
    return Chart(kind, tuple(MISSING if y is None else line._replace(y=y) for y in values))


def _not_negative(between: Sequence[float]) -> Sequence[float]:
    if any(y < 0 for y in between):
        raise ValueError("What lies between two complaints is never negative: order them by time.")
    return between
