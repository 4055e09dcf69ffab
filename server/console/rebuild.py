"""Make everything right of the ledger again from the lines, or the tallies from the votes."""

import argparse
import sys
import time

HELP = "make votes, attributions and tallies again from the lines: the same figures"
EVERY_S = 10.0


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tallies", action="store_true", help="only the tallies, from the votes; pages go on"
    )


def main(args: argparse.Namespace) -> int:
    from server import pipeline
    from server.analytics.selectors import rebuilding
    from server.console.enrolments import check_rows
    from server.votes.models import Vote

    check_rows()
    goes_on = pipeline.goes_on(tallies_only=args.tallies)
    whole = not args.tallies or (goes_on and rebuilding() is False)
    if goes_on:
        _say("A rebuild was broken off; this one goes on with it.")
    pipeline.rebuild(tallies_only=args.tallies, tell=_Progress())
    votes = f"{Vote.objects.count():,} votes."
    _say(f"Rebuilt from the lines: {votes}" if whole else f"Tallies rebuilt from {votes}")
    return 0


class _Progress:
    """How far it is: a line that changes on a screen, elsewhere one now and then."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, what: str, done: int, of: int) -> None:
        """Tell of a step."""
        if sys.stderr.isatty():
            print(f"\r{done:,} of {of:,} {what} ", end="\n" if done >= of else "", file=sys.stderr)
        elif done >= of or time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY_S
            _say(f"{done:,} of {of:,} {what}")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
