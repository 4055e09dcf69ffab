"""The old log cannot go on: a new one that says so."""

import argparse
import sys

from server.folder import SetupError

HELP = "begin a new log, because the old one's key was stolen or its entries are lost for ever"
LONGEST = 500
WHAT = (
    "It gives the log a new name and key for ever: auditors and witnesses need the new key, and a "
    "kiosk follows only when it is enrolled again. Lines and votes stay; say --yes to do it."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", required=True, help="why; it is the new log's first entry")
    parser.add_argument("--yes", action="store_true", help="do it")


def main(args: argparse.Namespace) -> int:
    from server.clock import now_ms
    from server.ledger.signing import begin_new_log

    if not 0 < len(args.reason.strip()) <= LONGEST:
        raise SetupError(f"A reason has 1 to {LONGEST} letters.")
    if not args.yes:
        raise SetupError(WHAT)
    log = begin_new_log(now_ms=now_ms(), why=args.reason, by="console")
    print(log.key.vkey)
    print(
        f"The log is {log.origin} from now on. Back up the keys again (`backup FILE --keys FILE`), "
        "give the key above to auditors and witnesses, and enrol kiosks anew when they are at "
        "hand (`kiosk-code --kiosk ID`): until then they send as ever and are shown no checkpoint.",
        file=sys.stderr,
    )
    return 0
