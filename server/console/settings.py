"""What a kiosk, or every kiosk of a unit, asks, shows and says."""

import argparse
import sys
from pathlib import Path

from server.folder import SetupError

HELP = "show or set what a kiosk, or every kiosk of a unit, asks and shows"


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="show|set")
    for verb, help in (
        ("show", "print the settings of a kiosk or unit, as `set` reads them"),
        ("set", "replace them by those of FILE and publish them"),
    ):
        sub = verbs.add_parser(verb, help=help, description=help)
        sub.add_argument("id", metavar="KIOSK|UNIT", help="such as k-0a1b2c3 or 99001")
        if verb == "set":
            sub.add_argument(
                "file", type=Path, metavar="FILE.toml", help="see docs/settings.example.toml"
            )


def main(args: argparse.Namespace) -> int:
    from server.fleet.errors import FleetError
    from server.organisation.services import OrganisationError

    try:
        if args.verb == "set":
            _set(args.id, args.file)
        else:
            _show(args.id)
    except (FleetError, OrganisationError) as error:
        raise SetupError(str(error)) from error
    return 0


def _set(id: str, file: Path) -> None:
    from server.fleet.choosing import set_settings
    from server.fleet.chosen import read_toml
    from server.ingest.journals import now_ms

    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SetupError(f"{file} cannot be read: {why}.") from error
    set_settings(id=id, chosen=read_toml(text), folder=file.parent, now_ms=now_ms())
    print(f"Kiosks of {id} hear it with their next heartbeat.", file=sys.stderr)


def _show(id: str) -> None:
    from server.fleet.chosen import write_toml
    from server.fleet.selectors import chosen_of_unit, holder_of_settings

    holder = holder_of_settings(id)
    own = dict(holder.own)
    if own.pop("admin_pin", None):
        print("# admin_pin is set; a file without it leaves it as it is")
    print(write_toml(own), end="")
    if holder.kiosk is not None:
        beneath = chosen_of_unit(holder.unit)
        beneath = {key: value for key, value in beneath.items() if key not in holder.own}
        if beneath.pop("admin_pin", None):
            print(f"# admin_pin is set for unit {holder.unit}")
        for line in write_toml(beneath).splitlines():
            print(f"# of unit {holder.unit}: {line}")
