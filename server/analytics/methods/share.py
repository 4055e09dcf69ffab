"""What may be called a share: so many hits out of so many."""

from collections.abc import Sequence

Unit = tuple[int, int]  # hits (or complaints) and votes, of one unit, official, counter or period


def check_share(hits: int, n: int, *, fewest: int = 1) -> None:
    """ValueError unless 0 <= hits <= n and n >= fewest."""
    if n < fewest or not 0 <= hits <= n:
        raise ValueError(
            f"{hits} of {n} is no share: count hits between 0 and n, and n of at least {fewest}."
        )


def check_units(units: Sequence[Unit]) -> None:
    """ValueError unless each is a share; a unit without votes (0, 0) is one that says nothing."""
    for hits, n in units:
        check_share(hits, n, fewest=0)
