"""A figure: how many votes, and of the part of them that may be shown what they say. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from server.analytics.drawing import FIVE
from server.analytics.methods.wilson import wilson_interval

Counts = tuple[int, ...]  # n1..n5
NONE = (0,) * 5


@dataclass(frozen=True)
class Period:
    """Whole months: the first day of the first to the last day of the last."""

    first: date
    last: date


@dataclass(frozen=True)
class Figure:
    """How many votes, and of the part of them that may be shown: ratings and share satisfied.

    n: every vote, live. base: whole fives, 0 if none or n < 5; counts: n1..n5 of the base. apart:
    votes of these fives that only disagree with the decision (models.Apart); they are no part of an
    official's counts, so that the base is so many less. 0 for all but officials.
    share = (n4 + n5) / base with its 95 % Wilson interval; all None while base is 0.
    base may exceed n by a few: of a block that a late attribution cut, fewer than half are gone.
    """

    n: int = 0
    base: int = 0
    counts: tuple[int, int, int, int, int] | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    apart: int = 0


class States(NamedTuple):
    """How many votes count, are held until people look at them, or were excluded by people."""

    counted: int = 0
    held: int = 0
    excluded: int = 0


def states_of(counted: Iterable[tuple[str, int]]) -> States:
    """From numbers of votes by state."""
    sums = sum_by(counted)
    return States(*(sums.get(state, 0) for state in States._fields))


def figure_of(n: int, cells: Iterable[Counts]) -> Figure:
    """The figure of n votes, made of cells (models.Shown) or of sums of them.

    cells: n1..n5; of an official x1..x5 after them, which are taken out.
    """
    rows = [(*cell, *NONE)[:10] for cell in cells]
    sums = [sum(column) for column in zip(NONE * 2, *rows, strict=True)]
    n1, n2, n3, n4, n5 = (sums[at] - sums[at + 5] for at in range(5))
    base, apart = n1 + n2 + n3 + n4 + n5, sum(sums[5:])
    # Nobody left with a few votes is judged by what was shown when there were more.
    if base < FIVE or n < FIVE:
        return Figure(n=n)
    low, high = wilson_interval(n4 + n5, base)
    return Figure(n, base, (n1, n2, n3, n4, n5), (n4 + n5) / base, low, high, apart)


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
