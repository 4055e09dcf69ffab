"""Asking for a secret: from the terminal twice and unseen, or from stdin."""

import getpass
import sys

from server.folder import SetupError


def ask_secret(what: str) -> str:
    """What was typed for `what` (Password, PIN …); SetupError if the two times differ."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    secret = getpass.getpass(f"{what}: ")
    if getpass.getpass("Again: ") != secret:
        raise SetupError("The two differ; try again.")
    return secret
