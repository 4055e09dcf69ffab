"""The rhythm of votes: too even, too many at once, too alike to be a crowd."""

from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from math import log, sqrt
from statistics import fmean, pstdev, variance
from typing import NamedTuple

from server.analytics.methods.distributions import chi_square_above, normal_two_sided

BURSTS = ((5, 20_000), (9, 150_000))  # so many votes of one kiosk within so many ms
EVEN = 0.02  # two gaps in a row that differ by less than this part of the longer


class Tested(NamedTuple):
    """A statistic and how likely one as large is by chance (p, 0..1); None where there is none."""

    value: float | None
    p: float | None


NOTHING = Tested(None, None)


def runs_test(good: Sequence[bool]) -> Tested:
    """Wald & Wolfowitz's z of good and bad votes in order: below 0 clustered, above 0 alternating.

    (R - m)/s of R runs, m = 2ab/n + 1, s² = 2ab(2ab-n)/(n²(n-1)); two-sided, no continuity
    correction. None where all are alike.
    Source: Wald & Wolfowitz (1940), Ann. Math. Stat. 11:147-162; numbers as R's tseries.
    """
    a, n = sum(good), len(good)
    product = 2 * a * (n - a)
    if product == 0 or product <= n:
        return NOTHING
    runs = 1 + sum(x != y for x, y in pairwise(good))
    z = (runs - product / n - 1) / sqrt(product * (product - n) / (n * n * (n - 1)))
    return Tested(z, normal_two_sided(z))


def dispersion_index(counts: Sequence[int]) -> Tested:
    """Variance over mean of votes by hour: 1 if they come by chance, less if evenly, more if in
    heaps; p of at least as much scatter. None of fewer than two hours, or without votes.

    (k-1)·index is a chi-square of k-1 degrees. Source: Cox & Lewis (1966), ch. 6.
    Raises ValueError if a count is negative.
    """
    _check_not_negative(counts)
    if len(counts) < 2 or not any(counts):
        return NOTHING
    index = variance(counts) / fmean(counts)
    return Tested(index, chi_square_above(index * (len(counts) - 1), len(counts) - 1))


def gap_variation(times_ms: Sequence[int]) -> float | None:
    """Coefficient of variation of gaps: about 1 by chance, well below 1 for a patient thumb.

    times in order. None of fewer than two gaps, or where all votes fall on one moment.
    """
    gaps = _gaps(times_ms)
    return pstdev(gaps) / fmean(gaps) if len(gaps) > 1 and any(gaps) else None


def even_gaps(times_ms: Sequence[int]) -> float | None:
    """The part (0..1) of neighbouring gaps that differ by less than 2 %; None of one gap or none.

    By chance about 1 in 100.
    """
    pairs = list(pairwise(_gaps(times_ms)))
    return fmean([abs(a - b) < EVEN * max(a, b) for a, b in pairs]) if pairs else None


def bursts(times_ms: Sequence[int], rules: Sequence[tuple[int, int]] = BURSTS) -> list[bool]:
    """Of each vote of a kiosk, in order, whether it is one of so many within so many ms.

    5 in 20 s or 9 in 150 s: at 12 votes a working day one by chance in some 10⁹ votes; a family of
    seven that votes every half minute is none.
    """
    _gaps(times_ms)
    found = [False] * len(times_ms)
    for many, within in rules:
        window: deque[int] = deque(maxlen=many)
        for here, at in enumerate(times_ms):
            window.append(at)
            if len(window) == many and at - window[0] <= within:
                found[here - many + 1 : here + 1] = [True] * many
    return found


def level_mix(window: Sequence[int], usual: Sequence[int]) -> Tested:
    """G of the levels' counts in a window against the kiosk's own usual ones, as a 2 × k table.

    G = 2 Σ O·log(O/E), chi-square of k-1 degrees, of the k levels seen at all. None if one of the
    two is empty or only one level was seen. Rough while expected numbers are below 5.
    Source: Sokal & Rohlf, Biometry, ch. 17; the same as scipy.stats.chi2_contingency's
    log-likelihood. Raises ValueError if a count is negative or the lengths differ.
    """
    _check_not_negative([*window, *usual])
    columns = [pair for pair in zip(window, usual, strict=True) if any(pair)]
    rows = sum(a for a, _ in columns), sum(b for _, b in columns)
    if not all(rows) or len(columns) < 2:
        return NOTHING
    total = sum(rows)
    g = 2 * sum(
        seen * log(seen * total / (row * sum(column)))
        for column in columns
        for seen, row in zip(column, rows, strict=True)
        if seen
    )
    return Tested(max(0.0, g), chi_square_above(max(0.0, g), len(columns) - 1))


def _gaps(times_ms: Sequence[int]) -> list[int]:
    gaps = [b - a for a, b in pairwise(times_ms)]
    if any(gap < 0 for gap in gaps):
        raise ValueError("Votes are to be handed in by their time: sort them first.")
    return gaps


def _check_not_negative(counts: Sequence[int]) -> None:
    if any(count < 0 for count in counts):
        raise ValueError("A count is never negative: count them anew.")
