"""From those who voted to those who were served: weights, what they cost, and the worst case."""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from server.analytics.methods.share import check_share

FEWEST = 10  # votes in a cell that stands for itself
HEAVIEST = 5.0  # times the mean weight


class Cell(NamedTuple):
    """Satisfied votes, votes and dossiers handled of one procedure × channel × month."""

    hits: int
    n: int
    handled: int


class Weighted(NamedTuple):
    """estimate (0..1) and its standard error; n_eff: votes it is worth (Kish).

    None where there are no votes, and no error where a cell has one vote only. cells: after
    collapsing; capped: whether a weight was cut; impossible: more votes than dossiers somewhere
    (as many dossiers as votes were assumed there).
    """

    estimate: float | None
    error: float | None
    n_eff: float
    cells: int
    capped: bool
    impossible: bool


def post_stratify(
    cells: Sequence[Cell], *, fewest: int = FEWEST, heaviest: float = HEAVIEST
) -> Weighted:
    """The share satisfied as if as many of each cell's dossiers had voted as of any other's.

    w = N/n, estimate Σ W·p, error √Σ W²(1-n/N)p(1-p)/(n-1) with W = w·n/Σw·n: N/ΣN unless a
    weight was cut at `heaviest` times the mean. Cells of fewer than `fewest` votes are collapsed
    first. It puts right who is served where, not who of those served chooses to vote.
    Source: Cochran, Sampling Techniques (3rd ed.), 5.2 and 5A.9; Kish (1965), Survey Sampling.
    Raises ValueError for what is no share, and for negative numbers of dossiers.
    """
    impossible = any(cell.handled < cell.n for cell in cells)
    kept = [cell for cell in collapse(cells, fewest=fewest) if cell.n]
    if not kept:
        return Weighted(None, None, 0.0, 0, False, impossible)
    weights = [cell.handled / cell.n for cell in kept]
    mean = sum(cell.handled for cell in kept) / sum(cell.n for cell in kept)
    cut = [min(weight, heaviest * mean) for weight in weights]
    total = sum(weight * cell.n for weight, cell in zip(cut, kept, strict=True))
    parts = [weight * cell.n / total for weight, cell in zip(cut, kept, strict=True)]
    estimate = sum(part * cell.hits / cell.n for part, cell in zip(parts, kept, strict=True))
    error = None
    if all(cell.n > 1 for cell in kept):
        error = sqrt(sum(part * part * _variance(c) for part, c in zip(parts, kept, strict=True)))
    n_eff = kish([(weight, cell.n) for weight, cell in zip(cut, kept, strict=True)])
    return Weighted(estimate, error, n_eff, len(kept), cut != weights, impossible)


def collapse(cells: Sequence[Cell], *, fewest: int = FEWEST) -> list[Cell]:
    """Cells of fewer than `fewest` votes put together, and with the smallest other if still small.

    Fewer dossiers than votes count as as many. Errors as for post_stratify().
    """
    sound = []
    for hits, n, handled in cells:
        check_share(hits, n, fewest=0)
        if handled < 0:
            raise ValueError(f"{handled} dossiers handled is impossible: count them anew.")
        sound.append(Cell(hits, n, max(handled, n)))
    large = sorted((cell for cell in sound if cell.n >= fewest), key=lambda cell: cell.n)
    small = [cell for cell in sound if cell.n < fewest]
    if not small:
        return large
    together = _sum(small)
    if together.n < fewest and large:
        return [_sum([together, large[0]]), *large[1:]]
    return [together, *large]


def kish(weights: Sequence[tuple[float, int]]) -> float:
    """(Σw)²/Σw² over votes, given as (weight, votes that bear it): never more than the votes."""
    squares = sum(n * weight * weight for weight, n in weights)
    return sum(n * weight for weight, n in weights) ** 2 / squares if squares > 0 else 0.0


def worst_case(hits: int, n: int, handled: int) -> tuple[float, float]:
    """The share if none, and if all, of those who did not vote were satisfied.

    [x/N, (x+N-n)/N], with N as many as voted where fewer dossiers than votes are on record; (0, 1)
    where nobody was served. Source: Manski (1989), J. Human Resources 24:343-360.
    Errors as for post_stratify().
    """
    cell = _sum(collapse([Cell(hits, n, handled)]))
    if cell.handled == 0:
        return 0.0, 1.0
    return cell.hits / cell.handled, (cell.hits + cell.handled - cell.n) / cell.handled


def _variance(cell: Cell) -> float:
    p = cell.hits / cell.n
    return (1 - cell.n / cell.handled) * p * (1 - p) / (cell.n - 1)


def _sum(cells: Sequence[Cell]) -> Cell:
    return Cell(*(sum(column) for column in zip(*cells, strict=True)))
