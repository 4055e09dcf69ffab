"""The tables into one file, while the server runs; the keys into another."""

import argparse
import sys
from pathlib import Path

HELP = "write all tables to FILE, while the server runs; keys and name go to another file"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="such as 2026-11-23.hailong")
    parser.add_argument(
        "--keys", type=Path, metavar="FILE", help="write the server's name and keys here"
    )
    parser.add_argument("--force", action="store_true", help="replace files that exist")


def main(args: argparse.Namespace) -> int:
    from django.conf import settings

    from server.backup.dump import write_backup
    from server.backup.files import written_beside
    from server.backup.keys import write_keys
    from server.clock import now_ms

    if args.keys is not None:
        write_keys(settings.DATA, args.keys, force=args.force)
        _say(f"{args.keys} holds the server's keys: keep it elsewhere than {args.file}.")
    with written_beside(args.file, force=args.force) as file:
        manifest = write_backup(file, now_ms=now_ms())
    _say(f"{args.file} holds {manifest.rows} rows of {len(manifest.parts)} tables.")
    if args.keys is None:
        _say("Not in it: server.toml and keys/, without which no kiosk trusts a restored server.")
    return 0


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
