"""What a chart's points say beyond single ones outside: the NHS rules, or Anhøj's; never both."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, comb, log2, sqrt
from typing import Literal, NamedTuple

from server.analytics.methods.chart import Chart, Point

SEVEN = 7  # points in a row; older guides say 6 or 8
MOST_EXACT = 1000  # crossings of longer series by the normal distribution

Rule = Literal["outside", "trend", "two of three", "seven"]


class Special(NamedTuple):
    """The rule that a point fell under, and to which side (1 up or above, -1 down or below)."""

    rule: Rule
    side: int


def nhs_rules(chart: Chart) -> list[Special | None]:
    """For each point the first rule that it is part of, or None: common cause, or missing.

    In this order: 1 outside a limit; 2 part of 7 that strictly rise or fall; 3 one of two or three
    beyond two thirds of the limit's distance, among 3 on the same side; 4 part of 7 on one side of
    the center. Missing periods are passed over. Rule 3 wants equal distances: not on G and T.
    Source: NHS England, Making Data Count, as coded in NHSRplotthedots 0.2.2.
    """
    points = [point for point in chart.points if point.y is not None]
    sides = [_sign((p.y or 0) - (p.center or 0)) for p in points]
    rising = _rising([p.y or 0.0 for p in points])
    trends = _members(rising, SEVEN - 1)
    # A run of rising steps holds one more point than steps: the one that it starts from.
    pairs = zip([*trends, 0], [0, *trends], strict=True)
    trend = [own or before for own, before in pairs] if trends else [0] * len(points)
    near = _two_of_three([_near(p) and not p.outside for p in points], sides)
    seven = _members(sides, SEVEN)
    found = iter([
        Special("outside", side) if p.outside
        else Special("trend", t) if t
        else Special("two of three", side) if n
        else Special("seven", side) if s
        else None
        for p, side, t, n, s in zip(points, sides, trend, near, seven, strict=True)
    ])  # fmt: skip
    return [None if point.y is None else next(found) for point in chart.points]


class Runs(NamedTuple):
    """Anhøj's two tests: useful points, longest run and its bound, crossings and theirs."""

    useful: int
    longest: int
    longest_usual: int
    crossings: int
    crossings_usual: int

    @property
    def signal(self) -> bool:
        return self.longest > self.longest_usual or self.crossings < self.crossings_usual


def anhoej_rules(values: Sequence[float | None], center: float) -> Runs:
    """A run longer than round(log2 n) + 3, or fewer crossings than the 5 % point of B(n-1, ½).

    n counts the points that are not upon the center (the median of a run chart) nor missing.
    Source: Anhøj & Olesen (2014), PLoS ONE 9:e113825; numbers as qicharts2's.
    """
    sides = [_sign(y - center) for y in values if y is not None and y != center]
    n = len(sides)
    if n == 0:
        return Runs(0, 0, 0, 0, 0)
    longest = here = 1
    crossings = 0
    for before, side in pairwise(sides):
        here = here + 1 if side == before else 1
        longest, crossings = max(longest, here), crossings + (side != before)
    return Runs(n, longest, round(log2(n)) + 3, crossings, _usual_crossings(n))


def _usual_crossings(n: int) -> int:
    if n > MOST_EXACT:
        return max(0, ceil((n - 1) / 2 - 1.644854 * sqrt(n - 1) / 2 - 0.5))
    below, least = comb(n - 1, 0), 0
    while below * 20 < 2 ** (n - 1):
        least += 1
        below += comb(n - 1, least)
    return least


def _sign(x: float) -> int:
    return (x > 0) - (x < 0)


def _rising(values: Sequence[float]) -> list[int]:
    return [_sign(b - a) for a, b in pairwise(values)]


def _members(signs: Sequence[int], length: int) -> list[int]:
    """Of each sign: itself if it is one of at least `length` equal ones in a row that are not 0."""
    found, start = [0] * len(signs), 0
    for i in range(1, len(signs) + 1):
        if i == len(signs) or signs[i] != signs[start]:
            if i - start >= length:
                found[start:i] = signs[start:i]
            start = i
    return found


def _near(point: Point) -> bool:
    if point.y is None or point.center is None or point.reach is None:
        return False
    return abs(point.y - point.center) > 2 * point.reach / 3


def _two_of_three(near: Sequence[bool], sides: Sequence[int]) -> list[bool]:
    found = [False] * len(near)
    for i in range(len(near) - 2):
        three = range(i, i + 3)
        if abs(sum(sides[j] for j in three)) == 3 and sum(near[j] for j in three) >= 2:
            for j in three:
                found[j] = found[j] or near[j]
    return found
