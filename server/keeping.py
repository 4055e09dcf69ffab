"""Rows of a big table kept by their key, many at a time: what is new, what changed, what did not.

Raw SQL, the same text on SQLite and PostgreSQL: a file of a million rows must not pass through a
million model instances. Knows no app.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Model

# A row as a named tuple whose fields are the columns, those of the key first, of these the unit.
Row = TypeVar("Row", bound=tuple[Any, ...])
LOOKED_UP = 400  # keys in one query


class Change(NamedTuple):
    """A row that was kept: what stood there before (None: nothing), and what stands now."""

    before: Any
    after: Any


@dataclass(frozen=True)
class Keeper(Generic[Row]):
    """Keeps rows of type `make` in the table of `model`; the first `key` fields are the key."""

    model: type[Model]
    make: Any
    key: int

    def find(self, keys: Iterable[tuple[Any, ...]]) -> dict[tuple[Any, ...], Row]:
        """The rows of these keys that there are."""
        by_unit: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for key in keys:
            by_unit[key[0]].append(key)
        found: dict[tuple[Any, ...], Row] = {}
        for unit, wanted in by_unit.items():
            for start in range(0, len(wanted), LOOKED_UP):
                found |= self._look_up(unit, wanted[start : start + LOOKED_UP])
        return found

    def keep(self, rows: Sequence[Row]) -> list[Change]:
        """Write those rows that differ from what stands there; no key twice. What changed."""
        held = self.find([row[: self.key] for row in rows])
        changes = [
            Change(held.get(row[: self.key]), row)
            for row in rows
            if held.get(row[: self.key]) != row
        ]
        self._write(changes)
        return changes

    def put_back(self, changes: Sequence[Change]) -> list[tuple[Any, ...]]:
        """Undo changes: rows as they were before, or gone. Nothing is done, and the keys of those
        rows are returned, if any was changed again since."""
        held = self.find([change.after[: self.key] for change in changes])
        touched = [
            change.after[: self.key]
            for change in changes
            if held.get(change.after[: self.key]) != change.after
        ]
        if not touched:
            self._delete([change.after for change in changes if change.before is None])
            self._write([Change(c.after, c.before) for c in changes if c.before is not None])
        return touched

    @property
    def _fields(self) -> tuple[str, ...]:
        return tuple(self.make._fields)

    @property
    def _table(self) -> str:
        return f'"{self.model._meta.db_table}"'

    def _look_up(self, unit: str, keys: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], Row]:
        where = {f"{name}__in": {key[i] for key in keys} for i, name in self._rest_of_key()}
        rows = self.model._default_manager.filter(unit=unit, **where).values_list(*self._fields)
        wanted = set(keys)
        return {row[: self.key]: self.make(*row) for row in rows if row[: self.key] in wanted}

    def _rest_of_key(self) -> list[tuple[int, str]]:
        return list(enumerate(self._fields[: self.key]))[1:]

    def _write(self, changes: Sequence[Change]) -> None:
        names, key = self._fields, self._fields[: self.key]
        new = [change.after for change in changes if change.before is None]
        other = [change.after for change in changes if change.before is not None]
        marks = ", ".join(["%s"] * len(names))
        columns = ", ".join(f'"{name}"' for name in names)
        self._each(f"INSERT INTO {self._table} ({columns}) VALUES ({marks})", new)  # noqa: S608
        assigned = ", ".join(f'"{name}" = %s' for name in names[self.key :])
        where = " AND ".join(f'"{name}" = %s' for name in key)
        moved = [row[self.key :] + row[: self.key] for row in other]
        order = names[self.key :] + key
        self._each(f"UPDATE {self._table} SET {assigned} WHERE {where}", moved, order)  # noqa: S608

    def _delete(self, rows: Sequence[Row]) -> None:
        key = self._fields[: self.key]
        where = " AND ".join(f'"{name}" = %s' for name in key)
        sql = f"DELETE FROM {self._table} WHERE {where}"  # noqa: S608 - our own names
        self._each(sql, [row[: self.key] for row in rows], key)

    def _each(
        self, sql: str, rows: Sequence[tuple[Any, ...]], names: Sequence[str] | None = None
    ) -> None:
        if not rows:
            return
        adapted = _adapted(self.model, names or self._fields, rows)
        with connection.cursor() as cursor:
            cursor.executemany(sql, adapted)


def _adapted(
    model: type[Model], names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> Sequence[tuple[Any, ...]]:
    """Days as the database takes them; all else goes as it is."""
    days = {
        i
        for i, name in enumerate(names)
        if model._meta.get_field(name).get_internal_type() == "DateField"
    }
    if not days:
        return rows
    adapt = connection.ops.adapt_datefield_value
    return [
        tuple(adapt(value) if i in days else value for i, value in enumerate(row)) for row in rows
    ]
