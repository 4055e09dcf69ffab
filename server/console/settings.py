"""What the kiosks of a unit or a counter, or one kiosk, ask, show and say; and what it was."""

import argparse
import sys
from pathlib import Path

from server.folder import SetupError

HELP = "show or set what kiosks ask and show: for a unit, a counter or one kiosk"
VERBS = {
    "show": "print what is set there, as `set` reads it, and what lies beneath",
    "set": "replace it by the settings of FILE and publish them",
    "history": "print who changed it, when, and what",
    "back": "set again what was set after CHANGE, as a change of its own",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="|".join(VERBS))
    for verb, help in VERBS.items():
        sub = verbs.add_parser(verb, help=help, description=help)
        sub.add_argument(
            "id", metavar="UNIT|COUNTER|KIOSK", help="such as 99001, 99001-1 or k-0a1b2c3"
        )
        if verb == "set":
            sub.add_argument(
                "file", type=Path, metavar="FILE.toml", help="see docs/settings.example.toml"
            )
        if verb == "back":
            sub.add_argument("change", type=int, metavar="CHANGE", help="a number of `history`")
        if verb in ("set", "back"):
            sub.add_argument("--why", default="", help="kept with the change")


def main(args: argparse.Namespace) -> int:
    from server.fleet.errors import FleetError
    from server.organisation.services import OrganisationError

    work = {"show": _show, "set": _set, "history": _history, "back": _back}
    try:
        work[args.verb](args)
    except (FleetError, OrganisationError) as error:
        raise SetupError(str(error)) from error
    return 0


def _set(args: argparse.Namespace) -> None:
    from server.fleet.choosing import set_settings
    from server.fleet.chosen import read_toml
    from server.ingest.journals import now_ms

    try:
        text = args.file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SetupError(f"{args.file} cannot be read: {why}.") from error
    told = set_settings(
        id=args.id,
        chosen=read_toml(text),
        folder=args.file.parent,
        now_ms=now_ms(),
        why=args.why,
    )
    _say(args.id, told)


def _back(args: argparse.Namespace) -> None:
    from server.fleet.history import roll_back
    from server.ingest.journals import now_ms

    _say(
        args.id,
        roll_back(id=args.id, change=args.change, now_ms=now_ms(), by="console", why=args.why),
    )


def _say(id: str, told) -> None:  # type: ignore[no-untyped-def]  # no models here
    kiosks = "1 kiosk" if told.new == 1 else f"{told.new} kiosks"
    print(
        f"Change {told.change} of {id}: a new version for {kiosks}, heard with the next heartbeat.",
        file=sys.stderr,
    )
    for kiosk, sentence in told.failed.items():
        print(f"Kiosk {kiosk} keeps what it has: {sentence}", file=sys.stderr)


def _show(args: argparse.Namespace) -> None:
    from server.fleet.chosen import write_toml
    from server.fleet.levels import find_holder, merge
    from server.fleet.provenance import layers_of

    holder = find_holder(args.id)
    *beneath, own = layers_of(holder)
    if "admin_pin" in own.own:
        print("# admin_pin is set; a file without it leaves it as it is")
    print(write_toml(merge([own])), end="")
    covered = set(own.own)
    for layer in reversed(beneath):
        table = {key: value for key, value in layer.own.items() if key not in covered}
        covered |= set(table)
        of = f"{layer.holder.level} {layer.holder.code}"
        if table.pop("admin_pin", None):
            print(f"# admin_pin is set for {of}")
        for line in write_toml(table).splitlines():
            print(f"# of {of}: {line}")


def _history(args: argparse.Namespace) -> None:
    from datetime import UTC, datetime

    from server.fleet.history import changes_of
    from server.fleet.levels import find_holder

    for change in changes_of(find_holder(args.id)):
        at = datetime.fromtimestamp(change.at_ms / 1000, UTC).isoformat(timespec="seconds")
        why = f": {change.why}" if change.why else ""
        print(f"{change.number}  {at}  {change.by}{why}")
        for key, before, after in change.differences:
            said = "changed" if key == "admin_pin" else f"{_value(before)} -> {_value(after)}"
            print(f"    {key}: {said}")


def _value(value: object) -> str:
    from server.fleet.chosen import write_value

    return "-" if value is None else write_value(value)
