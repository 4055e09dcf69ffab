"""Create a kiosk at a counter, or renew one, and print its enrolment code."""

import argparse

from server.folder import SetupError

HELP = "create a kiosk placed at COUNTER; the last word printed is its enrolment code"
BY = "console"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("counter", nargs="?", metavar="COUNTER", help="such as 99001-1")
    parser.add_argument("--kiosk", metavar="ID", help="renew this kiosk instead of creating one")


def main(args: argparse.Namespace) -> int:
    from server.fleet.errors import FleetError
    from server.fleet.services import make_code, make_kiosk
    from server.ingest.journals import now_ms
    from server.organisation.services import OrganisationError

    if (args.counter is None) == (args.kiosk is None):
        raise SetupError("Name a counter for a new kiosk, or --kiosk ID to renew one.")
    try:
        at_ms = now_ms()
        kiosk = args.kiosk or make_kiosk(counter=args.counter, now_ms=at_ms, by=BY).id
        code = make_code(kiosk=kiosk, now_ms=at_ms, by=BY)
    except (FleetError, OrganisationError) as error:
        raise SetupError(str(error)) from error
    print(f"kiosk {kiosk} code {code}")
    return 0
