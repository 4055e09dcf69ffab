"""Put an official on duty at a unit without a screen."""

import argparse
import sys

from server.folder import SetupError

HELP = "put OFFICIAL, or nobody, on duty at a KIOSK that has no screen to sign in at"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kiosk", metavar="KIOSK", help="such as k-0a1b2c3")
    parser.add_argument("official", metavar="OFFICIAL", help="an official's code, or nobody")


def main(args: argparse.Namespace) -> int:
    from server.fleet.errors import FleetError
    from server.fleet.services import order_duty
    from server.ingest.journals import now_ms
    from server.organisation.services import OrganisationError

    official = "" if args.official == "nobody" else args.official
    try:
        order_duty(kiosk=args.kiosk, official=official, now_ms=now_ms(), by="console")
    except (FleetError, OrganisationError) as error:
        raise SetupError(str(error)) from error
    print(f"The kiosk {args.kiosk} hears it with its next heartbeat.", file=sys.stderr)
    return 0
