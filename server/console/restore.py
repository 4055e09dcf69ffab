"""A server from its backup: all tables or none, then what must not be said twice."""

import argparse
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from server.clock import refuse_test_clock
from server.folder import Folder, SetupError

if TYPE_CHECKING:
    from server.backup.archive import Backup

HELP = "make the tables anew from FILE, a backup of this very server"
GOES_WITHIN_S = 3.0  # the connections of a server that was killed a moment ago
AFTER = """\
Now, by hand:
  1. hailong-server run             the kiosks send again what came after the backup, by themselves
  2. hailong-server check           once they have; it exits with 0 when all figures follow
  3. Kiosks that were enrolled after the backup show *needs enrolment*: give each a new code
     (hailong-server kiosk-code). What they had sent stays on their cards.
  4. Do again what people did here since the backup: settings, PINs, accounts, revocations.
     Enrolment codes that were not used have lapsed; everybody signs in anew.
  5. The log signs nothing that contradicts what was signed after the backup; `check` says so then,
     and docs/operating.md, The log, what to do.\
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="of `hailong-server backup`")
    parser.add_argument(
        "--keys", type=Path, metavar="FILE", help="of `backup --keys`, for an empty folder"
    )
    parser.add_argument("--force", action="store_true", help="replace the tables that are there")


def main(args: argparse.Namespace) -> int:
    from server.backup.archive import Backup
    from server.backup.keys import install_keys
    from server.settings import DATA

    with Backup(args.file) as backup:
        backup.verify()
        if args.keys is not None:
            install_keys(DATA, args.keys)
        _check_server(DATA, backup)
        kiosks = _restore(DATA, backup, force=args.force)
    rows = backup.manifest.rows
    _say(f"{rows} rows are back; {kiosks} kiosks get their configuration as a new version.")
    _say(AFTER)
    return 0


def _check_server(folder: Folder, backup: "Backup") -> None:
    """SetupError unless the folder's keys are those of the server that made the backup."""
    from server.backup.dump import log_key

    if not folder.made:
        raise SetupError(
            f"{folder.path} has no keys yet; put back server.toml and keys/, or say --keys FILE."
        )
    folder.verify()
    refuse_test_clock(folder)
    if backup.manifest.server != folder.server_name:
        raise SetupError(
            f"{backup.path} is of the server {backup.manifest.server}, "
            f"and {folder.path} of {folder.server_name}; choose the folder that it belongs to."
        )
    if backup.manifest.log_key != log_key(folder):
        raise SetupError(
            f"The keys in {folder.keys} are not those of the server that made {backup.path}; "
            "put back the right ones, for kiosks trust no other."
        )


def _check_database(backup: "Backup", *, force: bool) -> None:
    """SetupError if somebody works in the database, or there is something in it."""
    from django.db import DatabaseError, connection

    from server.backup.load import refuse_newer
    from server.backup.tables import is_empty

    if connection.vendor == "postgresql":
        _refuse_running()
    refuse_newer(backup)
    empty = False
    with suppress(DatabaseError):  # what cannot be read is not empty
        empty = is_empty()
    if not empty and not force:
        raise SetupError(
            "The database holds data already; say --force to replace it by the backup's."
        )


def _refuse_running() -> None:
    """PostgreSQL knows who is connected; SQLite's folder has a lock."""
    deadline = time.monotonic() + GOES_WITHIN_S
    while others := _other_connections():
        if time.monotonic() > deadline:
            raise SetupError(
                f"{others} connections use the database; stop the server and its workers first."
            )
        time.sleep(0.1)


def _other_connections() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        (others,) = cursor.fetchone()
    return int(others)


def _restore(folder: Folder, backup: "Backup", *, force: bool) -> int:
    """How many kiosks get a configuration of a new version."""
    import django

    django.setup()
    from django.db import DataError, IntegrityError

    from server.backup.after import begin_anew
    from server.backup.load import load_tables, new_database
    from server.clock import now_ms
    from server.process import lock_folder

    try:
        with lock_folder(folder.path, wait_s=1.0):
            _check_database(backup, force=force)
            with new_database():
                load_tables(backup)
                return begin_anew(made_ms=backup.manifest.made_ms, now_ms=now_ms())
    except (ValueError, LookupError, DataError, IntegrityError) as error:
        why = str(error).splitlines()[0]
        raise SetupError(f"{backup.path} cannot be loaded ({why}); take another one.") from error


def _say(text: str) -> None:
    print(text, file=sys.stderr)
