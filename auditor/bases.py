"""The server's figures by counter, official and basis, against what the log proves of each vote."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from auditor.deciding import VACANT, Decided
from auditor.errors import Unable
from auditor.report import Report
from auditor.words import plain

PART: Final = "attributions.csv"
KEYS: Final = ("unit", "counter", "official", "basis", "why", "first", "last")
NUMBERS: Final = ("n1", "n2", "n3", "n4", "n5")
# What moves a vote though the log does not tell of it: imported, or of the server's own tables.
OUTSIDE_BASES: Final = ("dossier", "shift")
UNPLACED: Final = "no placed record"
UNKNOWN: Final = "unknown-official"


class Cell(NamedTuple):
    """Votes of one kind."""

    unit: str
    counter: str
    official: str
    basis: str
    why: str
    first: str
    last: str

    @property
    def outside(self) -> str:
        """What it rests on that the log does not hold, "" for nothing."""
        if self.basis in OUTSIDE_BASES:
            return self.basis
        if self.why == UNKNOWN:
            return UNKNOWN
        # Which counters there are, and which kiosks ask for one, only the server's tables say.
        return "" if self.counter else "no counter"


Cells = dict[Cell, list[int]]
Group = tuple[str, str, str, int]  # unit, first, last, rating
Place = tuple[Group, str]  # and a counter


class Proved(NamedTuple):
    """cells: what the log proves. filed: how many votes of a counter's day name a dossier.
    unplaced: votes of kiosks of which no record says where they stood: anything may be theirs."""

    cells: Cells
    filed: Counter[Place]
    unplaced: Counter[Group]


def count(votes: Iterable[Decided]) -> Proved:
    """Count votes that were decided by what the log holds."""
    found = Proved({}, Counter(), Counter())
    for one in votes:
        group = one.unit, one.first, one.last, one.cast.rating
        found.filed[group, one.counter] += bool((one.cast.record.dossier or "").strip())
        if one.placed:
            found.cells.setdefault(Cell(*one[:7]), [0] * 5)[one.cast.rating - 1] += 1
        else:
            found.unplaced[group] += 1
    return found


def write_by_counter(cells: Cells) -> str:
    """As CSV, summed by counter."""
    sums: dict[str, list[int]] = {}
    for cell, numbers in cells.items():
        row = sums.setdefault(cell.counter, [0] * 5)
        for at, number in enumerate(numbers):
            row[at] += number
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["counter", *NUMBERS, "n"])
    for counter, row in sorted(sums.items()):
        shown = plain(counter).replace("\n", "\ufffd")
        writer.writerow([f"'{shown}" if shown[:1] in "=+-@" and shown else shown, *row, sum(row)])
    return out.getvalue()


def read(path: Path) -> Cells:
    """The server's, with at least our columns; what is not counted too (left_out.py). Unable."""
    cells: Cells = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), 2):
                try:
                    cell = Cell(*(row[key] for key in KEYS))
                    numbers = [_number(row[key]) for key in NUMBERS]
                except (KeyError, TypeError, ValueError):
                    raise Unable("bad_row", file=str(path), line=line) from None
                sums = cells.setdefault(cell, [0] * 5)
                for at, number in enumerate(numbers):
                    sums[at] += number
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Unable("unreadable", file=str(path), why=str(error)) from None
    return cells


def _number(text: str | None) -> int:
    if text is None or not text.isascii() or not text.isdigit():
        raise ValueError
    return int(text)


def check(proved: Proved, theirs: Cells, source: str, report: Report) -> None:
    """No cell that the log proves may hold more than it proves; what left such a cell must stand in
    one that rests on what the log does not hold, and these are listed with their n."""
    before, ours = len(report.contradictions), proved.cells
    outside: Counter[tuple[str, str]] = Counter()
    moves = _Moves({kind: Counter() for kind in OUTSIDE_BASES}, Counter(), Counter())
    left, free = Counter(proved.unplaced), Counter(proved.unplaced)
    for cell in sorted(ours.keys() | theirs.keys()):
        for rating in range(1, 6):
            mine = ours.get(cell, [0] * 5)[rating - 1]
            told = theirs.get(cell, [0] * 5)[rating - 1]
            group = (cell.unit, cell.first, cell.last, rating)
            left[group] += mine - told
            moves.add(cell, (group, cell.counter), told - mine)
            if told > mine and cell.outside:
                outside[cell.unit, cell.outside] += told - mine
                continue
            taken = min(max(told - mine, 0), free[group])
            free[group] -= taken
            outside[cell.unit, UNPLACED] += taken
            if told > mine + taken:
                report.against(
                    "basis", source=source, unit=cell.unit, counter=cell.counter or "-",
                    official=cell.official or "-", basis=cell.basis, why=cell.why or "-",
                    date=cell.first if cell.first == cell.last else f"{cell.first}/{cell.last}",
                    rating=rating, counted=mine, told=told,
                )  # fmt: skip
    for (unit, first, last, rating), missing in sorted(left.items()):
        if missing:
            report.against("basis_total", source=source, unit=unit, first=first, last=last,
                           rating=rating, missing=missing)  # fmt: skip
    _check_moves(proved, moves, source, report)
    for (unit, what), votes in sorted((+outside).items()):
        report.enlist("imported", "imported", unit=unit, what=what, votes=votes)
    if len(report.contradictions) == before:
        votes = sum(map(sum, theirs.values()))
        report.prove("bases", source=source, cells=len(theirs), votes=votes,
                     outside=sum(outside.values()))  # fmt: skip


class _Moves(NamedTuple):
    """By how much the server's cells of a counter's day hold more than the log proves. rests: those
    of each outside basis; vacated: by how much fewer stand for nobody on duty; surplus: of all."""

    rests: dict[str, Counter[Place]]
    vacated: Counter[Place]
    surplus: Counter[Place]

    def add(self, cell: Cell, place: Place, more: int) -> None:
        if cell.counter:  # a vote may be of no counter for the server, never of another
            self.surplus[place] += more
        if cell.why in VACANT:
            self.vacated[place] -= more
        if cell.outside in self.rests:
            self.rests[cell.outside][place] += max(0, more)


def _check_moves(proved: Proved, moves: _Moves, source: str, report: Report) -> None:
    """At no counter stand more votes than were cast there, nor rest more on a dossier than name
    one, nor on a shift than nobody served."""
    over = _beyond(moves.surplus, Counter(), proved.unplaced)
    for ((unit, first, last, rating), counter), more in sorted(over.items()):
        report.against("basis_counter", source=source, unit=unit, counter=counter, first=first,
                       last=last, rating=rating, more=more)  # fmt: skip
    for kind, most in (("dossier", _anywhere(proved.filed)), ("shift", moves.vacated)):
        votes = moves.rests[kind].total()
        if more := _beyond(moves.rests[kind], most, proved.unplaced).total():
            report.against("basis_more", source=source, basis=kind, told=votes, most=votes - more)


def _anywhere(filed: Counter[Place]) -> Counter[Place]:
    """With those of all counters under none."""
    found = Counter(filed)
    for (group, counter), n in filed.items():
        found[group, ""] += n if counter else 0
    return found


def _beyond(told: Counter[Place], most: Counter[Place], free: Counter[Group]) -> Counter[Place]:
    """By how much what is told of a counter's day exceeds the most that there can be, where votes
    that may be of any counter do not make up for it."""
    over, left = Counter[Place](), Counter(free)
    for place, n in sorted(told.items()):
        more = max(0, n - max(0, most[place]))
        taken = min(more, left[place[0]])
        left[place[0]] -= taken
        over[place] = more - taken
    return +over
