"""Work the pipeline: understand, attribute and tally what was accepted."""

import argparse
import logging
import os
import sys
import threading
import time

HELP = "understand, attribute, tally and log what kiosks sent, as it comes"
POLL_S = 0.3
ROUND_S = 0.6
WAIT_AT_MOST_S = 5.0
LOG_EVERY_S = 0.5
LOG_WAITS_AT_MOST_S = 60.0
UNITS_EVERY_S = 60.0  # a unit's new name or parent takes hold so soon after its day began
LINES_AT_ONCE = 10_000  # so many at a time mean a backlog
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
    from server.clock import now_ms
    from server.ledger.integrator import integrate_all
    from server.ledger.signing import sign_if_due

    try:
        pipeline.run_until_done()
        began_ms = now_ms()
        integrate_all()
        sign_if_due(now_ms=now_ms(), since_ms=began_ms)
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
    from server.clock import now_ms
    from server.fleet.moving import follow_units
    from server.fleet.settings_publishing import publish_pending

    threading.Thread(target=_beat, name="beat", daemon=True).start()
    threading.Thread(target=_log, name="log", daemon=True).start()
    wait_s, units_at = POLL_S, 0.0
    while parent is None or os.getppid() == parent:
        began = time.monotonic()
        try:
            if began >= units_at:
                follow_units(now_ms=now_ms())
                units_at = began + UNITS_EVERY_S
            # Settings whose publication was cut short, or is too long for a page.
            if pipeline.run_once() | publish_pending(now_ms=now_ms()):
                # What trickles in is worked many votes at a time; a backlog without a pause.
                time.sleep(max(0.0, ROUND_S - (time.monotonic() - began)))
                continue
            wait_s = POLL_S
        except Exception:
            # What failed stays waiting and is tried again; the rest of the river went on.
            log.exception("The pipeline could not do all of its work; next try in %.1f s", wait_s)
            close_old_connections()
            wait_s = min(wait_s * 2, WAIT_AT_MOST_S)
        time.sleep(wait_s)
    return 0


def _beat() -> None:
    """Leave a trace of every few seconds that the server ran (fleet.health), however long a stage
    takes: kiosks are not blamed for the time without one."""
    from django.db import close_old_connections, connection

    from server.clock import now_ms
    from server.fleet import health

    while True:
        try:
            health.beat(now_ms=now_ms())
        except Exception:
            log.exception("Could not leave the trace that this server runs; trying again")
            connection.close()
        close_old_connections()
        time.sleep(health.BEAT_EVERY_MS / 1000)


def _log() -> None:
    """Give what was accepted its place in the log, at most a second later, and sign."""
    from django.db import close_old_connections, connection

    from server.clock import now_ms
    from server.ledger.integrator import integrate_pending
    from server.ledger.signing import sign_if_due

    since_ms, wait_s = now_ms(), LOG_EVERY_S
    while True:
        try:
            more = integrate_pending() >= LINES_AT_ONCE
            sign_if_due(now_ms=now_ms(), since_ms=since_ms)
            wait_s = 0.0 if more else LOG_EVERY_S
        except Exception:
            wait_s = min(max(wait_s, LOG_EVERY_S) * 2, LOG_WAITS_AT_MOST_S)
            log.exception("The log could not go on; next try in %.1f s", wait_s)
            connection.close()
        close_old_connections()
        time.sleep(wait_s)
