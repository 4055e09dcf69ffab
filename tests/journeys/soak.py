"""`make soak`: the chaos journey with 20 kiosks for an hour, or as ARGS say."""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from tests.journeys.chaos import Chaos, say


def main() -> int:
    """0: all is where it belongs; 1: not, and the folder is kept to look at."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kiosks", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, help="of an earlier run, to do the same again")
    parser.add_argument("--database", metavar="URL", default="", help="an empty PostgreSQL one")
    args = parser.parse_args()
    seed = secrets.randbelow(10**6) if args.seed is None else args.seed
    folder = Path(tempfile.mkdtemp(prefix="hailong-soak-"))
    say(f"seed {seed}: {args.kiosks} kiosks for {args.seconds:.0f} s in {folder}")
    chaos = Chaos(folder, {"HAILONG_DATABASE_URL": args.database}, seed=seed, kiosks=args.kiosks)
    try:
        chaos.live(args.seconds)
        chaos.settle()
        faults = chaos.faults()
    finally:
        chaos.end()
    say(chaos.report())
    for sentence in faults:
        say(sentence)
    say(f"seed {seed}: {len(faults)} faults; {folder} is yours to look at and to delete")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
