"""The line door on PostgreSQL beside the idempotent limit: the same rows by `unnest … ON CONFLICT`
on eight connections, one durable transaction a batch, with no web server. Rounds alternate.
"""

import argparse
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.door import BATCHES, KIOSKS, REQUESTS, ROUNDS, Round, our_round
from bench.paper import Journal, build_journals
from bench.serving import NAME, Serving, disk, serving

AIM = {1: 0.30, 50: 0.60, 500: 0.60}
CONNECTIONS = 8
CREATE = (
    "CREATE TABLE bare_line (unit varchar(32) NOT NULL, journal varchar(36) NOT NULL, "
    "seq bigint NOT NULL, body bytea NOT NULL, PRIMARY KEY (unit, journal, seq))"
)
INSERT = (
    "INSERT INTO bare_line (unit, journal, seq, body) "
    "SELECT '99001', %s, seq, body FROM unnest(%b::bigint[], %b::bytea[]) AS w (seq, body) "
    "ON CONFLICT DO NOTHING"
)
ENROL = (
    "INSERT INTO ingest_journal (unit, journal, kiosk, public_key, enrolled_ms, state, acked, "
    "head_hash, head_note, fork_seq, fork_note, revoked_seq, seen_ms, signed_ms, understood) "
    "VALUES ('99001', %s, %s, %s, 0, 'open', 0, %s, '', 0, '', 0, 0, 0, 0)"
)


def run(args: argparse.Namespace) -> bool:
    """Print a line for each batch size; True if every figure is met."""
    from tests.server.postgres import fresh_database

    with (
        tempfile.TemporaryDirectory(prefix="hailong-bench-", dir=disk()) as name,
        fresh_database(Path(name) / "postgres") as url,
        serving(Path(name), url=url) as server,
    ):
        fine = [measure(server, url, size, args) for size in BATCHES]
        return all(fine)


def measure(server: Serving, url: str, size: int, args: argparse.Namespace) -> bool:
    """One batch size: rounds of the limit and of ours in turn."""
    import psycopg

    requests = max(KIOSKS, REQUESTS[size] // (10 if args.quick else 1)) // KIOSKS
    bare: list[float] = []
    ours: list[Round] = []
    for _ in range(ROUNDS):
        journals = build_journals(kiosks=KIOSKS, requests=requests, size=size, server=NAME)
        with psycopg.connect(url) as connection:
            rows = [(j.journal, j.kiosk, j.public_key, j.genesis) for j in journals]
            connection.cursor().executemany(ENROL, rows)
        bare.append(bare_round(url, journals))
        ours.append(our_round(server, journals, size))
    ratio = statistics.median(o.rate / b for o, b in zip(ours, bare, strict=True))
    print(
        f"batch {size:>3}: {statistics.median(o.rate for o in ours):>9,.0f} votes/s, "
        f"unnest on {CONNECTIONS} connections {statistics.median(bare):>9,.0f}: {ratio:5.0%} "
        f"(aim {AIM[size]:.0%}); server CPU {statistics.median(o.cpu_ms for o in ours):.3f} ms "
        f"a vote {'' if ratio >= AIM[size] else '  NOT MET'}",
        flush=True,
    )
    return ratio >= AIM[size]


def bare_round(url: str, journals: Sequence[Journal]) -> float:
    """Votes a second of all connections together, each of a process of its own."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bare_line")
        connection.execute(CREATE)
    context = multiprocessing.get_context("fork")  # the batches are there already
    together, told = context.Barrier(CONNECTIONS), context.SimpleQueue()
    processes = [
        context.Process(target=_insert, args=(url, journals[n::CONNECTIONS], together, told))
        for n in range(CONNECTIONS)
    ]
    for process in processes:
        process.start()
    spans = [told.get() for _ in processes]
    for process in processes:
        process.join()
    votes = sum(len(batch.lines) for journal in journals for batch in journal.batches)
    return votes / (max(end for _, end in spans) - min(start for start, _ in spans))


def _insert(url: str, journals: Sequence[Journal], together: Any, told: Any) -> None:
    """One connection's share; tells when it began and ended."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.prepare_threshold = 0
        together.wait()
        start = time.perf_counter()
        for journal in journals:
            for batch in journal.batches:
                seqs = list(range(batch.first, batch.first + len(batch.lines)))
                connection.execute(INSERT, (journal.journal, seqs, batch.lines))
        told.put((start, time.perf_counter()))
