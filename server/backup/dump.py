"""Reading all tables as they stood at one moment, while the server goes on writing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection

from protocol.keys import public_bytes
from protocol.note import vkey
from server.backup.archive import FORMAT, VERSION, Manifest, Writing
from server.backup.rows import writer
from server.backup.tables import Columns, migrations, tables
from server.folder import Folder

Read = Callable[[str, Columns], Iterator[bytes]]
ROWS = 1_000


def write_backup(file: IO[bytes], *, now_ms: int) -> Manifest:
    """The whole database into `file`; what it holds."""
    with Writing(file) as writing, _snapshot() as read:
        for table, columns in tables():
            writing.add(table, columns, read(table, columns))
        manifest = Manifest(
            format=FORMAT,
            v=VERSION,
            server=settings.DATA.server_name,
            log_key=log_key(settings.DATA),
            database=connection.vendor,
            made_ms=now_ms,
            migrations=migrations(),
            parts=tuple(writing.parts),
        )
        writing.finish(manifest)
    return manifest


def log_key(folder: Folder) -> str:
    """The public half of a folder's log key, by which a backup knows its server."""
    return vkey(f"{folder.server_name}/log", public_bytes(folder.signing_key("log")))


@contextmanager
def _snapshot() -> Iterator[Read]:
    """Reads rows, all of one moment, as server.backup.rows has them."""
    if connection.vendor == "sqlite":
        with closing(_open_sqlite(str(connection.settings_dict["NAME"]))) as raw:
            yield lambda table, columns: _read_sqlite(raw, table, columns)
        return
    connection.ensure_connection()
    postgres: Any = connection.connection
    with postgres.transaction():
        postgres.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        postgres.execute("SET LOCAL datestyle = 'ISO, YMD'")
        postgres.execute("SET LOCAL timezone = 'UTC'")
        postgres.execute("SET LOCAL bytea_output = 'hex'")
        yield lambda table, columns: _read_postgres(postgres, table, columns)


def _open_sqlite(path: str) -> sqlite3.Connection:
    """A connection that reads one moment of the file: in WAL mode nobody waits for it."""
    raw = sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True, isolation_level=None)
    raw.execute("BEGIN")
    raw.execute("SELECT 1 FROM sqlite_master").fetchone()  # the moment is this one
    return raw


def _read_sqlite(raw: sqlite3.Connection, table: str, columns: Columns) -> Iterator[bytes]:
    write = writer([kind for _, kind in columns])
    cursor = raw.execute(f"SELECT {_names(columns)} FROM {table}")  # noqa: S608 - our own tables
    while rows := cursor.fetchmany(ROWS):
        yield b"".join(map(write, rows))


def _read_postgres(raw: Any, table: str, columns: Columns) -> Iterator[bytes]:
    with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({_names(columns)}) TO STDOUT") as copy:
        for block in copy:
            yield bytes(block)


def _names(columns: Columns) -> str:
    return ", ".join(f'"{name}"' for name, _ in columns)
