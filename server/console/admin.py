"""Make or renew an administrator's account."""

import argparse
import sys

from server.console.ask import ask_secret
from server.folder import SetupError

HELP = "make the administrator NAME, or give them a new password (read from the terminal or stdin)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")


def main(args: argparse.Namespace) -> int:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from server.organisation.models import Role, StaffAccount

    password = ask_secret("Password")
    account = StaffAccount.objects.filter(username=args.name).first()
    if account is None:
        account = StaffAccount(username=args.name, role=Role.ADMINISTRATOR)
    elif account.role != Role.ADMINISTRATOR:
        raise SetupError(f"{args.name} is a {account.role}'s account; choose another name.")
    try:
        account.clean_fields(exclude=["password"])
        validate_password(password, account)
    except ValidationError as error:
        raise SetupError(" ".join(error.messages)) from error
    account.set_password(password)
    account.save()
    print(f"{args.name} can sign in.", file=sys.stderr)
    return 0
