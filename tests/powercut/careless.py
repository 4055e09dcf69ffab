"""A kiosk with one precaution left out: the control that the power-cut tests have to catch.

usage: python careless.py commits|files  COMMAND OF hailong-kiosk…
"""

import os
import sqlite3
import sys
from pathlib import Path

import kiosk.journal_file
import kiosk.journal_store
from kiosk.__main__ import main


def commit_without_waiting() -> None:
    """Thanks before the vote is durable: synchronous=NORMAL syncs only at checkpoints."""
    careful = kiosk.journal_file.connect

    def connect(path: Path) -> sqlite3.Connection:
        con = careful(path)
        con.execute("pragma synchronous = normal")
        return con

    kiosk.journal_file.connect = kiosk.journal_store.connect = connect


def replace_files_without_syncing() -> None:
    """A file gets its name before its content is durable."""
    os.fsync = lambda _fd: None


if __name__ == "__main__":
    {"commits": commit_without_waiting, "files": replace_files_without_syncing}[sys.argv[1]]()
    sys.exit(main(sys.argv[2:]))
