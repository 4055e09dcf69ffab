"""Take back an import."""

import argparse
import sys

from server.folder import SetupError

HELP = "take back import N (see `imports`), unless a row of it was changed since"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="N", type=int)
    parser.add_argument("--language", choices=["vi", "en"], default="vi", help="of what is said")


def main(args: argparse.Namespace) -> int:
    from django.utils import translation

    from server.clock import now_ms
    from server.importing.errors import UndoError
    from server.importing.undoing import undo_import

    with translation.override(args.language):
        try:
            notes = undo_import(number=args.number, by="console", now_ms=now_ms())
        except UndoError as error:
            raise SetupError(str(error)) from error
    for note in notes:
        print(note, file=sys.stderr)
    print(f"Import {args.number} is taken back.", file=sys.stderr)
    return 0
