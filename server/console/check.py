"""Check that what is shown still follows from what was received, and that the log holds it."""

import argparse
import io
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

HELP = "check settings, the log, every chain, that votes, attributions, tallies follow from it"
LOOKS = 5
PAUSE_S = 0.3


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def main(args: argparse.Namespace) -> int:
    """Print what differs; 0 nothing, 1 something."""
    from django.conf import settings

    from server.analytics import audit as tallies
    from server.attribution import audit as decisions
    from server.console import enrolments
    from server.console.chains import find_breaks
    from server.flags import audit as flags
    from server.fleet import placed
    from server.ledger import audit as ledger
    from server.ledger.signing import stopped
    from server.organisation import audit as organisation
    from server.signals import audit as signals
    from server.votes import audit as votes
    from server.votes.selectors import journals, waiting_journals

    found = _odd_settings() + ledger.find_differences(settings.DATA.path)
    found += enrolments.find_differences()
    found += _lasting(placed.find_differences) + _lasting(decisions.find_differences)
    found += _lasting(organisation.find_differences)
    found += _lasting(flags.find_differences) + _lasting(signals.find_differences)
    for unit, journal in journals():
        breaks = find_breaks(unit=unit, journal=journal)
        # Lines that do not hold together prove nothing about votes; they are named alone.
        found += breaks or votes.find_differences(unit=unit, journal=journal)
        found += _lasting(partial(decisions.find_wrong_verdicts, unit=unit, journal=journal))
    found += _lasting(tallies.find_differences)
    for sentence in found:
        print(sentence)
    if waiting := len(waiting_journals()):
        _say(f"{waiting} journals have lines that wait; `hailong-server work --once` takes them.")
    for sentence in _of_the_log(settings.DATA.path):
        _say(sentence)
    if not found and stopped() is not None:
        _say("Settings, lines, votes and tallies are in order; the log signs no more (see above).")
    elif not found:
        _say("Settings, log, lines, votes and tallies are in order.")
    return 1 if found else 0


def _of_the_log(folder: Path) -> Iterator[str]:
    """How far the log is; that it waits or signs no more is no difference, but to be known."""
    from server.clock import now_ms
    from server.ledger.guard import NAME, read_guard
    from server.ledger.keys import read_log
    from server.ledger.signing import RECOVERY, cosigned_checkpoint, newest_checkpoint, stopped
    from server.ledger.tree import tree_size, waiting_records

    origin = read_log(now_ms=now_ms()).origin
    newest, cosigned = newest_checkpoint(origin), cosigned_checkpoint(origin)
    yield (
        f"The log {origin} has {tree_size():,} entries, signed up to "
        f"{newest.size if newest else 0:,}, cosigned up to {cosigned.size if cosigned else 0:,}."
    )
    if newest is not None and read_guard(folder) is None:
        yield (
            f"{folder / NAME} is missing, though checkpoints were signed: without it nothing here "
            "tells that older tables were put back. The next checkpoint writes it anew; find out "
            "who took it away."
        )
    if waiting := waiting_records():
        yield f"{waiting:,} records wait for their place in it."
    if stop := stopped():
        yield f"It signs no more. {stop.why} {RECOVERY}"


def _odd_settings() -> list[str]:
    """What Django's own check finds wrong."""
    from django.core.management import CommandError, call_command

    try:
        call_command("check", stdout=io.StringIO(), stderr=sys.stderr)
    except CommandError as error:
        return str(error).strip().splitlines()
    return []


def _lasting(look: Callable[[], list[str]]) -> list[str]:
    """What `look` finds again and again: a server beside us is between two steps now and then."""
    found = look()
    for _ in range(LOOKS):
        if not found:
            break
        time.sleep(PAUSE_S)
        again = set(look())
        found = [sentence for sentence in found if sentence in again]
    return found


def _say(sentence: str) -> None:
    print(f"hailong-server: {sentence}", file=sys.stderr)
