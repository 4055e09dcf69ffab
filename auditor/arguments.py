"""What the commands of `hailong-audit` share: arguments, files, the report's way out."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from auditor.errors import CannotCheck
from auditor.pins import Pin, read_pins
from auditor.report import Report
from auditor.tell import as_json, tell
from auditor.words import Lang

EXIT = {"proved": 0, "contradicted": 1, "unchecked": 2}
TOKEN = "HAILONG_AUDIT_TOKEN"  # noqa: S105 - a variable's name


def language(args: argparse.Namespace) -> Lang:
    """--lang, else Vietnamese where the machine's language is."""
    asked = getattr(args, "lang", None)
    if asked is not None:
        return "vi" if asked == "vi" else "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "vi" if os.environ[name].startswith("vi") else "en"
    return "en"


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def new_command(commands: Commands, name: str, help: str) -> argparse.ArgumentParser:
    """A command with what all have."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
    parser.add_argument("--lang", choices=("vi", "en"), help="language, by default the machine's")
    return parser


def print_report(report: Report, args: argparse.Namespace) -> int:
    """The report to stdout; the exit status."""
    sys.stdout.write(
        as_json(report, language(args)) + "\n" if args.json else tell(report, language(args))
    )
    return EXIT[report.verdict]


def pins_of(files: Sequence[Path]) -> list[Pin]:
    """All checkpoints in these files."""
    return [Pin(signed, str(file)) for file in files for signed in read_pins(file)]


def read_file(path: Path) -> bytes:
    """A file that an inspector named; CannotCheck."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotCheck(f"{path} cannot be read: {error.strerror}; name another file.") from None


def add_token(parser: argparse.ArgumentParser) -> None:
    """--token, else the environment's."""
    parser.add_argument("--token", default=os.environ.get(TOKEN), help=f"auditor's; or {TOKEN}")


def add_key(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """--key."""
    parser.add_argument("--key", required=required, metavar="VKEY", help="the log's verifier key")
