"""Import a file of one kind: all of it, or nothing and what is wrong with it."""

import argparse
import sys
from pathlib import Path

from server.folder import SetupError
from server.printable import printable

HELP = "import KIND (units, officials, dossiers …) from FILE (.csv or .xlsx), all of it or nothing"

# As in server.importing.kinds, which needs Django to be set up.
NAMES = (
    "units", "counters", "officials", "shifts", "procedures", "holidays",
    "dossiers", "transactions", "complaints",
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", help=", ".join(NAMES))
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--dry-run", action="store_true", help="only say what it would do")
    parser.add_argument("--sheet", metavar="NAME", help="of an Excel file; else its first")
    parser.add_argument("--language", choices=["vi", "en"], default="vi", help="of what is said")


def main(args: argparse.Namespace) -> int:
    """0 done; 1 rows are wrong and nothing was done, one line each on stdout; 2 no table."""
    from django.utils import translation

    from server.clock import now_ms
    from server.importing.errors import BadFile
    from server.importing.kinds import KINDS
    from server.importing.services import Source, import_file

    if args.kind not in KINDS:
        raise SetupError(f"There is no kind {args.kind}; there are {', '.join(KINDS)}.")
    with translation.override(args.language):
        try:
            outcome = import_file(
                kind=args.kind,
                source=Source(args.file, args.file.name, args.sheet),
                by="console",
                now_ms=now_ms(),
                dry_run=args.dry_run,
            )
        except BadFile as error:
            raise SetupError(f"{args.file}: {printable(str(error))}") from error
        except OSError as error:
            raise SetupError(f"{args.file} cannot be read: {error.strerror}.") from error
        for problem in outcome.problems:
            print(printable(str(problem)))
    for note in outcome.notes:
        print(printable(note), file=sys.stderr)
    print(_summary(outcome, args.dry_run), file=sys.stderr)
    return 1 if outcome.wrong else 0


def _summary(outcome, dry_run: bool) -> str:  # type: ignore[no-untyped-def]  # no models here
    if outcome.wrong:
        return f"Nothing was imported: {outcome.wrong} problems in {outcome.rows} rows."
    told = f"added {outcome.added}, changed {outcome.changed}, unchanged {outcome.unchanged}"
    if dry_run:
        return f"A dry run, nothing was imported; it would be: {told}."
    if outcome.number is None:
        return f"Nothing to do: {told}."
    return (
        f"Import {outcome.number}: {told}. `hailong-server import-undo {outcome.number}` undoes it."
    )
