"""List the rulings of a unit."""

import argparse

from server.console.table import format_argument, iso, write_csv
from server.folder import SetupError

HELP = (
    "list the rulings of a UNIT, newest first: who was said to have served where and when, and why"
)
COLUMNS = (
    "number", "counter", "from", "to", "official", "lifts", "state", "reason", "proposed_by",
    "proposed_at", "decided_by", "decided_at", "decided_why",
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", metavar="UNIT", help="its code")
    format_argument(parser)


def main(args: argparse.Namespace) -> int:
    from server.attribution.selectors import rulings
    from server.organisation.selectors import unit

    if unit(args.unit) is None:
        raise SetupError(f"There is no unit {args.unit}; `hailong-server counters` lists them.")
    write_csv(
        COLUMNS,
        (
            (
                row.number, row.counter, iso(row.from_ms), iso(row.to_ms), row.official, row.lifts,
                row.state, row.reason, row.proposed_by, iso(row.proposed_ms), row.decided_by,
                "" if row.decided_ms is None else iso(row.decided_ms), row.decided_why,
            )
            for row in rulings(unit=args.unit)
        ),
    )  # fmt: skip
    return 0
