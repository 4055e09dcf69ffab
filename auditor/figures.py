"""Votes recounted from the entries, as CSV, and compared cell by cell with tallies."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from auditor.errors import Unable
from auditor.journals import Journal
from auditor.report import Report
from auditor.table import Table
from auditor.votes import count_votes
from auditor.words import plain
from protocol.rating import RATINGS

QUARTER_MS: Final = 900_000  # every zone of today lies whole quarters of an hour from UTC
KEYS: Final = ("unit", "kiosk", "official", "date")
NUMBERS: Final = ("n1", "n2", "n3", "n4", "n5")
BY: Final = {"unit": "unit", "kiosk": "kiosk", "official": "official", "day": "date"}


class Period(NamedTuple):
    """Local days, both included; None: open on that side."""

    first: dt.date | None = None
    last: dt.date | None = None

    def holds(self, date: dt.date) -> bool:
        """Whether the day lies in it."""
        return (self.first is None or self.first <= date) and (
            self.last is None or date <= self.last
        )


ALWAYS: Final = Period()
Cell = tuple[str, str, str, str]  # unit, kiosk, official, date ("" where the time is an interval)
Cells = dict[Cell, list[int]]


class Days:
    """Local dates of unix ms."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._known: dict[int, dt.date] = {}

    def date(self, ms: int) -> dt.date:
        """The local date."""
        quarter = ms // QUARTER_MS
        known = self._known.get(quarter)
        if known is None:
            known = self._known[quarter] = self._of(quarter)
        return known

    def _of(self, quarter: int) -> dt.date:
        """A time that no calendar has, as a forger may write it, lies on its last day."""
        try:
            return dt.datetime.fromtimestamp(quarter * QUARTER_MS // 1000, self.zone).date()
        except (OverflowError, ValueError, OSError):
            return dt.date.max if quarter > 0 else dt.date.min

    def dates(self, column: Iterable[int]) -> set[dt.date]:
        """The local dates of many."""
        quarters = {ms // QUARTER_MS for ms in column}
        return {self.date(quarter * QUARTER_MS) for quarter in quarters}


def count(
    journals: Iterable[Journal], table: Table, *, zone: ZoneInfo, period: Period = ALWAYS
) -> Cells:  # fmt: skip
    """n1..n5 a cell. A vote whose time is an interval counts where the period holds all of it."""
    cells: Cells = {}
    days = Days(zone)
    for journal in journals:
        for vote in count_votes(journal, table):
            last = days.date(vote.high_ms)
            first = last if vote.low_ms == vote.high_ms else days.date(vote.low_ms)
            if not (period.holds(first) and period.holds(last)):
                continue
            date = "" if vote.quality == "i" else last.isoformat()
            cell = (journal.unit, journal.kiosk, vote.official, date)
            cells.setdefault(cell, [0] * 5)[vote.rating - 1] += 1
    return cells


def write_csv(cells: Cells, by: str | None = None) -> str:
    """All columns, or summed by one of unit, kiosk, official and day."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    keys = KEYS if by is None else (BY[by],)
    writer.writerow([*keys, *NUMBERS, "n"])
    sums: dict[tuple[str, ...], list[int]] = {}
    for cell, numbers in cells.items():
        key = tuple(value for name, value in zip(KEYS, cell, strict=True) if name in keys)
        row = sums.setdefault(key, [0] * 5)
        for at, number in enumerate(numbers):
            row[at] += number
    for key, numbers in sorted(sums.items()):
        writer.writerow([*map(_safe, key), *numbers, sum(numbers)])
    return out.getvalue()


def _safe(text: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it, and nothing
    in it steers a terminal."""
    shown = plain(text).replace("\n", "\ufffd")
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@")) else shown


def _as_told(ours: Cells, theirs: Cells) -> Cells:
    """Our cells by the names that a table made safe as ours, or as the server's, gives them."""
    cells: Cells = {}
    for cell, numbers in ours.items():
        unit, kiosk, official, date = cell
        names = [cell, (unit, kiosk, f"'{official}", date)]
        safe = (_safe(unit), _safe(kiosk), _safe(official), date)
        name = next((name for name in names if name in theirs), safe)
        sums = cells.setdefault(name, [0] * 5)
        for at, number in enumerate(numbers):
            sums[at] += number
    return cells


def read_tallies(path: Path) -> Cells:
    """Tallies of others, with at least our columns; rows of one cell are added. Unable."""
    cells: Cells = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                _add_row(cells, row, number, path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Unable("unreadable", file=str(path), why=str(error)) from None
    return cells


def _add_row(cells: Cells, row: dict[str, str | None], number: int, path: Path) -> None:
    try:
        unit, kiosk, official, date = (row[key] or "" for key in KEYS)
        numbers = [_number(row[key]) for key in NUMBERS]
        if row.get("n") is not None and _number(row["n"]) != sum(numbers):
            raise ValueError
    except (KeyError, ValueError):
        raise Unable("bad_row", file=str(path), line=number) from None
    sums = cells.setdefault((unit, kiosk, official, date), [0] * 5)
    for at, value in enumerate(numbers):
        sums[at] += value


def _number(text: str | None) -> int:
    if text is None or not text.isascii() or not text.isdigit():
        raise ValueError
    return int(text)


def differences(ours: Cells, theirs: Cells) -> Iterator[tuple[Cell, int, int, int]]:
    """Cell, rating, our number, theirs, wherever the two are not equal."""
    nothing = [0] * 5
    for cell in sorted(ours.keys() | theirs.keys()):
        for rating in RATINGS:
            mine = ours.get(cell, nothing)[rating - 1]
            other = theirs.get(cell, nothing)[rating - 1]
            if mine != other:
                yield cell, rating, mine, other


def check_tallies(ours: Cells, theirs: Cells, source: str, report: Report) -> None:
    """Every differing cell is a contradiction that names it."""
    found = 0
    for (unit, kiosk, official, date), rating, mine, other in differences(
        _as_told(ours, theirs), theirs
    ):
        found += 1
        report.against(
            "tally", source=source, unit=unit, kiosk=kiosk, official=official or "-",
            date=date or "-", rating=rating, counted=mine, told=other,
        )  # fmt: skip
    if not found:
        votes = sum(map(sum, ours.values()))
        report.prove("tallies", source=source, cells=len(ours), votes=votes)
