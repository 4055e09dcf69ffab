"""A whole fleet against one real server: what it costs, and whether anything is lost or doubled."""

import argparse

from bench.fleet.trial import Wishes, trial

KIOSKS = {"postgres": 2_000, "sqlite": 1_000}
SECONDS = 60
IDLE = 10_000


def arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("fleet")
    group.add_argument("--kiosks", type=int, help="how many (2,000 on PostgreSQL, 1,000 on SQLite)")
    group.add_argument("--seconds", type=int, default=SECONDS, help="of measuring (60)")
    group.add_argument("--database", choices=sorted(KIOSKS), help="one of them, not both")
    group.add_argument("--idle", type=int, default=IDLE, help="connections held open (10,000)")
    group.add_argument("--processes", type=int, default=1, help="of the load generator (1)")
    group.add_argument("--no-outage", dest="outage", action="store_false")


def run(args: argparse.Namespace) -> bool:
    """Print a table for each database; False only if what is stored differs from what was sent."""
    share = 10 if args.quick else 1
    fine = True
    for database in [args.database] if args.database else ("postgres", "sqlite"):
        wishes = Wishes(
            database=database,
            kiosks=(args.kiosks or KIOSKS[database]) // share,
            seconds=max(5, args.seconds // share),
            idle=args.idle // share,
            processes=args.processes,
            outage=args.outage,
        )
        fine &= trial(wishes)
    return fine
