"""Press to durable commit, through the kiosk's core and writer, beside a bare sqlite3 insert.

The two take turns row by row, so that a busy disk slows both.
"""

import argparse
import sqlite3
import statistics
import threading

from bench.unit import now_ms, unit
from kiosk.journal_file import FILE

PRESSES = 600
MOST = 1.5


def run(args: argparse.Namespace) -> bool:
    """Print the medians and their ratio; True if it is at most MOST."""
    thanked = threading.Event()

    def hear(event: dict[str, object]) -> None:
        if event["event"] == "thanks":
            thanked.set()

    ours: list[float] = []
    bare: list[float] = []
    with unit(hear) as (core, folder):
        other = _bare(str(folder / "bare.sqlite3"))
        reader = sqlite3.connect(folder / FILE)
        for number in range(PRESSES // (10 if args.quick else 1)):
            thanked.clear()
            start = now_ms()
            core.touch(1 + number % 5, "touch")
            thanked.wait(10)
            ours.append(now_ms() - start)
            row = reader.execute("SELECT * FROM line ORDER BY seq DESC LIMIT 1").fetchone()
            start = now_ms()
            other.execute("BEGIN IMMEDIATE")
            other.execute("INSERT INTO line VALUES (?, ?, ?, ?)", row)
            other.execute("COMMIT")
            bare.append(now_ms() - start)
        reader.close()
        other.close()
    ratio = statistics.median(ours) / statistics.median(bare)
    print(
        f"press to durable commit: median {statistics.median(ours):.2f} ms, "
        f"bare sqlite3 insert {statistics.median(bare):.2f} ms: {ratio:.2f} times "
        f"(at most {MOST}){'' if ratio <= MOST else '  NOT MET'}"
    )
    return ratio <= MOST


def _bare(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE line (seq INTEGER PRIMARY KEY, body BLOB, hash BLOB, type)")
    return connection
