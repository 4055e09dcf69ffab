"""The line door on PostgreSQL beside the idempotent limit: the same rows by `unnest … ON CONFLICT`
on eight connections, one durable transaction a batch, with no web server. Rounds alternate.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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
    "SELECT '99001', %s, seq, body FROM unnest(%s::bigint[], %s::bytea[]) AS w (seq, body) "
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
    """Votes a second of all connections together, each with its share of the journals."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bare_line")
        connection.execute(CREATE)
    connections = [psycopg.connect(url, autocommit=True) for _ in range(CONNECTIONS)]
    for each in connections:
        each.prepare_threshold = 0

    def insert(number: int) -> int:
        votes = 0
        for journal in journals[number::CONNECTIONS]:
            for batch in journal.batches:
                seqs = list(range(batch.first, batch.first + len(batch.lines)))
                connections[number].execute(INSERT, (journal.journal, seqs, batch.lines))
                votes += len(batch.lines)
        return votes

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        start = time.perf_counter()
        votes = sum(pool.map(insert, range(CONNECTIONS)))
        rate = votes / (time.perf_counter() - start)
    for each in connections:
        each.close()
    return rate
