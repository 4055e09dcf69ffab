"""List what was imported."""

import argparse

from server.console.table import format_argument, iso, write_csv

HELP = "print what was imported, the newest first"
COLUMNS = ("number", "kind", "at", "by", "file", "rows", "added", "changed", "undone", "undone_by")


def arguments(parser: argparse.ArgumentParser) -> None:
    format_argument(parser)


def main(args: argparse.Namespace) -> int:
    from server.importing.selectors import last_imports

    write_csv(
        COLUMNS,
        (
            (
                row.pk,
                row.kind,
                iso(row.at_ms),
                row.by,
                row.file,
                row.rows,
                row.added,
                row.changed,
                "" if row.undone_ms is None else iso(row.undone_ms),
                row.undone_by,
            )
            for row in last_imports()
        ),
    )
    return 0
