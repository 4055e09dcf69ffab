"""An official's PIN, badge and picture."""

import argparse
from pathlib import Path

from server.console.ask import ask_secret
from server.folder import SetupError

NONE = "none"
HELP = "give the official CODE a new pin or badge (from the terminal or stdin; none takes it away)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE", help="such as CB-0101")
    parser.add_argument("what", choices=["pin", "badge", "photo"])
    parser.add_argument("file", nargs="?", metavar="FILE", help="of a photo; none: take it away")


def main(args: argparse.Namespace) -> int:
    from server.fleet.errors import FleetError
    from server.organisation.selectors import official
    from server.organisation.services import OrganisationError

    if args.file is not None and args.what != "photo":
        raise SetupError(f"A {args.what} is read from the terminal or stdin, not from a file.")
    found = official(args.code)
    if found is None:
        raise SetupError(f"There is no official {args.code}.")
    try:
        _change(found, args)
    except (FleetError, OrganisationError) as error:
        raise SetupError(str(error)) from error
    return 0


def _change(found, args: argparse.Namespace) -> None:  # type: ignore[no-untyped-def]  # no models here
    from server.fleet.services import keep_photo, publish_unit
    from server.ingest.journals import now_ms
    from server.organisation.services import set_badge, set_pin

    if args.what == "photo":
        file = Path(args.file) if args.file else None
        keep_photo(official=found, file=file, now_ms=now_ms())
        return
    if args.what == "pin":
        set_pin(official=found, pin=_ask("PIN"))
    else:
        set_badge(official=found, badge=_ask("Badge"))
    publish_unit(unit=found.unit_id, now_ms=now_ms(), by="console", why="officials")


def _ask(what: str) -> str:
    """The secret, "" for the word none; an empty input is a slip and changes nothing."""
    secret = ask_secret(what)
    if not secret:
        raise SetupError(f"Nothing was typed; say {NONE} to take the {what} away.")
    return "" if secret == NONE else secret
