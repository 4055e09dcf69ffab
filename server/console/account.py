"""Make, renew or end an account: of a supervisor, an official, an inspector or a reviewer."""

import argparse
import sys
from typing import TYPE_CHECKING, TypedDict

from server.console.ask import ask_secret
from server.folder import SetupError

if TYPE_CHECKING:
    from server.organisation.models import Official, Role, Unit

HELP = "make the account NAME of anybody but an administrator, give it a new password, or end it"


class Whose(TypedDict):
    """What make_account asks beside a name and a password."""

    role: "Role"
    unit: "Unit | None"
    official: "Official | None"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--supervisor", metavar="UNIT", help="who heads this unit")
    whose.add_argument(
        "--official", metavar="CODE", help="this official, who sees what concerns themselves"
    )
    whose.add_argument(
        "--inspector", action="store_true", help="who inspects what `hailong-server grant` says"
    )
    whose.add_argument(
        "--reviewer", action="store_true", help="who decides on doubtful votes there, with another"
    )
    whose.add_argument("--end", action="store_true", help="nobody signs in with it any more")
    parser.add_argument(
        "--unit", metavar="UNIT", help="where an inspector or a reviewer works, so never acts"
    )


def main(args: argparse.Namespace) -> int:
    from server.organisation.services import OrganisationError

    if args.unit is not None and not (args.inspector or args.reviewer):
        raise SetupError("--unit goes with --inspector or --reviewer; leave it out.")
    try:
        if args.end:
            _end(args.name)
        else:
            _give(args)
    except OrganisationError as error:
        raise SetupError(str(error)) from error
    return 0


def _give(args: argparse.Namespace) -> None:
    from server.organisation.services import give_account

    give_account(username=args.name, password=ask_secret("Password"), **_whose(args))
    print(f"{args.name} can sign in.", file=sys.stderr)


def _whose(args: argparse.Namespace) -> "Whose":
    """Role, unit and official of the account; SetupError if there is no such unit or official."""
    from server.organisation import selectors
    from server.organisation.models import Role

    if args.official is not None:
        official = selectors.official(args.official)
        if official is None:
            raise SetupError(f"There is no official {args.official}.")
        return {"role": Role.OFFICIAL, "unit": None, "official": official}
    code = args.supervisor or args.unit
    unit = None if code is None else selectors.unit(code)
    if code is not None and unit is None:
        raise SetupError(f"There is no unit {code}.")
    role = Role.INSPECTOR if args.inspector else Role.REVIEWER
    role = Role.SUPERVISOR if args.supervisor is not None else role
    return {"role": role, "unit": unit, "official": None}


def _end(name: str) -> None:
    from server.organisation.selectors import account_of
    from server.organisation.services import end_account

    account = account_of(name)
    if account is None:
        raise SetupError(f"There is no account {name}.")
    end_account(account=account)
    print(f"{name} cannot sign in any more.", file=sys.stderr)
