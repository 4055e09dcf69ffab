"""Ask a kiosk for something, or list what it was asked for."""

import argparse
import sys

from server.folder import SetupError

COLUMNS = ("order", "what", "at", "by", "outcome", "findings")
HELP = "ask a KIOSK for diagnostics, a restart or its self-test; without WHAT list what was asked"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kiosk", metavar="KIOSK", help="such as k-0a1b2c3")
    parser.add_argument("what", metavar="WHAT", nargs="?", help="diagnostics, restart or selftest")


def main(args: argparse.Namespace) -> int:
    from server.fleet.errors import FleetError
    from server.fleet.orders import order_deed
    from server.ingest.journals import now_ms
    from server.organisation.services import OrganisationError

    if args.what is None:
        return _list(args.kiosk)
    try:
        number = order_deed(kiosk=args.kiosk, what=args.what, by="console", now_ms=now_ms())
    except (FleetError, OrganisationError) as error:
        raise SetupError(str(error)) from error
    print(
        f"Order {number}: the kiosk {args.kiosk} hears it with its next heartbeat; "
        f"`hailong-server order {args.kiosk}` shows its answer.",
        file=sys.stderr,
    )
    return 0


def _list(kiosk: str) -> int:
    """The newest first; outcome: empty until the kiosk's journal says more."""
    from server.console.table import iso, write_csv
    from server.fleet.asked import orders_of
    from server.ingest.selectors import kiosk_state

    if kiosk_state(kiosk) is None:
        raise SetupError(f"There is no kiosk {kiosk}; `hailong-server counters` lists them.")
    write_csv(
        COLUMNS,
        (
            (
                order.number,
                order.what,
                iso(order.at_ms),
                order.by,
                order.outcome,
                " ".join(f"{part}={word}" for part, word in order.findings.items()),
            )
            for order in orders_of(kiosk)
        ),
    )
    return 0
