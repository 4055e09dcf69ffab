"""Print the tallies."""

import argparse

from server.console.table import format_argument, write_csv

HELP = "print votes by unit, counter, day and official (official empty: nobody is named)"
COLUMNS = ("unit", "counter", "day", "official", "n1", "n2", "n3", "n4", "n5", "votes")


def arguments(parser: argparse.ArgumentParser) -> None:
    format_argument(parser)


def main(args: argparse.Namespace) -> int:
    from server.analytics.selectors import daily_tallies

    write_csv(
        COLUMNS,
        (
            (row.unit, row.counter, row.day, row.official, *row.counts, sum(row.counts))
            for row in daily_tallies()
        ),
    )
    return 0
