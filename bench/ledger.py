"""What the tree costs a vote, beside one SHA-256 loop; how long a proof takes in a large log.

The first two tables know the work of protocol/ alone: no database, no flush. The proofs are
made from tile files on the measured disk, each by a TiledTree of its own, as for one request.
"""

import argparse
import hashlib
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import door
from bench.paper import Journal, build_journals
from bench.serving import NAME, disk, serving
from protocol.merkle import leaf_hash, verify_inclusion
from protocol.tiles import WIDTH, Edge, Tile, TiledTree, pack_entries, tile_path, unpack_entries

VOTES = 200_000
ROUNDS = 5
LOG = 10_000_000
PROOFS = 1_000
PROOF_MS = 5.0
SHARE = 0.15
RECEIVED = b"{" + b" " * 500 + b"}"  # as long as the record that follows each request's lines
SAMPLE = 97  # of the leaves written at once, whose proofs are also verified
AT_ONCE = 64 * WIDTH


def run(args: argparse.Namespace) -> bool:
    """Print the tables; True if the share is kept and 99 of 100 proofs are made in their time."""
    measure_work(VOTES // (10 if args.quick else 1))
    with tempfile.TemporaryDirectory(prefix="hailong-bench-", dir=disk()) as name:
        fine = measure_share(Path(name), 10 if args.quick else 1)
        return measure_proofs(Path(name), LOG // (10 if args.quick else 1)) and fine


def measure_share(folder: Path, less: int) -> bool:
    """The tree's own work over the batches that a real line door takes, rounds in turn.

    A lower bound: what the ledger writes beside the lines, and reads again, is not in it.
    """
    shares: dict[int, list[float]] = {size: [] for size in door.BATCHES}
    with serving(folder) as server:
        for size in [size for size in door.BATCHES for _ in range(door.ROUNDS)]:
            requests = max(1, door.REQUESTS[size] // door.KIOSKS // less)
            journals = build_journals(kiosks=door.KIOSKS, requests=requests, size=size, server=NAME)
            door.enrol(server.database, journals)
            ours = door.our_round(server, journals, size).cpu_ms
            shares[size].append(tree_ms(journals, size) / ours)
    for size, found in shares.items():
        share = statistics.median(found)
        print(
            f"batch {size:>3}: hashes and tree are {share:5.1%} of the line door's CPU "
            f"(the whole ledger: at most {SHARE:.0%}) {'' if share < SHARE else '  NOT MET'}",
            flush=True,
        )
    return all(statistics.median(found) < SHARE for found in shares.values())


def tree_ms(journals: Sequence[Journal], size: int) -> float:
    """CPU in ms a vote to hash the lines and grow the tree, request by request."""
    edge, votes = Edge(0, []), 0
    start = time.process_time()
    for _, batch in door.in_turn(journals):
        edge.append([leaf_hash(line) for line in [*batch.lines, RECEIVED]])
        votes += size
    return (time.process_time() - start) * 1000 / votes


def measure_work(votes: int) -> None:
    """Each step over the same vote lines, in turn, the median of rounds."""
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
    """Write the tiles of `size` leaves of random bytes, then prove some of them."""
    start = time.perf_counter()
    known = write_tiles(folder, size)
    took = time.perf_counter() - start
    print(
        f"{size:,} leaves written as tile files in {took:.0f} s ({took / size * 1e6:.1f} µs each)"
    )

    def fetch(tile: Tile) -> bytes:
        return (folder / tile_path(tile)).read_bytes()

    root = TiledTree(size, fetch).root()
    for index, leaf in random.sample(sorted(known.items()), 20):
        proof = TiledTree(size, fetch).inclusion(index)
        verify_inclusion(index=index, size=size, leaf=leaf, proof=proof, root=root)
    inclusion = [
        timed(lambda index=index: TiledTree(size, fetch).inclusion(index))
        for index in random.choices(range(size), k=PROOFS)
    ]
    consistency = [
        timed(lambda old=old: TiledTree(size, fetch).consistency(old))
        for old in random.choices(range(1, size), k=PROOFS)
    ]
    return report("inclusion", inclusion) & report("consistency", consistency)


def write_tiles(folder: Path, size: int) -> dict[int, bytes]:
    """Some of the leaves, by index, that the tiles now hold."""
    edge, known = Edge(0, []), {}
    while edge.size < size:
        count = min(AT_ONCE, size - edge.size)
        raw = os.urandom(32 * count)
        known[edge.size + SAMPLE] = raw[32 * SAMPLE : 32 * SAMPLE + 32]
        for tile, hashes in edge.append([raw[at : at + 32] for at in range(0, len(raw), 32)]):
            _write(folder / tile_path(tile), hashes)
    for tile, hashes in edge.partial():
        _write(folder / tile_path(tile), hashes)
    return known


def _write(path: Path, hashes: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(hashes)


def timed(work: Callable[[], object]) -> float:
    """In ms."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def report(what: str, times_ms: list[float]) -> bool:
    cuts = statistics.quantiles(times_ms, n=100)
    fine = cuts[98] < PROOF_MS
    print(
        f"  {len(times_ms):,} proofs of {what}: p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms, "
        f"longest {max(times_ms):.2f} ms (p99 under {PROOF_MS:.0f}) {'' if fine else '  NOT MET'}",
        flush=True,
    )
    return fine
