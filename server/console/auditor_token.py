"""Who may fetch the entries of the log over HTTP."""

import argparse
import sys

from server.folder import SetupError

HELP = "print, this once, a token with which the auditor NAME fetches entries; --end ends theirs"
LONGEST = 100


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="such as thanh-tra-so-noi-vu")
    parser.add_argument("--end", action="store_true", help="end every token of this name")


def main(args: argparse.Namespace) -> int:
    from server.clock import now_ms
    from server.ledger.tokens import end_tokens, make_token

    if not 0 < len(args.name.strip()) <= LONGEST:
        raise SetupError(f"An auditor's name has 1 to {LONGEST} letters.")
    if args.end:
        ended = end_tokens(name=args.name, now_ms=now_ms())
        if not ended:
            raise SetupError(f"{args.name} has no token.")
        print(f"{ended} tokens of {args.name} open nothing any more.", file=sys.stderr)
        return 0
    print(make_token(name=args.name, by="console", now_ms=now_ms()))
    print(
        "It is shown this once. Each day on which it is used stands in the log (`viewed`).",
        file=sys.stderr,
    )
    return 0
