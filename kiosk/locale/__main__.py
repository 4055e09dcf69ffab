"""`python -m kiosk.locale check FILE.po`: tells a translator what is missing, one line each."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk.locale import load_source
from kiosk.locale.catalogue import read_translation


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 the language can be offered, 1 it is not finished."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.locale")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="what is missing in a language file")
    check.add_argument("file", type=Path, metavar="FILE.po")
    file = parser.parse_args(argv).file
    translation = read_translation(file, load_source())
    for line in (*translation.faults, *translation.remarks):
        print(f"{file.name}: {line}")
    if translation.faults:
        return 1
    print(f"{file.name}: {translation.words['name']} is complete.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
