"""A figure: how many votes, and of the part of them that may be shown what they say. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from server.analytics.drawing import FIVE
from server.analytics.methods.wilson import wilson_interval

Counts = tuple[int, ...]  # n1..n5


@dataclass(frozen=True)
class Period:
    """Whole months: the first day of the first to the last day of the last."""

    first: date
    last: date


@dataclass(frozen=True)
class Figure:
    """How many votes, and of the part of them that may be shown: ratings and share satisfied.

    n: every vote, live. base: whole fives, 0 if none or n < 5; counts: n1..n5 of the base.
    share = (n4 + n5) / base with its 95 % Wilson interval; all None while base is 0.
    base may exceed n by a few: of a block that a late attribution cut, fewer than half are gone.
    """

    n: int = 0
    base: int = 0
    counts: tuple[int, int, int, int, int] | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None


def figure_of(n: int, cells: Iterable[Counts]) -> Figure:
    """The figure of n votes, made of cells (models.Shown) or of sums of them."""
    n1, n2, n3, n4, n5 = (sum(column) for column in zip((0,) * 5, *cells, strict=True))
    base = n1 + n2 + n3 + n4 + n5
    # Nobody left with a few votes is judged by what was shown when there were more.
    if base < FIVE or n < FIVE:
        return Figure(n=n)
    low, high = wilson_interval(n4 + n5, base)
    return Figure(n, base, (n1, n2, n3, n4, n5), (n4 + n5) / base, low, high)


def figures_of(
    ns: Iterable[tuple[str, int]], cells: Iterable[tuple[str, Counts]]
) -> dict[str, Figure]:
    """One figure for each key, from its numbers of votes and its cells."""
    by_key: dict[str, list[Counts]] = {}
    for key, cell in cells:
        by_key.setdefault(key, []).append(cell)
    return {key: figure_of(n, by_key.get(key, ())) for key, n in sum_by(ns).items()}


def sum_by(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The numbers added up by their key."""
    sums: dict[str, int] = {}
    for key, n in pairs:
        sums[key] = sums.get(key, 0) + n
    return sums
