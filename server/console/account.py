"""Make, renew or end the account of a supervisor or of an official at a counter."""

import argparse
import sys

from server.console.ask import ask_secret
from server.folder import SetupError

HELP = "make the account NAME of a supervisor or an official, give it a new password, or end it"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--supervisor", metavar="UNIT", help="who heads this unit")
    whose.add_argument(
        "--official", metavar="CODE", help="this official, who sees what concerns themselves"
    )
    whose.add_argument("--end", action="store_true", help="nobody signs in with it any more")


def main(args: argparse.Namespace) -> int:
    from server.organisation.services import OrganisationError

    try:
        if args.end:
            _end(args.name)
        else:
            _give(args)
    except OrganisationError as error:
        raise SetupError(str(error)) from error
    return 0


def _give(args: argparse.Namespace) -> None:
    from server.organisation import selectors
    from server.organisation.models import Role
    from server.organisation.services import give_account

    unit = official = None
    if args.supervisor is not None:
        unit = selectors.unit(args.supervisor)
        if unit is None:
            raise SetupError(f"There is no unit {args.supervisor}.")
    else:
        official = selectors.official(args.official)
        if official is None:
            raise SetupError(f"There is no official {args.official}.")
    give_account(
        username=args.name,
        password=ask_secret("Password"),
        role=Role.SUPERVISOR if official is None else Role.OFFICIAL,
        unit=unit,
        official=official,
    )
    print(f"{args.name} can sign in.", file=sys.stderr)


def _end(name: str) -> None:
    from server.organisation.selectors import account_of
    from server.organisation.services import end_account

    account = account_of(name)
    if account is None:
        raise SetupError(f"There is no account {name}.")
    end_account(account=account)
    print(f"{name} cannot sign in any more.", file=sys.stderr)
