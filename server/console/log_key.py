"""The log's verifier keys, and a new one."""

import argparse
import sys

HELP = "print the log's verifier keys in force, newest first; --rotate makes a new one"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rotate", action="store_true", help="make a new key first")


def main(args: argparse.Namespace) -> int:
    from server.clock import now_ms
    from server.ledger.keys import OVERLAP_MS, read_log, rotate_key

    log = rotate_key(now_ms=now_ms()) if args.rotate else read_log(now_ms=now_ms())
    for key in log.known[: len(log.signers)]:
        print(key.vkey)
    if args.rotate:
        print(
            f"For {OVERLAP_MS // 86_400_000} days both keys sign; kiosks and auditors that know "
            "the old one follow by themselves. Back up the keys again "
            "(`hailong-server backup FILE --keys FILE`), and tell witnesses the new key.",
            file=sys.stderr,
        )
    return 0
