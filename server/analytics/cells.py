"""The cells of which shares and bars are made (models.Shown): sums of indivisible blocks.

A block is drawn of the five oldest votes of a cell that no block holds yet, and never splits: a
vote is in one block for good. A block moves when all its votes have moved to one other cell, and
rests, unseen, while its cell holds no more than half of them. A late revision waits until its
block takes five such new votes in. So whatever is added or subtracted (counter minus officials,
overlapping periods, readings at different times) is a sum of blocks as they stood at some time,
and in the last drawn of these are five votes that no other holds: never fewer are left over.
Which votes stand apart (models.Apart) is told of whole blocks only, like ratings: a cell of their
own would show its five at the instant of a vote, and so tell that this vote is one of them.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Max, Sum

from server.analytics.drawing import FIVE, Drawing, Drawn, Unseen, Vote, draw
from server.analytics.models import Block, Shown, ShownVote
from server.analytics.pending import AT_ONCE, Day, Month, last_day_of
from server.database import as_day, as_rows
from server.stages import in_groups
from server.votes.models import Revision

BLOCKS_AT_ONCE = 500
RATED = ("n1", "n2", "n3", "n4", "n5")
APART = ("x1", "x2", "x3", "x4", "x5")
# LEFT, and no plain WHERE: SQLite then keeps to this order, in which each finds its few rows.
# Votes of a day that belonged to another cell when their block was last looked at.
SELECT_MOVED = (
    "SELECT a.unit, a.counter, a.official, w.column5, w.column6, a.journal, a.seq, "
    "a.state = 'counted', b.block, b.cell FROM (VALUES {rows}) AS w "
    "LEFT JOIN attribution_attribution a ON a.unit = w.column1 AND a.counter = w.column2 "
    "AND a.first_day = w.column3 AND a.last_day = w.column4 LEFT JOIN analytics_shownvote b "
    "ON b.unit = a.unit AND b.journal = a.journal AND b.seq = a.seq "
    "LEFT JOIN analytics_shown c ON c.unit = b.unit AND c.number = b.cell "
    "WHERE coalesce(NOT (c.counter = a.counter AND c.official = a.official "
    "AND c.first_month = w.column5 AND c.last_month = w.column6 "
    "AND c.counted = (a.state = 'counted')), FALSE)"
)
MOVE_VOTE = "UPDATE analytics_shownvote SET cell = %s WHERE unit = %s AND journal = %s AND seq = %s"
SELECT_IN_BLOCKS = (
    "SELECT c.unit, c.counter, c.official, c.first_month, c.last_month, count(b.seq) "
    "FROM (VALUES {rows}) AS w LEFT JOIN analytics_shown c ON c.unit = w.column1 "
    "AND c.counter = w.column2 AND c.first_month = w.column3 AND c.last_month = w.column4 "
    "AND c.counted LEFT JOIN analytics_shownvote b ON b.unit = c.unit AND b.cell = c.number "
    "GROUP BY c.unit, c.counter, c.official, c.first_month, c.last_month HAVING count(b.seq) > 0"
)
SELECT_VOTES = (
    "SELECT t.unit, t.counter, t.official, w.column3, w.column4, "
    "sum(t.n1 + t.n2 + t.n3 + t.n4 + t.n5) FROM (VALUES {rows}) AS w JOIN analytics_tally t "
    "ON t.unit = w.column1 AND t.counter = w.column2 "
    "AND t.first_day BETWEEN w.column3 AND w.column5 "
    "AND t.last_day BETWEEN w.column4 AND w.column6 "
    "AND t.state = 'counted' GROUP BY t.unit, t.counter, t.official, w.column3, w.column4"
)
# Order of arrival: what came later never moves what is shown already.
SELECT_UNSEEN = (
    "SELECT v.received_ms, v.journal, v.seq, v.first_rating, "
    "CASE WHEN v.reasons = 'R9' THEN 1 ELSE 0 END, CASE WHEN EXISTS (SELECT 1 FROM votes_vote l "
    "WHERE l.unit = v.unit AND l.journal = v.journal AND l.seq > v.seq) THEN 1 ELSE 0 END "
    "FROM attribution_attribution a JOIN votes_vote v "
    "ON v.unit = a.unit AND v.journal = a.journal AND v.seq = a.seq "
    "LEFT JOIN analytics_shownvote b "
    "ON b.unit = a.unit AND b.journal = a.journal AND b.seq = a.seq "
    "WHERE a.unit = %s AND a.counter = %s AND a.official = %s "
    "AND a.first_day BETWEEN %s AND %s AND a.last_day BETWEEN %s AND %s AND b.seq IS NULL "
    "AND a.state = 'counted' ORDER BY v.received_ms, v.journal, v.seq"
)
# The votes that a cell shows, and whether they stand apart: as drawn, and now.
SELECT_DRAWN = (
    "SELECT b.journal, b.seq, b.block, b.rating, b.cell, b.apart, "
    "CASE WHEN v.reasons = 'R9' THEN 1 ELSE 0 END "
    "FROM analytics_block k JOIN analytics_shownvote b ON b.unit = k.unit AND b.block = k.number "
    "LEFT JOIN votes_vote v ON v.unit = b.unit AND v.journal = b.journal AND v.seq = b.seq "
    "WHERE k.unit = %s AND k.cell = %s AND k.shown"
)


def redraw_cells(days: Sequence[Day]) -> None:
    """Let blocks follow the votes of the changed days, then draw every five that is complete.

    The units are held. A vote that left its cell is found on the day that it went to. An ordinary
    vote costs its share of two counts and of a look at its day.
    """
    moved = _follow(days)
    for unit in sorted({row.unit for row in moved}):
        _place(unit, {row.block for row in moved if row.unit == unit})
    # Where a vote of a block went away, another may be the fifth now.
    spots = sorted({*(day.cell for day in days), *(row.spot for row in moved)})
    in_blocks = _count(SELECT_IN_BLOCKS, [(*spot[:2], *spot[2]) for spot in spots])
    votes = _count(
        SELECT_VOTES,
        [(*spot[:2], *spot[2], *(last_day_of(month) for month in spot[2])) for spot in spots],
    )
    cells = _Cells()
    for key, n in votes.items():
        if n - in_blocks.get(key, 0) >= FIVE:
            _draw(cells[*key, True])


class _Moved(NamedTuple):
    """A block of which a vote moved, and the unit, counter and month that the vote belonged to."""

    unit: str
    block: int
    spot: tuple[str, str, Month]


class _Cells(dict[tuple[str, str, str, date, date, bool], Shown]):
    """Cells by unit, counter, official, first and last month, counted; made when asked for."""

    def __missing__(self, key: tuple[str, str, str, date, date, bool]) -> Shown:
        unit, counter, official, first, last, counted = key
        found = {
            "unit": unit, "counter": counter, "official": official,
            "first_month": first, "last_month": last, "counted": counted,
        }  # fmt: skip
        cell = Shown.objects.filter(**found).first()
        if cell is None:
            cell = Shown.objects.create(**found, number=_next_number(Shown, unit))
        self[key] = cell
        return cell


def _next_number(of: type[Shown] | type[Block], unit: str) -> int:
    """The unit is held: nobody else takes the same."""
    newest = of.objects.filter(unit=unit).aggregate(number=Max("number"))["number"]
    return int(newest or 0) + 1


def _select(sql: str, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        for group in in_groups(rows, AT_ONCE):
            values = [value for row in group for value in row]
            cursor.execute(sql.format(rows=as_rows(group)), values)
            yield from cursor.fetchall()


def _count(sql: str, rows: list[tuple[Any, ...]]) -> dict[tuple[str, str, str, date, date], int]:
    """How many votes each cell has of those that the query counts; nobody's under ''."""
    return {
        (unit, counter, official, as_day(first), as_day(last)): n
        for unit, counter, official, first, last, n in _select(sql, rows)
    }


def _follow(days: Sequence[Day]) -> list[_Moved]:
    """Note where the shown votes belong that came to these days from another cell."""
    moved = list(_select(SELECT_MOVED, [(*day, *day.cell[2]) for day in days]))
    if not moved:
        return []
    cells = _Cells()
    with connection.cursor() as cursor:
        cursor.executemany(
            MOVE_VOTE,
            [
                (
                    cells[*who, as_day(first), as_day(last), bool(counted)].number,
                    who[0], journal, seq,
                )
                for *who, first, last, journal, seq, counted, _, _ in moved
            ],
        )  # fmt: skip
    before: dict[tuple[str, int], Shown] = {}
    for unit in {row[0] for row in moved}:
        numbers = {row[-1] for row in moved if row[0] == unit}
        for cell in Shown.objects.filter(unit=unit, number__in=numbers):
            before[unit, cell.number] = cell
    return [_Moved(unit, block, _spot_of(before[unit, cell])) for unit, *_, block, cell in moved]


def _spot_of(cell: Shown) -> tuple[str, str, Month]:
    return cell.unit, cell.counter, Month(cell.first_month, cell.last_month)


def _place(unit: str, blocks: set[int]) -> None:
    """Decide for these blocks of a unit in which cell they are shown, or that they rest."""
    changed: set[int] = set()
    for some in in_groups(sorted(blocks), BLOCKS_AT_ONCE):
        where: dict[int, dict[int, int]] = {}
        found = ShownVote.objects.filter(unit=unit, block__in=some).values_list("block", "cell")
        for block, cell, n in found.annotate(n=Count("seq")):
            where.setdefault(block, {})[cell] = n
        for row in Block.objects.filter(unit=unit, number__in=some):
            before = row.cell, row.shown
            row.cell, row.shown = place(row.cell, where[row.number])
            if (row.cell, row.shown) != before:
                row.save(update_fields=["cell", "shown"])
                changed |= {before[0], row.cell}
    for cell in sorted(changed):
        _sum_up(unit, cell)


def place(cell: int, votes: dict[int, int]) -> tuple[int, bool]:
    """The cell of a block that stands in `cell`, and whether it is shown; votes: n by cell."""
    if len(votes) == 1:
        return next(iter(votes)), True
    return cell, votes.get(cell, 0) * 2 > sum(votes.values())


def _sum_up(unit: str, cell: int) -> None:
    blocks = Block.objects.filter(unit=unit, cell=cell, shown=True)
    columns = (*RATED, *APART)
    sums = blocks.aggregate(**{n: Sum(n) for n in columns})
    Shown.objects.filter(unit=unit, number=cell).update(**{n: sums[n] or 0 for n in columns})


def _draw(cell: Shown) -> None:
    """Draw blocks of all whole fives of the cell's votes that no block holds yet."""
    unseen = _unseen(cell)
    if not unseen:
        return
    drawn: dict[Vote, tuple[int, Drawn]] = {}
    cells: dict[Vote, int] = {}
    apart: dict[Vote, bool] = {}
    with connection.cursor() as cursor:
        cursor.execute(SELECT_DRAWN, [cell.unit, cell.number])
        for journal, seq, block, rating, now, was_apart, is_apart in cursor.fetchall():
            drawn[journal, seq] = block, Drawn(rating, bool(was_apart))
            cells[journal, seq] = now
            if bool(was_apart) != bool(is_apart):
                apart[journal, seq] = bool(is_apart)
    blocks = Block.objects.filter(unit=cell.unit, cell=cell.number, shown=True)
    newest = blocks.aggregate(until_ms=Max("until_ms"))
    drawings = draw(
        unseen,
        drawn=drawn,
        until_ms=newest["until_ms"] or 0,
        revisions=_revisions(cell.unit, [*drawn, *((row.journal, row.seq) for row in unseen)]),
        apart=apart,
    )
    for number, drawing in enumerate(drawings, _next_number(Block, cell.unit)):
        _keep(cell, number, drawing, cells)
    _sum_up(cell.unit, cell.number)


def _unseen(cell: Shown) -> list[Unseen]:
    """The cell's votes that are in no block, in order of arrival, as many as make whole fives."""
    days = [cell.first_month, last_day_of(cell.first_month)]
    days += [cell.last_month, last_day_of(cell.last_month)]
    with connection.cursor() as cursor:
        cursor.execute(SELECT_UNSEEN, [cell.unit, cell.counter, cell.official, *map(str, days)])
        rows = [
            Unseen(at_ms, journal, seq, rating, bool(apart) if is_over else None)
            for at_ms, journal, seq, rating, apart, is_over in cursor.fetchall()
        ]
    return rows[: len(rows) // FIVE * FIVE]


def _revisions(unit: str, votes: Sequence[Vote]) -> list[tuple[int, str, int, int]]:
    """What was revised in these votes' journals: receipt, journal, vote, rating; by receipt."""
    firsts: dict[str, int] = {}
    for journal, seq in votes:
        firsts[journal] = min(seq, firsts.get(journal, seq))
    found: list[tuple[int, str, int, int]] = []
    for journal, first in firsts.items():
        rows = Revision.objects.filter(unit=unit, journal=journal, seq__gt=first).order_by("seq")
        found += rows.values_list("received_ms", "journal", "vote", "rating")
    return sorted(found, key=lambda row: row[0])  # stable: a journal's stay in order


def _keep(cell: Shown, number: int, drawing: Drawing, cells: dict[Vote, int]) -> None:
    """Write one block in place of those that it takes in."""
    told = list(drawing.votes.values())
    ratings, apart = [one.rating for one in told], [one.rating for one in told if one.apart]
    counts = {n: ratings.count(rating) for rating, n in enumerate(RATED, 1)}
    counts |= {x: apart.count(rating) for rating, x in enumerate(APART, 1)}
    Block.objects.create(
        unit=cell.unit, number=number, cell=cell.number, until_ms=drawing.until_ms, **counts
    )
    ShownVote.objects.bulk_create(
        [
            ShownVote(
                unit=cell.unit,
                journal=vote[0],
                seq=vote[1],
                block=number,
                rating=one.rating,
                apart=one.apart,
                # One that has moved on since stays where it belongs.
                cell=cells.get(vote, cell.number),
            )
            for vote, one in drawing.votes.items()
        ],
        update_conflicts=True,
        unique_fields=["unit", "journal", "seq"],
        update_fields=["block", "rating", "apart"],
        batch_size=1_000,
    )
    Block.objects.filter(unit=cell.unit, number__in=drawing.taken_in).delete()
