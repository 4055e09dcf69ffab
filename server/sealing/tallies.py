"""The server's figures for a sealed export: an auditor's own recount must give the same cells."""

import csv
import io
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.printable import is_formula
from server.sealing.territory import logged_up_to
from server.votes.as_logged import votes_as_logged

COLUMNS = ("unit", "kiosk", "official", "date", "n1", "n2", "n3", "n4", "n5", "n")
Cell = tuple[str, str, str, str]


class Period(NamedTuple):
    """Local days, both included."""

    first: date
    last: date
    zone: ZoneInfo

    def day(self, ms: int) -> date:
        """The local day of an instant."""
        return datetime.fromtimestamp(ms // 1000, self.zone).date()


def count_cells(units: Collection[str], size: int, period: Period) -> dict[Cell, list[int]]:
    """n1..n5 by unit, kiosk, official and local date, of the lines below `size`.

    Final ratings; official: of the duty in force that the vote names, "" without one or where the
    citizen said that another official served. A vote whose time is an interval has no date, and
    counts where the period holds all of it.
    """
    cells: dict[Cell, list[int]] = {}
    for unit, journal, upto in logged_up_to(units, size):
        for vote in votes_as_logged(unit=unit, journal=journal, upto=upto):
            first, last = period.day(vote.low_ms), period.day(vote.high_ms)
            if not (period.first <= first and last <= period.last):
                continue
            day = "" if vote.quality == "interval" else last.isoformat()
            official = "" if vote.not_official else vote.official
            counts = cells.setdefault((unit, vote.kiosk, official, day), [0] * 5)
            counts[vote.rating - 1] += 1
    return cells


def write_cells(cells: dict[Cell, list[int]]) -> Iterator[bytes]:
    """As CSV, by cell. What a kiosk calls an official no spreadsheet runs as a formula: an
    apostrophe stands before it."""
    rows = [
        (unit, kiosk, f"'{official}" if is_formula(official) else official, day, *counts,
         sum(counts))
        for (unit, kiosk, official, day), counts in sorted(cells.items())
    ]  # fmt: skip
    for row in [COLUMNS, *rows]:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        yield line.getvalue().encode()
