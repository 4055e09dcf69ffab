"""Attribute a counter's votes of a while anew."""

import argparse

from server.folder import SetupError

HELP = "attribute the votes of a COUNTER from one time to another anew, after a correction by hand"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--unit", required=True, metavar="CODE")
    parser.add_argument("--counter", required=True, metavar="CODE")
    parser.add_argument("--from", dest="first", required=True, metavar="TIME",
                        help="such as 2025-11-22T09:00, on the unit's clock")  # fmt: skip
    parser.add_argument("--to", dest="last", required=True, metavar="TIME", help="not included")


def main(args: argparse.Namespace) -> int:
    from server.attribution.services import reattribute
    from server.console.times import read_time
    from server.organisation.selectors import counter_codes_of, timezone_of, unit

    if unit(args.unit) is None or args.counter not in counter_codes_of([args.unit])[args.unit]:
        raise SetupError(f"There is no counter {args.counter} in unit {args.unit}.")
    zone = timezone_of(args.unit)
    from_ms, to_ms = read_time(args.first, zone), read_time(args.last, zone)
    if not 0 <= from_ms < to_ms:
        raise SetupError("--to is not after --from; correct the times.")
    changed = reattribute(unit=args.unit, counter=args.counter, from_ms=from_ms, to_ms=to_ms)
    print(f"{changed} votes changed; `hailong-server work --once` counts them.")
    return 0
