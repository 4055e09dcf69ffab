"""A real database for every server test: SQLite on a disk, or a PostgreSQL that we start."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def server_folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """HAILONG_DATA of this test run, made by the code that `init` runs, tables migrated."""
    folder = tmp_path_factory.mktemp("server")
    patch = pytest.MonkeyPatch()
    patch.setenv("HAILONG_DATA", str(folder))
    patch.delenv("HAILONG_DATABASE_URL", raising=False)
    patch.setenv("DJANGO_SETTINGS_MODULE", "server.settings")
    if request.config.getoption("--database") == "postgres":
        patch.setenv("HAILONG_DATABASE_URL", request.getfixturevalue("postgres_url"))

    from server.folder import Folder

    Folder(folder).make(name="test.hailong.invalid", sample=True)
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment, teardown_test_environment

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    call_command("migrate", verbosity=0)
    setup_test_environment()
    yield folder
    teardown_test_environment()
    from django.db import connections

    connections.close_all()
    patch.undo()


@pytest.fixture(scope="session")
def postgres_url(postgres: str) -> Iterator[str]:
    """A database of our own in a real PostgreSQL, dropped afterwards."""
    from tests.server.postgres import made_database

    with made_database(postgres) as url:
        yield url


@pytest.fixture(autouse=True)
def empty_database(server_folder: Path) -> Iterator[None]:
    """Every test begins with empty tables; what it commits is really committed."""
    yield
    from django.apps import apps
    from django.db import connection

    from server.ingest import journals
    from server.ledger.guard import NAME
    from server.ledger.shown import forget_shown

    journals.forget_journals()
    forget_shown()
    (server_folder / NAME).unlink(missing_ok=True)
    tables = [f'"{model._meta.db_table}"' for model in apps.get_models()]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        else:
            cursor.execute("PRAGMA foreign_keys=OFF")
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - our own models
            cursor.execute("PRAGMA foreign_keys=ON")


os.environ.setdefault("HAILONG_DATA", "/nonexistent")
