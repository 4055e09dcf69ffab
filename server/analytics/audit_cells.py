"""Are the cells the sums of their blocks, and do all votes stand in blocks that can?"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from django.db import transaction

from server.analytics.cells import RATED, place
from server.analytics.drawing import FIVE
from server.analytics.models import Block, Shown, ShownVote

Key = tuple[str, ...]  # counter, official, first month, last month


class Cell(NamedTuple):
    """n1..n5 as written and as its blocks give them; how many of its votes have a block."""

    counts: tuple[int, ...] = (0,) * 5
    drawn: tuple[int, ...] = (0,) * 5
    in_blocks: int = 0
    misplaced: bool = False


def read_cells(unit: str) -> dict[Key, Cell]:
    """Every cell of a unit with what the blocks say of it, read in one go."""
    fields = ("counter", "official", "first_month", "last_month")
    with transaction.atomic():
        rows = list(Shown.objects.filter(unit=unit).values_list("number", *fields, *RATED))
        blocks = {
            number: (cell, shown)
            for number, cell, shown in Block.objects.filter(unit=unit).values_list(
                "number", "cell", "shown"
            )
        }
        votes = list(ShownVote.objects.filter(unit=unit).values_list("block", "cell", "rating"))
    where: dict[int, Counter[int]] = {number: Counter() for number in blocks}
    for block, cell, _ in votes:
        where.setdefault(block, Counter())[cell] += 1
    in_blocks = Counter(cell for _, cell, _ in votes)
    drawn = Counter(
        (blocks[block][0], rating)
        for block, _, rating in votes
        if block in blocks and blocks[block][1]
    )
    odd = {cell for n, (cell, shown) in blocks.items() if place(cell, where[n]) != (cell, shown)}
    odd |= {cell for block, cell, _ in votes if block not in blocks}
    return {
        tuple(map(str, row[:4])): Cell(
            counts=tuple(row[4:]),
            drawn=tuple(drawn[number, rating] for rating in range(1, 6)),
            in_blocks=in_blocks[number],
            misplaced=number in odd,
        )
        for number, *row in rows
    }


def find_odd_cells(
    unit: str, cells: Mapping[Key, Cell], votes: Mapping[Key, int], moving: Collection[Key]
) -> Iterator[str]:
    """Cells that are not the sum of their blocks, or lack a block that is complete.

    votes: how many each cell has. moving: counter and months that are left out.
    """
    for key in sorted(votes.keys() | cells.keys()):
        counter, official, first, last = key
        if (counter, first, last) in moving:
            continue
        name = f"Shown of unit {unit}, counter {counter or '(none)'}, {official or 'nobody'}, "
        for fault in _faults(cells.get(key, Cell()), votes.get(key, 0)):
            yield f"{name}{first[:7]}: {fault}"


def _faults(cell: Cell, votes: int) -> Iterator[str]:
    """What is wrong with a cell of so many votes."""
    if sum(cell.counts) != sum(cell.drawn):
        yield f"{sum(cell.counts)} votes, there should be {sum(cell.drawn)}."
    elif cell.counts != cell.drawn:
        yield f"n1..n5 are {_list(cell.counts)}, its blocks give {_list(cell.drawn)}."
    if cell.misplaced:
        yield "a block stands here whose votes belong elsewhere."
    if votes - cell.in_blocks not in range(FIVE):
        yield f"{votes} votes, of which {cell.in_blocks} are in blocks."


def _list(counts: tuple[int, ...]) -> str:
    return " ".join(map(str, counts))
