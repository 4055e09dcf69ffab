"""`make bench`: every measurement, or those named (`make bench ARGS=door`)."""

import argparse
import importlib
import sys

from bench import fleet

BENCHES = (
    "door", "door_postgres", "ledger", "press", "screen", "start", "memory", "idle", "touch",
    "history", "fleet", "audit", "signals",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("bench", nargs="*", metavar="|".join(BENCHES), help="all if none is named")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--profile", action="store_true", help="where the line door's time goes")
    parser.add_argument("--votes", type=int, help="of history's longer past (5,000,000)")
    parser.add_argument("--by-tallies", action="store_true", help="history without votes")
    fleet.arguments(parser)
    args = parser.parse_args()
    failed = False
    for name in args.bench or BENCHES:
        if name not in BENCHES:
            parser.error(f"there is no bench {name}; there are {', '.join(BENCHES)}")
        print(f"== {name}", flush=True)
        failed |= not importlib.import_module(f"bench.{name}").run(args)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
