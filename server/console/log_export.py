"""The log as static files."""

import argparse
import sys
from pathlib import Path

HELP = "write the log up to its newest checkpoint into DIR as static files (C2SP tlog-tiles)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dir", type=Path, metavar="DIR", help="empty, or of an export before")


def main(args: argparse.Namespace) -> int:
    from server.clock import now_ms
    from server.ledger.exporting import export_log, lacks_entries, newest_to_export
    from server.ledger.looks import record_view
    from server.ledger.signing import Refused

    try:
        newest = newest_to_export(args.dir, now_ms=now_ms())
    except Refused as refused:
        print(f"hailong-server: {refused} Nothing was written.", file=sys.stderr)
        return 1
    if lacks_entries(args.dir, newest.size):
        what = f"entries of the log up to {newest.size}, written by log-export"
        record_view(by="console", what=what, now_ms=now_ms())
    written = export_log(args.dir, newest)
    print(
        f"{args.dir} holds the log's first {newest.size:,} entries ({written:,} files written). "
        "Votes of named officials stand in tile/entries: keep them accordingly.",
        file=sys.stderr,
    )
    return 0
