"""Printing tables: data on stdout, everything else on stderr."""

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from server.printable import printable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def format_argument(parser: argparse.ArgumentParser) -> None:
    """The option --format of every command that prints a table."""
    parser.add_argument("--format", choices=["csv"], default="csv", help="csv")


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print the header and the rows, as they come; nothing in them steers the terminal."""
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(columns)
    for row in rows:
        out.writerow([printable(v) if isinstance(v, str) else v for v in row])


def iso(ms: int) -> str:
    """Unix ms as 2026-11-22T01:02:03.004Z."""
    at = EPOCH + timedelta(milliseconds=ms)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_between(low_ms: int, high_ms: int) -> str:
    """One instant, or the interval low/high of an uncertain one (ISO 8601)."""
    return iso(low_ms) if low_ms == high_ms else f"{iso(low_ms)}/{iso(high_ms)}"
