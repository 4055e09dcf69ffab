"""Do the tallies equal the votes? A recount by other means than the one that made them."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection, transaction

from server.analytics.cells import place
from server.analytics.drawing import FIVE
from server.analytics.models import Block, Shown, ShownVote, Tally
from server.analytics.pending import counted_days

SELECT_VOTES = (
    "SELECT a.unit, a.counter, a.first_day, a.last_day, a.official, a.why, v.rating "
    "FROM votes_vote v LEFT JOIN attribution_attribution a "
    "ON a.unit = v.unit AND a.journal = v.journal AND a.seq = v.seq"
)
Key = tuple[str, ...]  # unit, counter, first day, last day, official, why


class _Cell(NamedTuple):
    """A cell: n1..n5 as written and as its blocks give them; how many of its votes have a block."""

    key: Key
    counts: tuple[int, ...] = (0,) * 5
    drawn: tuple[int, ...] = (0,) * 5
    in_blocks: int = 0
    misplaced: bool = False


def find_differences() -> list[str]:
    """One sentence for each tally that a recount does not confirm, and each fault of a cell.

    Days that changed and wait for their count are left out, as are those counted meanwhile.
    """
    before = counted_days()
    recounted, tallied = _recount(), _tallies()
    cells = _cells()
    unchanged = {day for day, gen in counted_days().items() if before.get(day) == gen}
    keys = {key for key, _ in recounted.keys() | tallied.keys() if key[:4] in unchanged}
    found = [
        _sentence(key, tallied_row, recounted_row)
        for key in sorted(keys)
        if (tallied_row := _row(tallied, key)) != (recounted_row := _row(recounted, key))
    ]
    return found + list(_odd_cells(cells, tallied, before.keys() - unchanged))


def _recount() -> Counter[tuple[Key, int]]:
    counted: Counter[tuple[Key, int]] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(SELECT_VOTES)
        for *key, rating in cursor.fetchall():
            if key[0] is not None:  # else the vote still waits for its attribution
                counted[tuple(map(str, key)), rating] += 1
    return counted


def _tallies() -> Counter[tuple[Key, int]]:
    fields = ("unit", "counter", "first_day", "last_day", "official", "why")
    tallied: Counter[tuple[Key, int]] = Counter()
    for *key, n1, n2, n3, n4, n5 in Tally.objects.values_list(
        *fields, "n1", "n2", "n3", "n4", "n5"
    ):
        for rating, n in enumerate((n1, n2, n3, n4, n5), 1):
            tallied[tuple(map(str, key)), rating] = n
    return tallied


def _row(counts: Counter[tuple[Key, int]], key: Key) -> tuple[int, ...]:
    return tuple(counts[key, rating] for rating in range(1, 6))


def _sentence(key: Key, tallied: tuple[int, ...], recounted: tuple[int, ...]) -> str:
    unit, counter, first, last, official, why = key
    day = first if first == last else f"{first}/{last}"
    who = official or f"nobody ({why})"
    return (
        f"Tally of unit {unit}, counter {counter or '(none)'}, {day}, {who}: "
        f"n1..n5 are {_list(tallied)}, a recount of the votes gives {_list(recounted)}."
    )


def _list(counts: tuple[int, ...]) -> str:
    return " ".join(map(str, counts))


def _cells() -> list[_Cell]:
    """Every cell with what the blocks say of it, read in one go."""
    fields = ("unit", "counter", "official", "first_month", "last_month")
    counts = ("n1", "n2", "n3", "n4", "n5")
    with transaction.atomic():
        rows = list(Shown.objects.order_by(*fields).values_list("pk", *fields, *counts))
        blocks = {pk: row for pk, *row in Block.objects.values_list("pk", "cell", "shown")}
        votes = list(ShownVote.objects.values_list("block", "cell", "rating"))
    where: dict[int, Counter[int]] = {pk: Counter() for pk in blocks}
    for block, cell, _ in votes:
        where[block][cell] += 1
    in_blocks = Counter(cell for _, cell, _ in votes)
    drawn = Counter((blocks[block][0], rating) for block, _, rating in votes if blocks[block][1])
    odd = {cell for pk, (cell, shown) in blocks.items() if place(cell, where[pk]) != (cell, shown)}
    return [
        _Cell(
            key=tuple(map(str, row[:5])),
            counts=tuple(row[5:]),
            drawn=tuple(drawn[pk, rating] for rating in range(1, 6)),
            in_blocks=in_blocks[pk],
            misplaced=pk in odd,
        )
        for pk, *row in rows
    ]


def _odd_cells(
    cells: list[_Cell], tallied: Counter[tuple[Key, int]], changed: set[Key]
) -> Iterator[str]:
    """Cells that are not the sum of their blocks, or lack a block that is complete."""
    votes: Counter[Key] = Counter()
    for (key, _), n in tallied.items():
        unit, counter, first, last, official, _ = key
        votes[unit, counter, official, f"{first[:7]}-01", f"{last[:7]}-01"] += n
    moving = {(day[0], day[1], f"{day[2][:7]}-01", f"{day[3][:7]}-01") for day in changed}
    by_key = {cell.key: cell for cell in cells}
    for key in sorted(votes.keys() | by_key.keys()):
        unit, counter, official, first, last = key
        if (unit, counter, first, last) in moving:
            continue
        name = f"Shown of unit {unit}, counter {counter or '(none)'}, {official or 'nobody'}, "
        for fault in _faults(by_key.get(key, _Cell(key)), votes[key]):
            yield f"{name}{first[:7]}: {fault}"


def _faults(cell: _Cell, votes: int) -> Iterator[str]:
    """What is wrong with a cell of so many votes."""
    if sum(cell.counts) != sum(cell.drawn):
        yield f"{sum(cell.counts)} votes, there should be {sum(cell.drawn)}."
    elif cell.counts != cell.drawn:
        yield f"n1..n5 are {_list(cell.counts)}, its blocks give {_list(cell.drawn)}."
    if cell.misplaced:
        yield "a block stands here whose votes belong elsewhere."
    if votes - cell.in_blocks not in range(FIVE):
        yield f"{votes} votes, of which {cell.in_blocks} are in blocks."
