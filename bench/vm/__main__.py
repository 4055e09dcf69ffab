"""`python -m bench.vm gpio|kms|pi`: the product in virtual machines; exit 1 if anything differs."""

import argparse
import importlib
import sys

from bench.vm.errors import GuestError

PARTS = ("gpio", "kms", "pi")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.vm", description=__doc__)
    parser.add_argument("part", nargs="*", metavar="|".join(PARTS), help="all if none is named")
    failed = False
    for part in parser.parse_args().part or PARTS:
        if part not in PARTS:
            parser.error(f"there is no part {part}; there are {', '.join(PARTS)}")
        print(f"== {part}", flush=True)
        try:
            failed |= not importlib.import_module(f"bench.vm.{part}").run()
        except GuestError as error:
            print(error, file=sys.stderr)
            return 2
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
