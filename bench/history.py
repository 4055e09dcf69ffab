"""What a long past costs: pages, a correction and `rebuild --tallies`, at 1 and 5 million votes.

Each size in a folder and a process of its own (bench/past), on SQLite and PostgreSQL. A past grows
by days up to three years, then by units, so that the month that is read is the same at each size.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.fleet.site import site
from bench.serving import disk

SMALL, LARGE = 1_000_000, 5_000_000
RATIO, PAGE_MS, CORRECTION_S = 1.5, 50.0, 1.0
REBUILD = 100_000_000 / (30 * 60)  # votes a second
SAME = ("unit, month", "province, month", "province, month, as is")  # a shorter past has no year


def run(args: argparse.Namespace) -> bool:
    """Print the figures of each database; True if every one is done."""
    large = args.votes or LARGE
    small = min(SMALL, large // 5)
    fine = True
    for database in [args.database] if args.database else ("sqlite", "postgres"):
        before, after = (measure(database, votes, args) for votes in (small, large))
        fine &= report(database, before, after)
    return fine


def measure(database: str, votes: int, args: argparse.Namespace) -> dict[str, Any]:
    """A past of so many votes on a database of its own."""
    votes //= 10 if args.quick else 1
    how = ["--by-tallies"] if args.by_tallies else []
    with (
        tempfile.TemporaryDirectory(prefix="hailong-bench-", dir=disk()) as name,
        site(Path(name), database) as server,
    ):
        done = subprocess.run(
            [sys.executable, "-m", "bench.past", str(votes), *how],
            env=server.env, check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def report(database: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """The two sizes beside each other."""
    print(f"{database}: {before['votes']:,} and {after['votes']:,} votes")
    fine = True
    for page, ms in after["pages_ms"].items():
        earlier = before["pages_ms"][page]
        good = ms < PAGE_MS and (page not in SAME or ms <= RATIO * earlier)
        fine &= _line(f"{page}: {earlier:.1f} and {ms:.1f} ms, {ms / earlier:.2f} times", good)
    for one in (before, after):
        for each in one["corrections"]:
            fine &= _line(
                f"at {one['votes']:,}: {each['days']} days of an official put right, "
                f"{each['votes']:,} votes: {each['s'] * 1000:.0f} ms",
                each["s"] < CORRECTION_S,
            )
        if "rebuilt_s" not in one:
            continue
        rate = one["votes"] / one["rebuilt_s"]
        fine &= _line(
            f"at {one['votes']:,}: rebuild --tallies {rate:,.0f} votes/s, 100 million in "
            f"{100_000_000 / rate / 60:.0f} min",
            rate > REBUILD,
        )
    return fine


def _line(text: str, good: bool) -> bool:
    print(f"  {text}{'' if good else '  NOT MET'}", flush=True)
    return good
