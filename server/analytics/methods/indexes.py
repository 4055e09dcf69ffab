"""What many ratings are summed up to: each formula by its name and version, kept with reports."""

from collections.abc import Callable, Sequence
from math import sqrt
from typing import NamedTuple

from server.analytics.methods.wilson import Z_95, wilson_interval

LEVELS = (3, 4, 5)  # choices that a scale offers; the worst first


class Index(NamedTuple):
    """A formula: a weight for each of k levels, the worst first; the index is their mean.

    A changed formula is a new version beside the old one, which stays: a printed report must be
    had again as it was printed.
    """

    name: str
    version: int
    formula: str
    source: str
    weights: Callable[[int], Sequence[float]]
    levels: tuple[int, ...] = LEVELS


class Score(NamedTuple):
    """value with its 95 % interval, sd of single votes, n votes; all None but n without votes."""

    name: str
    version: int
    n: int
    value: float | None
    low: float | None
    high: float | None
    sd: float | None


def even(k: int) -> list[float]:
    """0 to 100 in equal steps."""
    return [100 * level / (k - 1) for level in range(k)]


def net(k: int) -> list[float]:
    """+100 for the best level, -100 for the dissatisfied ones: two, or one of a scale of three."""
    below = 1 if k == 3 else 2
    return [-100.0] * below + [0.0] * (k - below - 1) + [100.0]


REGISTRY = {
    (index.name, index.version): index
    for index in (
        Index("satisfied", 1, "(satisfied + very satisfied) / n · 100",
              "levels 4 + 5 as in the Ministry of Health's surveys",
              lambda k: [0.0] * (k - 2) + [100.0, 100.0]),
        Index("best", 1, "very satisfied / n · 100", "arithmetic",
              lambda k: [0.0] * (k - 1) + [100.0]),
        Index("worst", 1, "the worst level / n · 100", "arithmetic",
              lambda k: [100.0] + [0.0] * (k - 1)),
        Index("mean", 1, "(mean level - 1) / (k - 1) · 100, levels 1..k", "arithmetic", even),
        Index("net", 1, "very satisfied % - dissatisfied and very dissatisfied %",
              "arithmetic; not NPS, which wants 0..10", net),
        Index("happy-style", 1, "0, 33.3, 66.7, 100 for four faces",
              "as HappyOrNot's index is usually described; its formula is not published",
              even, (4,)),
    )
}  # fmt: skip


def summarize(name: str, counts: Sequence[int], *, version: int = 1) -> Score:
    """The index of votes by level, worst first, of one scale (never two scales in one).

    Shares of one kind have Wilson's interval; the others that of a Dirichlet posterior with half a
    vote on each level (Jeffreys), by its mean and variance: never without width, never outside
    what the index can be. sd of single votes on the index's scale, None of one vote.
    Raises ValueError for an unknown index, a scale it is not for, and negative counts.
    """
    index = REGISTRY.get((name, version))
    if index is None or len(counts) not in index.levels or any(c < 0 for c in counts):
        raise ValueError(
            f"No index {name} version {version} of {list(counts)}: "
            "see the registry for its name and levels; counts are never negative."
        )
    n, weights = sum(counts), index.weights(len(counts))
    if n == 0:
        return Score(name, version, 0, None, None, None, None)
    value = sum(c * w for c, w in zip(counts, weights, strict=True)) / n
    squares = sum(c * (w - value) ** 2 for c, w in zip(counts, weights, strict=True))
    if set(weights) == {0.0, 100.0} and n:
        hits = sum(c for c, w in zip(counts, weights, strict=True) if w)
        low, high = (100 * bound for bound in wilson_interval(hits, n))
    else:
        low, high = _posterior_interval(counts, weights, value)
    return Score(name, version, n, value, low, high, sqrt(squares / (n - 1)) if n > 1 else None)


def _posterior_interval(
    counts: Sequence[int], weights: Sequence[float], value: float
) -> tuple[float, float]:
    posts = [count + 0.5 for count in counts]
    total = sum(posts)
    mean = sum(a * w for a, w in zip(posts, weights, strict=True)) / total
    spread = sum(a * (w - mean) ** 2 for a, w in zip(posts, weights, strict=True)) / total
    half = Z_95 * sqrt(spread / (total + 1))
    return max(min(weights), min(value, mean - half)), min(max(weights), max(value, mean + half))
