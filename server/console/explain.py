"""Say why a vote is about whom it is about."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from server.folder import SetupError

if TYPE_CHECKING:
    from server.attribution.explaining import Explained
    from server.attribution.watches import Served

HELP = "say whom the vote in line SEQ of a JOURNAL is about, and why; the log records the look"
QUALITY = {
    "exact": "as the server's clock tells",
    "wall": "as the kiosk's own clock tells",
    "interval": "the kiosk knew no better",
}
HOW = {
    "pin": "signed in by PIN", "badge": "signed in by badge", "qr": "signed in by QR code",
    "remote": "put on duty from afar", "desk": "begun at a work PC", "board": "set on the board",
}  # fmt: skip
ENDED = {
    "official": "signed out", "next": "another signed in", "idle": "the kiosk was idle",
    "closing": "the office closed", "restart": "the kiosk started anew",
    "journal": "the kiosk began a new journal", "moved": "the kiosk was moved",
    "midnight": "nobody ended it, so midnight did", "posted": "ended at a PC or on the board",
    "goes-on": "it goes on",
}  # fmt: skip
WHY = {
    "ruled-nobody": "a ruling says that nobody of the organisation served",
    "not-official": "the citizen said that another official served",
    "counter-forgotten": "the kiosk serves several counters and the vote names none",
    "no-placement": "the kiosk stood at no counter then, or the vote names none of this unit",
    "clock-uncertain": "it is not certain when it was cast, or who had signed in by then",
    "duty-unknown": "it names a duty that was not in force, and nobody else was on duty",
    "nobody-signed-in": "nobody was on duty at the counter",
    "unknown-official": "the official who signed in is not in the organisation",
    "quarantined": "its line is held out until two people rule on it",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("journal", metavar="JOURNAL", help="its id")
    parser.add_argument("seq", metavar="SEQ", type=int, help="the vote's line")


def main(args: argparse.Namespace) -> int:
    """One sentence each: place, time, who, on what basis."""
    from server.attribution.explaining import explain_vote
    from server.clock import now_ms

    found = None
    if args.journal.isprintable() and 0 < args.seq < 2**53:
        found = explain_vote(journal=args.journal, seq=args.seq, by="console", now_ms=now_ms())
    if found is None:
        raise SetupError(
            f"Line {args.seq} of journal {args.journal} is no vote that is attributed already; "
            "`hailong-server votes` lists them."
        )
    for sentence in _sentences(found):
        print(sentence)
    return 0


def _sentences(found: "Explained") -> Iterator[str]:
    from server.console.times import local_time

    verdict, zone = found.verdict, found.zone
    how = "the vote names it" if found.named_counter else f"kiosk {found.kiosk} stood there"
    where = f"counter {verdict.counter}: {how}" if verdict.counter else "no counter"
    yield f"Place: {where}."
    low, high = local_time(found.low_ms, zone), local_time(found.high_ms, zone)
    when = low if found.low_ms == found.high_ms else f"between {low} and {high}"
    yield f"Time: {when} ({zone.key}), {QUALITY[found.quality]}."
    yield f"About: {verdict.official or 'nobody'}."
    yield f"Basis: {verdict.basis}{''.join(': ' + part for part in _parts(found))}."


def _parts(found: "Explained") -> Iterator[str]:
    verdict = found.verdict
    if verdict.why:
        yield WHY[verdict.why]
    if found.ruling:
        yield f"number {found.ruling}"
    elif verdict.basis == "dossier":
        yield found.dossier
    for served in found.served:
        yield _duty(served, found.zone)


def _duty(served: "Served", zone: ZoneInfo) -> str:
    """A duty in one breath: duty 07:58–11:31, signed in by badge."""
    from server.console.times import local_time

    low, until = local_time(served.high_ms, zone), local_time(served.until_ms, zone)
    about = "" if served.low_ms == served.high_ms else "at the latest "
    return (
        f"duty of {served.official} from {about}{low} to {until}, "
        f"{HOW[served.by]}; {ENDED[served.ended]}"
    )
