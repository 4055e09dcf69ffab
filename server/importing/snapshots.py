"""What stands in the organisation's small tables, before an import and after it."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Model

Columns = dict[str, Any]
Snapshot = dict[str, dict[Any, Columns]]


def table(label: str) -> type[Model]:
    """The model of a label such as organisation.unit."""
    return apps.get_model(label)


def take(labels: Sequence[str]) -> Snapshot:
    """Every row of these tables by its primary key, its columns as JSON can hold them."""
    found: Snapshot = {}
    for label in labels:
        rows = table(label)._default_manager.values("pk", *_of(label))
        found[label] = {row["pk"]: _plain(row) for row in rows}
    return found


def differences(
    before: Snapshot, after: Snapshot
) -> Iterator[tuple[str, Any, Columns | None, Columns]]:
    """Table, primary key, columns before (None: new) and after, of rows that are new or other."""
    for label, rows in after.items():
        for key, columns in rows.items():
            old = before[label].get(key)
            if old != columns:
                yield label, key, old, columns


def columns_now(label: str, keys: Sequence[Any]) -> dict[Any, Columns]:
    """The rows of these keys that there are."""
    rows = table(label)._default_manager.filter(pk__in=keys).values("pk", *_of(label))
    return {row["pk"]: _plain(row) for row in rows}


def write_back(label: str, key: Any, columns: Columns) -> None:
    """The row as it was; what a snapshot only compares (sealed secrets) stays as it is."""
    kept = {name: value for name, value in columns.items() if not _is_secret(label, name)}
    table(label)._default_manager.filter(pk=key).update(**kept)


def _of(label: str) -> list[str]:
    return [field.attname for field in table(label)._meta.concrete_fields]


def _is_secret(label: str, name: str) -> bool:
    fields = {field.attname: field for field in table(label)._meta.concrete_fields}
    return fields[name].get_internal_type() == "BinaryField"


def _plain(row: dict[str, Any]) -> Columns:
    return {name: _as_json(value) for name, value in row.items() if name != "pk"}


def _as_json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return hashlib.sha256(bytes(value)).hexdigest()
    return value
