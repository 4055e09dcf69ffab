"""Are the cells the sums of their blocks, and do all votes stand in blocks that can?"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from django.db import transaction

from server.analytics.cells import APART, RATED, place
from server.analytics.drawing import FIVE
from server.analytics.models import Block, Shown, ShownVote

Key = tuple[str, ...]  # counter, official, first month, last month, whether they are counted


class Cell(NamedTuple):
    """n1..n5 x1..x5 as written and as its blocks give them; how many of its votes have a block."""

    counts: tuple[int, ...] = (0,) * 10
    drawn: tuple[int, ...] = (0,) * 10
    in_blocks: int = 0
    misplaced: bool = False


def read_cells(unit: str) -> dict[Key, Cell]:
    """Every cell of a unit with what the blocks say of it, read in one go."""
    fields = ("counter", "official", "first_month", "last_month", "counted")
    with transaction.atomic():
        rows = list(Shown.objects.filter(unit=unit).values_list("number", *fields, *RATED, *APART))
        blocks = {
            number: (cell, shown)
            for number, cell, shown in Block.objects.filter(unit=unit).values_list(
                "number", "cell", "shown"
            )
        }
        votes = list(
            ShownVote.objects.filter(unit=unit).values_list("block", "cell", "rating", "apart")
        )
    where: dict[int, Counter[int]] = {number: Counter() for number in blocks}
    for block, cell, *_ in votes:
        where.setdefault(block, Counter())[cell] += 1
    in_blocks = Counter(cell for _, cell, *_ in votes)
    drawn = Counter(
        (blocks[block][0], column)
        for block, _, rating, apart in votes
        if block in blocks and blocks[block][1]
        for column in (f"n{rating}", f"x{rating}")[: 2 if apart else 1]
    )
    odd = {cell for n, (cell, shown) in blocks.items() if place(cell, where[n]) != (cell, shown)}
    odd |= {cell for block, cell, *_ in votes if block not in blocks}
    return {
        tuple(map(str, row[:5])): Cell(
            counts=tuple(row[5:]),
            drawn=tuple(drawn[number, column] for column in (*RATED, *APART)),
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
        counter, official, first, last, counted = key
        if (counter, first, last) in moving:
            continue
        name = f"Shown of unit {unit}, counter {counter or '(none)'}, {official or 'nobody'}, "
        name += first[:7] if counted == "True" else f"{first[:7]}, not counted"
        for fault in _faults(cells.get(key, Cell()), votes.get(key, 0), counted == "True"):
            yield f"{name}: {fault}"


def _faults(cell: Cell, votes: int, counted: bool) -> Iterator[str]:
    """What is wrong with a cell of so many votes."""
    if sum(cell.counts[:5]) != sum(cell.drawn[:5]):
        yield f"{sum(cell.counts[:5])} votes, there should be {sum(cell.drawn[:5])}."
    elif cell.counts[:5] != cell.drawn[:5]:
        yield f"n1..n5 are {_list(cell.counts[:5])}, its blocks give {_list(cell.drawn[:5])}."
    elif cell.counts != cell.drawn:
        yield f"x1..x5 are {_list(cell.counts[5:])}, its blocks give {_list(cell.drawn[5:])}."
    if cell.misplaced:
        yield "a block stands here whose votes belong elsewhere."
    # Of votes that do not count no block is drawn.
    if counted and votes - cell.in_blocks not in range(FIVE):
        yield f"{votes} votes, of which {cell.in_blocks} are in blocks."


def _list(counts: tuple[int, ...]) -> str:
    return " ".join(map(str, counts))
