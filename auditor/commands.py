"""The commands of `hailong-audit`."""

import argparse
from collections.abc import Sequence

from auditor.log_commands import add_figures, add_prove, add_pull, add_verify
from auditor.note_commands import add_compare, add_cosign, add_journal


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments; `do` is what to do with them."""
    parser = argparse.ArgumentParser(
        prog="hailong-audit",
        description="Check what kiosks and servers claim, with no trust in either.",
        epilog="Exit status: 0 proved, 1 contradicted, 2 could not check.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (add_verify, add_pull, add_figures, add_compare, add_prove, add_cosign,
                add_journal):  # fmt: skip
        add(commands)
    return parser.parse_args(argv)
