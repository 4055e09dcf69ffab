"""`hailong-audit`: the command of an inspector who trusts neither kiosk nor server."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from auditor.journal import CannotCheck, Key, audit_journal
from auditor.statement import write_statement
from protocol.keys import BadKey
from protocol.note import parse_vkey

EXIT = {"proved": 0, "contradicted": 1, "unchecked": 2}


def main(argv: Sequence[str] | None = None) -> int:
    """0 proved, 1 contradicted, 2 could not check (all of it)."""
    args = _parser().parse_args(argv)
    try:
        key = Key(*parse_vkey(args.key.strip())) if args.key else None
        report = audit_journal(_read(args.file), key)
    except (CannotCheck, BadKey) as error:
        print(f"hailong-audit: {error}", file=sys.stderr)
        return EXIT["unchecked"]
    if args.json:
        print(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
    else:
        print(write_statement(report), end="")
    return EXIT[report.verdict]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotCheck(f"{path} cannot be read: {error.strerror}; name another file.") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hailong-audit",
        description="Check what kiosks and servers claim, with no trust in either.",
        epilog="Exit status: 0 proved, 1 contradicted, 2 could not check.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    journal = commands.add_parser(
        "journal",
        help="check an export of one kiosk's journal",
        description="Check an export of one kiosk's journal (`hailong-kiosk export`): every line, "
        "the chain, its beginning and the signed head.",
    )
    journal.add_argument("file", type=Path, metavar="FILE", help="the export")
    journal.add_argument(
        "--key", metavar="VKEY", help="the kiosk's verifier key: <kiosk id>+<key id>+<base64>"
    )
    journal.add_argument("--json", action="store_true", help="the whole report as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
