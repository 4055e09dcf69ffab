"""Votes that the server's figures leave out: held ones are listed, excluded ones the log must name.

Which rule holds a vote rests on opening hours and on the votes around it: the auditor sees how many
they are. An exclusion is a record of two people, so there are no more than the log names.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final

from auditor.bases import NUMBERS
from auditor.errors import Unable
from auditor.join import Told
from auditor.report import Report

HELD, EXCLUDED = "held", "excluded"
STATES: Final = ("counted", HELD, EXCLUDED)
MOST_LINES: Final = 10_000_000  # that one record names: more are no record of ours
Line = tuple[str, int]  # journal, seq


def read(path: Path) -> Counter[tuple[str, str]]:
    """How many votes of each unit and state the server's figures have. Unable."""
    found: Counter[tuple[str, str]] = Counter()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), 2):
                state = row.get("state") or STATES[0]
                if state not in STATES:
                    raise Unable("bad_row", file=str(path), line=line)
                try:
                    found[row["unit"], state] += sum(int(row[key]) for key in NUMBERS)
                except (KeyError, TypeError, ValueError):
                    raise Unable("bad_row", file=str(path), line=line) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Unable("unreadable", file=str(path), why=str(error)) from None
    return found


def check(
    told: Counter[tuple[str, str]], deeds: Iterable[Told], source: str, report: Report
) -> None:
    """List what is left out; more exclusions than the log names are a contradiction."""
    named = _excluded(deeds)
    for (unit, state), votes in sorted((+told).items()):
        if state == HELD:
            report.enlist("left_out", "held", unit=unit, votes=votes)
        if state == EXCLUDED:
            most = len(named.get(unit, ()))
            report.enlist("left_out", "excluded", unit=unit, votes=votes, most=most)
            if votes > most:
                report.against("excluded_more", source=source, unit=unit, told=votes, most=most)


def _excluded(deeds: Iterable[Told]) -> dict[str, set[Line]]:
    """The lines of each unit that stand excluded after all records, in their order."""
    found: defaultdict[str, set[Line]] = defaultdict(set)
    for deed in deeds:
        if deed.type not in ("excluded", "included"):
            continue
        unit, journal = str(deed.data.get("unit")), str(deed.data.get("journal"))
        lines = {(journal, seq) for seq in _lines(str(deed.data.get("seqs")))}
        if deed.type == "excluded":
            found[unit] |= lines
        else:
            found[unit] -= lines
    return dict(found)


def _lines(text: str) -> Iterable[int]:
    """The numbers in `3-7,9`; what is no such text names none."""
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first.isdecimal() and (last or first).isdecimal():
            yield from islice(range(int(first), int(last or first) + 1), MOST_LINES)
