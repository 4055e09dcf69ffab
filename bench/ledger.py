"""What the log costs a vote beside everything else that is done for it; how long a proof takes.

A real server takes batches at its line door; then the integrator works through what waits, in a
process of its own, so that the CPU is its alone. Rounds alternate.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import door
from bench.paper import build_journals
from bench.serving import NAME, disk, serving
from protocol.merkle import leaf_hash
from protocol.tiles import WIDTH, Edge, pack_entries, unpack_entries

VOTES = 200_000
ROUNDS = 5
LOG = 10_000_000
PROOF_MS = 5.0
SHARE = 0.15


def run(args: argparse.Namespace) -> bool:
    """Print the tables; True if the shares are kept and 99 of 100 proofs are made in their time."""
    measure_work(VOTES // (10 if args.quick else 1))
    with tempfile.TemporaryDirectory(prefix="hailong-bench-", dir=disk()) as name:
        fine = measure_share(Path(name), 10 if args.quick else 1)
    with tempfile.TemporaryDirectory(prefix="hailong-bench-", dir=disk()) as name:
        return measure_proofs(Path(name), LOG // (10 if args.quick else 1)) and fine


def measure_share(folder: Path, less: int) -> bool:
    """The integrator's CPU as a share of the line door's and its own."""
    shares: dict[int, list[tuple[float, float]]] = {size: [] for size in door.BATCHES}
    with serving(folder) as server:
        for size in [size for size in door.BATCHES for _ in range(door.ROUNDS)]:
            requests = max(1, door.REQUESTS[size] // door.KIOSKS // less)
            journals = build_journals(kiosks=door.KIOSKS, requests=requests, size=size, server=NAME)
            door.enrol(server.database, journals)
            votes = door.KIOSKS * requests * size
            taken = door.our_round(server, journals, size).cpu_ms
            shares[size].append((taken, inside(folder, "integrate")["cpu_ms"] / votes))
    for size, rounds in shares.items():
        taken, log = (statistics.median(times) for times in zip(*rounds, strict=True))
        share = log / (taken + log)
        print(
            f"batch {size:>3}: the door {taken * 1000:7.1f} µs of CPU a vote, the log "
            f"{log * 1000:5.1f}: {share:5.1%} of both (at most {SHARE:.0%}) "
            f"{'' if share < SHARE else '  NOT MET'}",
            flush=True,
        )
    return all(
        statistics.median(log / (taken + log) for taken, log in rounds) < SHARE
        for rounds in shares.values()
    )


def measure_work(votes: int) -> None:
    """Each step of the tree over the same vote lines, in turn, the median of rounds."""
    (journal,) = build_journals(kiosks=1, requests=votes // 500, size=500, server=NAME)
    lines = [line for batch in journal.batches for line in batch.lines]
    leaves = [leaf_hash(line) for line in lines]
    bundles = [pack_entries(lines[at : at + WIDTH]) for at in range(0, votes, WIDTH)]
    steps: dict[str, Callable[[], object]] = {
        "one SHA-256 loop over the lines": lambda: [hashlib.sha256(x).digest() for x in lines],
        "leaf_hash": lambda: [leaf_hash(line) for line in lines],
        "Edge.append": lambda: Edge(0, []).append(leaves),
        "pack_entries": lambda: [
            pack_entries(lines[at : at + WIDTH]) for at in range(0, votes, WIDTH)
        ],
        "unpack_entries": lambda: [
            unpack_entries(bundle, min(WIDTH, votes - number * WIDTH))
            for number, bundle in enumerate(bundles)
        ],
    }
    took: dict[str, list[float]] = {step: [] for step in steps}
    for _ in range(ROUNDS):
        for step, work in steps.items():
            start = time.process_time()
            work()
            took[step].append((time.process_time() - start) * 1e6 / votes)
    bare = statistics.median(next(iter(took.values())))
    print(f"{votes:,} vote lines of {sum(map(len, lines)) / votes:.0f} bytes, CPU:")
    for step, times in took.items():
        own = statistics.median(times)
        print(f"  {step:<32} {own:6.2f} µs a vote, {own / bare:5.1f} times the loop", flush=True)


def measure_proofs(folder: Path, size: int) -> bool:
    """Proofs by the server's own code, from the tiles in its database."""
    with serving(folder):
        pass  # its tables are there now
    found = inside(folder, "proofs", size)
    print(f"A log of {size:,} entries, tiles in SQLite:")
    return report("inclusion", found["inclusion"]) & report("consistency", found["consistency"])


def inside(folder: Path, *what: object) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.ledger_inside", *map(str, what)],
        env={**os.environ, "HAILONG_DATA": str(folder / "data"), "HAILONG_DATABASE_URL": ""},
        check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def report(what: str, times_ms: list[float]) -> bool:
    cuts = statistics.quantiles(times_ms, n=100)
    fine = cuts[98] < PROOF_MS
    print(
        f"  {len(times_ms):,} proofs of {what}: p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms, "
        f"longest {max(times_ms):.2f} ms (p99 under {PROOF_MS:.0f}) {'' if fine else '  NOT MET'}",
        flush=True,
    )
    return fine
