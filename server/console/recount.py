"""Count a period again, vote by vote, and hold the tallies to it."""

import argparse
import re
import sys
from datetime import date

from server.console.table import format_argument, write_csv
from server.folder import SetupError

HELP = "count a period again from the votes; says whether the tallies of pages agree"
COLUMNS = (
    "unit", "code", "from", "to", "counted", "held", "excluded",
    "n1", "n2", "n3", "n4", "n5", "only_r9", "tallies",
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="first", metavar="DAY", required=True, help="2026-11-01")
    parser.add_argument("--to", dest="last", metavar="DAY", required=True, help="the last day")
    parser.add_argument("--by", choices=["unit", "counter", "official"], default="unit")
    parser.add_argument("--unit", metavar="CODE", help="of this unit alone")
    format_argument(parser)


def main(args: argparse.Namespace) -> int:
    """Print every row; 0 the tallies agree with all, 1 they do not."""
    from server.analytics.pending import waiting_days
    from server.analytics.recounting import recount
    from server.organisation.selectors import unit as find_unit

    first, last = _day(args.first), _day(args.last)
    if last < first:
        raise SetupError(f"{args.last} lies before {args.first}; give the earlier day first.")
    if args.unit is not None and find_unit(args.unit) is None:
        raise SetupError(f"There is no unit {args.unit}; `hailong-server counters` lists them.")
    rows = list(recount(first=first, last=last, by=args.by, unit=args.unit))
    write_csv(
        COLUMNS,
        (
            (
                row.unit, "" if args.by == "unit" else row.code, first, last, *row.states,
                *row.counts, row.apart, "agree" if row.agrees else "differ",
            )
            for row in rows
        ),
    )  # fmt: skip
    if all(row.agrees for row in rows):
        return 0
    waiting = waiting_days()
    hint = "`hailong-server check` says where, `hailong-server rebuild --tallies` counts anew."
    if waiting:
        hint = f"{waiting} days wait to be counted: run `hailong-server work --once`, then again."
    print(f"The tallies differ from the votes; {hint}", file=sys.stderr)
    return 1


def _day(text: str) -> date:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise SetupError(f"{text!r} is no day; write one such as 2026-11-01.")
