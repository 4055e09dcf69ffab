"""List signals: what the watch over every counter found."""

import argparse

from server.console.table import format_argument, write_csv
from server.folder import SetupError

HELP = (
    "list signals, newest first: what changed where, since when, and how far beyond its threshold; "
    "each is a question, not a finding"
)
COLUMNS = (
    "kind", "unit", "counter", "official", "procedure", "since", "statistic", "threshold", "state",
    "number", "side", "reason", "found", "stands", "votes_between_false_alarms", "outcome",
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--unit", metavar="UNIT", help="of this unit only")
    parser.add_argument(
        "--budget", metavar="N", type=float,
        help="first set how many false alarms a month the whole province looks into (1 unless "
        "set); every unit is watched anew",
    )  # fmt: skip
    format_argument(parser)


def main(args: argparse.Namespace) -> int:
    from server.clock import now_ms
    from server.organisation.selectors import unit
    from server.signals.errors import SignalError
    from server.signals.selectors import signals
    from server.signals.services import set_budget, watch_pending

    if args.unit is not None and unit(args.unit) is None:
        raise SetupError(f"There is no unit {args.unit}; `hailong-server counters` lists them.")
    if args.budget is not None:
        hundredths = round(args.budget * 100) if 0 < args.budget < 10_000 else 0
        try:
            set_budget(alarms=hundredths, by="console", now_ms=now_ms())
        except SignalError as error:
            raise SetupError(str(error)) from error
        watch_pending()
    write_csv(
        COLUMNS,
        (
            (
                row.kind, row.unit, row.counter, row.official, row.procedure, row.since_date,
                row.statistic_m / 1000, row.threshold_m / 1000, row.state, row.number, row.side,
                row.reason, row.found_date, "yes" if row.stands else "no", row.arl, row.outcome,
            )
            for row in signals(units=None if args.unit is None else [args.unit])
        ),
    )  # fmt: skip
    return 0
