"""Make everything right of the ledger again from the lines."""

import argparse
import sys

HELP = "drop votes, attributions and tallies and make them again from the lines: the same figures"


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def main(args: argparse.Namespace) -> int:
    from server import pipeline
    from server.console.enrolments import check_rows
    from server.votes.models import Vote

    check_rows()
    pipeline.rebuild()
    print(f"Rebuilt from the lines: {Vote.objects.count()} votes.", file=sys.stderr)
    return 0
