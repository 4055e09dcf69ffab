"""Print every flag on a vote."""

import argparse
from collections.abc import Iterator

from server.console.table import format_argument, write_csv

HELP = "print every flag on a vote: which rule doubts it, and whether the vote is held for that"
COLUMNS = ("journal", "seq", "flag", "held", "rule")


def arguments(parser: argparse.ArgumentParser) -> None:
    format_argument(parser)


def main(args: argparse.Namespace) -> int:
    write_csv(COLUMNS, _rows())
    return 0


def _rows() -> Iterator[tuple[object, ...]]:
    from server.flags.rules import RULES
    from server.flags.selectors import flagged, flagged_units

    for unit in flagged_units():
        for row in flagged(unit=unit):
            rule = RULES[row.flag].says if row.flag in RULES else ""
            held = "yes" if row.held else "no"
            yield row.journal, row.seq, row.flag, held, f"{row.flag}/{row.version}: {rule}"
