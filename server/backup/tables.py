"""Which tables a backup holds, and the kinds of their columns."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Field, ForeignKey

Columns = tuple[tuple[str, str], ...]

# A stolen backup must not sign anybody in; tries at passwords and codes are a matter of minutes.
LEFT_OUT = {"django_session", "ingest_wrongcode", "web_signintries"}
# What `migrate` itself writes into an empty database.
OF_DJANGO = {"django_migrations", "django_content_type", "auth_permission"}

KIND_OF = {
    "AutoField": "int",
    "BigAutoField": "int",
    "BigIntegerField": "int",
    "BinaryField": "bytes",
    "BooleanField": "bool",
    "CharField": "text",
    "DateField": "date",
    "DateTimeField": "instant",
    "IntegerField": "int",
    "JSONField": "json",
    "PositiveIntegerField": "int",
    "SmallIntegerField": "int",
    "TextField": "text",
}


def tables() -> Iterator[tuple[str, Columns]]:
    """Every table of this version that is backed up, with its columns and their kinds."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table not in LEFT_OUT:
            fields = model._meta.local_concrete_fields
            yield model._meta.db_table, tuple((str(f.column), _kind(f)) for f in fields)


def migrations() -> tuple[str, ...]:
    """`app.name` of every migration that the database has."""
    return tuple(
        sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
    )


def existing() -> set[str]:
    """The tables of ours, of whatever version, that the database has; also those left out."""
    with connection.cursor() as cursor:
        found = set(connection.introspection.table_names(cursor))
    prefixes = tuple(f"{config.label}_" for config in apps.get_app_configs())
    return {name for name in found if name.startswith(("django_", *prefixes))}


def is_empty() -> bool:
    """True if there is nothing in the database but what `migrate` writes."""
    with connection.cursor() as cursor:
        for table in sorted(existing() - OF_DJANGO):
            cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')  # noqa: S608 - our own tables
            if cursor.fetchone():
                return False
    return True


def _kind(field: "Field[Any, Any]") -> str:
    while isinstance(field, ForeignKey):
        field = field.target_field
    return KIND_OF[field.get_internal_type()]
