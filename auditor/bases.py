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
COUNTED: Final = "counted"
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


class Proved(NamedTuple):
    """cells: what the log proves. may: how many votes of a day name a dossier, or nobody's duty.
    unplaced: votes of kiosks of which no record says where they stood: anything may be theirs."""

    cells: Cells
    may: Counter[tuple[str, Group]]
    unplaced: Counter[Group]


def count(votes: Iterable[Decided]) -> Proved:
    """Count votes that were decided by what the log holds."""
    found = Proved({}, Counter(), Counter())
    for one in votes:
        group = one.unit, one.first, one.last, one.cast.rating
        found.may["dossier", group] += bool((one.cast.record.dossier or "").strip())
        found.may["shift", group] += one.why in VACANT or not one.placed
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
    """The server's, with at least our columns. Unable."""
    cells: Cells = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), 2):
                try:
                    if row.get("state", COUNTED) != COUNTED:
                        continue  # no record of the log lets a vote be left out: it is missing
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
    rests: Counter[tuple[str, Group]] = Counter()
    left, free = Counter(proved.unplaced), Counter(proved.unplaced)
    for cell in sorted(ours.keys() | theirs.keys()):
        for rating in range(1, 6):
            mine = ours.get(cell, [0] * 5)[rating - 1]
            told = theirs.get(cell, [0] * 5)[rating - 1]
            group = (cell.unit, cell.first, cell.last, rating)
            left[group] += mine - told
            if told > mine and cell.outside:
                outside[cell.unit, cell.outside] += told - mine
                rests[cell.outside, group] += told - mine
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
    for kind in OUTSIDE_BASES:
        found = [(n, proved.may[key]) for key, n in rests.items() if key[0] == kind]
        votes, most = sum(n for n, _ in found), sum(min(n, may) for n, may in found)
        if votes > most:
            report.against("basis_more", source=source, basis=kind, told=votes, most=most)
    for (unit, what), votes in sorted((+outside).items()):
        report.enlist("imported", "imported", unit=unit, what=what, votes=votes)
    if len(report.contradictions) == before:
        votes = sum(map(sum, theirs.values()))
        report.prove("bases", source=source, cells=len(theirs), votes=votes,
                     outside=sum(outside.values()))  # fmt: skip
