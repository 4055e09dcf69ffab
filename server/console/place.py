"""Say where a kiosk stands, or stood."""

import argparse
import sys

from server.folder import SetupError

HELP = "place a KIOSK at a COUNTER of its unit, or at none, from now or for a while that is over"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kiosk", metavar="KIOSK", help="such as k-0a1b2c3")
    parser.add_argument("counter", metavar="COUNTER", help="its code, or none")
    when = "such as 2025-11-22T09:00 on the unit's clock; default now"
    parser.add_argument("--from", dest="first", metavar="TIME", help=when)
    parser.add_argument("--to", dest="last", metavar="TIME", help="not included; default: on")


def main(args: argparse.Namespace) -> int:
    from server.clock import now_ms
    from server.console.times import read_time
    from server.fleet.errors import FleetError
    from server.fleet.services import place_kiosk
    from server.ingest.selectors import kiosk_state
    from server.organisation.selectors import timezone_of
    from server.organisation.services import OrganisationError

    found = kiosk_state(args.kiosk)
    if found is None:
        raise SetupError(f"There is no kiosk {args.kiosk}; `hailong-server counters` lists them.")
    zone, at_ms = timezone_of(found.unit), now_ms()
    try:
        place_kiosk(
            kiosk=args.kiosk,
            counter="" if args.counter == "none" else args.counter,
            from_ms=read_time(args.first, zone) if args.first else at_ms,
            to_ms=read_time(args.last, zone) if args.last else None,
            by="console",
            now_ms=at_ms,
        )
    except (FleetError, OrganisationError) as error:
        raise SetupError(str(error)) from error
    print("Its votes are attributed anew by the next `hailong-server work`.", file=sys.stderr)
    return 0
