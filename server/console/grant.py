"""Say for which units an inspector or a reviewer acts, or list it."""

import argparse
import sys

from server.console.table import iso, write_csv
from server.console.times import read_time
from server.folder import SetupError

COLUMNS = ("account", "role", "unit", "from", "to", "granted_by")
HELP = (
    "let the inspector or reviewer NAME act for a UNIT and all beneath it, or end that; without "
    "NAME list who may act where"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?")
    parser.add_argument("unit", metavar="UNIT", nargs="?", help="its code")
    parser.add_argument("--until", metavar="TIME", help="when it ends by itself")
    parser.add_argument("--end", action="store_true", help="from now on no more")


def main(args: argparse.Namespace) -> int:
    from server.organisation.services import OrganisationError

    if args.name is None:
        return _list()
    if args.unit is None:
        raise SetupError(f"Say for which unit: `hailong-server grant {args.name} UNIT`.")
    try:
        _change(args)
    except OrganisationError as error:
        raise SetupError(str(error)) from error
    return 0


def _change(args: argparse.Namespace) -> None:
    from server.clock import now_ms
    from server.organisation import selectors
    from server.organisation.selectors import timezone_of
    from server.organisation.services import end_grant, give_grant

    account, unit = selectors.account_of(args.name), selectors.unit(args.unit)
    if account is None:
        raise SetupError(f"There is no account {args.name}; `hailong-server account` makes it.")
    if unit is None:
        raise SetupError(f"There is no unit {args.unit}.")
    if args.end:
        end_grant(account=account, unit=unit, by="console", now_ms=now_ms())
        print(f"{args.name} does not act for {args.unit} any more.", file=sys.stderr)
        return
    until = None if args.until is None else read_time(args.until, timezone_of(unit.code))
    give_grant(account=account, unit=unit, by="console", now_ms=now_ms(), to_ms=until)
    print(f"{args.name} acts for {args.unit} and all beneath it.", file=sys.stderr)


def _list() -> int:
    from server.clock import now_ms
    from server.organisation.selectors import grants_in_force

    write_csv(
        COLUMNS,
        (
            (
                row.account.username, row.account.role, row.unit_id, iso(row.from_ms),
                "" if row.to_ms is None else iso(row.to_ms), row.granted_by,
            )
            for row in grants_in_force(now_ms())
        ),
    )  # fmt: skip
    return 0
