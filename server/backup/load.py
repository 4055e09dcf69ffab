"""Filling a database from a backup: all of it or nothing, in either kind of database."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from server.backup.archive import Backup, Part
from server.backup.files import sync_folder
from server.backup.rows import reader
from server.backup.tables import existing
from server.folder import SetupError

ROWS = 1_000


def refuse_newer(backup: Backup) -> None:
    """SetupError if the backup has tables of a version that comes after this one."""
    # Without a connection: the database may be in pieces, which is why it is restored.
    known = {".".join(node) for node in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(backup.manifest.migrations) - known):
        raise SetupError(
            f"{backup.path} was made by a newer version ({newer[0]}); "
            "install that version, then restore."
        )


@contextmanager
def new_database() -> Iterator[None]:
    """An empty database takes the old one's place when the block has ended, not before."""
    if connection.vendor == "sqlite":
        with _new_file():
            yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            for table in sorted(existing()):
                cursor.execute(f'DROP TABLE IF EXISTS "{table}" CASCADE')
        yield
        # A crash before this commit leaves the old tables as they were.


@contextmanager
def _new_file() -> Iterator[None]:
    database = Path(connection.settings_dict["NAME"])
    part = database.with_name("restoring.sqlite3")
    connection.close()
    _unlink(part)
    connection.settings_dict["NAME"] = part
    try:
        yield
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        # The old file's log must not be taken for the new one's. Who says --force has given the
        # old file up: a crash between these lines leaves it without its newest lines.
        for beside in ("-wal", "-shm"):
            database.with_name(database.name + beside).unlink(missing_ok=True)
        os.replace(part, database)
        sync_folder(database.parent)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = database
        _unlink(part)


def _unlink(database: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def load_tables(backup: Backup) -> None:
    """Make the tables as the backup's version had them, fill them, bring them to this version."""
    executor = MigrationExecutor(connection)
    executor.migrate(_leaves(executor, set(backup.manifest.migrations)))
    with transaction.atomic():
        with connection.cursor() as cursor:
            for part in backup.manifest.parts:  # what a migration wrote is in the backup too
                cursor.execute(f'DELETE FROM "{part.table}"')  # noqa: S608 - named by our backup
        for part in backup.manifest.parts:
            _fill(backup, part)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else no later ALTER TABLE
    call_command("migrate", verbosity=0)
    _count_on()


def _leaves(executor: MigrationExecutor, wanted: set[str]) -> list[tuple[str, str]]:
    """The last migration of each app among those that the backup had."""
    graph = executor.loader.graph
    nodes = {node for node in graph.nodes if ".".join(node) in wanted}
    return sorted(
        node
        for node in nodes
        if not any(
            child.key in nodes and child.key[0] == node[0]
            for child in graph.node_map[node].children
        )
    )


def _fill(backup: Backup, part: Part) -> None:
    names = ", ".join(f'"{name}"' for name, _ in part.columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            raw: Any = cursor.cursor
            copying = raw.copy(f'COPY "{part.table}" ({names}) FROM STDIN')
            with connection.wrap_database_errors, copying as copy:
                for block in backup.blocks(part):
                    copy.write(block)
            return
        marks = ", ".join(["%s"] * len(part.columns))
        insert = f'INSERT INTO "{part.table}" ({names}) VALUES ({marks})'  # noqa: S608
        read = reader([kind for _, kind in part.columns])
        lines = backup.lines(part)
        while rows := [read(line) for line in itertools.islice(lines, ROWS)]:
            cursor.executemany(insert, rows)


def _count_on() -> None:
    """PostgreSQL's counters go on after the highest number that was loaded."""
    models = apps.get_models(include_auto_created=True)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
