"""Work the pipeline: understand, attribute and tally what was accepted."""

import argparse
import logging
import os
import sys
import time

HELP = "understand, attribute and tally what kiosks sent, as it comes"
POLL_S = 0.3
WAIT_AT_MOST_S = 5.0
log = logging.getLogger(__name__)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--once", action="store_true", help="return when all accepted before now is tallied"
    )
    parser.add_argument("--parent", type=int, metavar="PID", help="end when this process ends")


def main(args: argparse.Namespace) -> int:
    return _once() if args.once else _work(args.parent)


def _once() -> int:
    from server import pipeline

    try:
        pipeline.run_until_done()
    except ExceptionGroup as group:
        first = group.exceptions[0]
        print(
            f"hailong-server: Not everything could be worked ({type(first).__name__}: {first}); "
            "`hailong-server check` says what is amiss.",
            file=sys.stderr,
        )
        return 2
    return 0


def _work(parent: int | None) -> int:
    from django.db import close_old_connections

    from server import pipeline

    wait_s = POLL_S
    while parent is None or os.getppid() == parent:
        try:
            if pipeline.run_once():
                wait_s = POLL_S
                continue
            wait_s = POLL_S
        except Exception:
            # What failed stays waiting and is tried again; the rest of the river went on.
            log.exception("The pipeline could not do all of its work; next try in %.1f s", wait_s)
            close_old_connections()
            wait_s = min(wait_s * 2, WAIT_AT_MOST_S)
        time.sleep(wait_s)
    return 0
