"""Print every vote with its attribution."""

import argparse
from collections.abc import Iterator

from server.console.table import format_argument, iso_between, write_csv

HELP = "print every vote with its attribution (cast_at low/high where only an interval is known)"
COLUMNS = (
    "journal", "seq", "kiosk", "counter", "unit", "official", "basis", "rating", "scale",
    "cast_at", "quality", "flags",
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    format_argument(parser)


def main(args: argparse.Namespace) -> int:
    write_csv(COLUMNS, _rows())
    return 0


def _rows() -> Iterator[tuple[object, ...]]:
    """One journal at a time; a vote that waits for its attribution has no counter and basis yet."""
    from server.attribution.selectors import attributed_votes
    from server.votes.selectors import journals

    for unit, journal in journals():
        for vote in attributed_votes(unit=unit, journal=journal):
            basis = f"none:{vote.why}" if vote.basis == "none" else vote.basis
            cast_at = iso_between(vote.low_ms, vote.high_ms)
            yield (
                vote.journal, vote.seq, vote.kiosk, vote.counter, vote.unit, vote.official, basis,
                vote.rating, vote.scale, cast_at, vote.quality, vote.flags,
            )  # fmt: skip
