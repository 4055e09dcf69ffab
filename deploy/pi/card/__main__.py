"""At each start: what hailong.toml says is set, then its code is used and erased.

Exit 0 done or nothing to do, 2 a card that a person must correct, with one sentence.
"""

import argparse
import logging
import pwd
import sys
import time
from pathlib import Path

from .enrolling import enrol_for_ever, has_journal, is_used, mark_used, try_enrol
from .erase import erase_code
from .errors import CardError
from .network import write_network
from .read import Card, read_card
from .settings import write_settings
from .system import start_again, write_system
from .told import Told, tell_ready

REPEAT_S = 25.0


def main(argv: list[str] | None = None) -> int:
    """The exit code."""
    args = _parser().parse_args(argv)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    told = Told(args.run / "hailong-card")
    try:
        card = read_card(args.boot)
        if card is None:
            tell_ready()
            return 0
        owner = _owner(args.user)
        units = _prepare(card, args, owner)
        done = _repeat(card, args, owner)
        tell_ready()
        start_again(units)
        _enrol(card, args, owner, told, done=done)
    except CardError as error:
        told.say(str(error))
        tell_ready()  # whoever waits for the settings starts with the old ones
        return 2
    return 0


def _prepare(card: Card, args: argparse.Namespace, owner: tuple[int, int]) -> list[str]:
    """Everything that needs no network; what starts after this reads it. Units to start again."""
    write_network(card.network, args.run / "NetworkManager" / "system-connections")
    write_settings(card, args.data / "kiosk", owner)
    return write_system(card, args.run)


def _repeat(card: Card, args: argparse.Namespace, owner: tuple[int, int]) -> bool:
    """Whether the power went between the enrolment and our mark: then the exact repeat says so.
    It must come before the kiosk starts, which then holds its folder; it needs no network."""
    if card.code is None or not has_journal(args.data) or is_used(card.code, args.data):
        return False
    return try_enrol(card, args.command, args.data, owner, REPEAT_S) is None


def _enrol(
    card: Card, args: argparse.Namespace, owner: tuple[int, int], told: Told, *, done: bool
) -> None:
    if card.code is not None and not is_used(card.code, args.data):
        if not done:
            enrol_for_ever(
                lambda: try_enrol(card, args.command, args.data, owner), told.say, time.sleep
            )
        # A crash here: the code is still on the card, and sending it again changes nothing.
        mark_used(card.code, args.data)
        told.say(f"Enrolled at {card.server}.")
    # A crash here: the mark says that the code is only to be erased.
    erase_code(card, args.boot)


def _owner(user: str) -> tuple[int, int]:
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise CardError(f"There is no user {user}; run deploy/pi/install again.") from None
    return entry.pw_uid, entry.pw_gid


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="card", description=__doc__)
    parser.add_argument("--boot", type=Path, default=Path("/boot/firmware"))
    parser.add_argument("--data", type=Path, default=Path("/var/lib/hailong"))
    parser.add_argument("--run", type=Path, default=Path("/run"))
    parser.add_argument("--user", default="hailong")
    parser.add_argument("--command", default="/opt/hailong/current/bin/hailong-kiosk")
    return parser


if __name__ == "__main__":
    sys.exit(main())
