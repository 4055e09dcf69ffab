"""Raw SQL for the line door, the same text on SQLite and PostgreSQL. Knows no model.

SQLite has one writer: a thread that takes every request waiting and commits them together, so
that many kiosks share one flush of the disk. PostgreSQL commits side by side, one transaction a
request, and groups the flushes itself.
"""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Generic, TypeVar

from django.db import connection, connections

log = logging.getLogger(__name__)
T = TypeVar("T")
PREPARE_FROM = 2  # the few statements of the doors are planned once a connection
GROUP = 64  # requests that share one commit; more would only make the first of them wait


class Cursor:
    """One transaction's hands: SQL written with %s, rows as tuples."""

    def __init__(self, raw: Any, *, sqlite: bool) -> None:
        self._raw = raw
        self.sqlite = sqlite

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        self._raw.execute(_question_marks(sql) if self.sqlite else sql, parameters)

    def one(self, sql: str, parameters: Sequence[object]) -> tuple[Any, ...] | None:
        self.execute(sql, parameters)
        row: tuple[Any, ...] | None = self._raw.fetchone()
        return row

    def all(self, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        self.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = self._raw.fetchall()
        return rows

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        self._raw.executemany(_question_marks(sql) if self.sqlite else sql, rows)


def as_rows(rows: Sequence[tuple[object, ...]]) -> str:
    """Placeholders for `(VALUES …) AS w`: columns column1, column2 … on both databases."""
    return ", ".join(["(" + ", ".join(["%s"] * len(rows[0])) + ")"] * len(rows))


def as_day(value: date | str) -> date:
    """SQLite gives a date back as it is written."""
    return value if isinstance(value, date) else date.fromisoformat(value)


_marked: dict[str, str] = {}


def _question_marks(sql: str) -> str:
    marked = _marked.get(sql)
    if marked is None:
        marked = _marked[sql] = sql.replace(" FOR UPDATE", "").replace("%s", "?")
    return marked


@contextmanager
def one_moment() -> Iterator[None]:
    """What the block reads through Django's connection stands as it was at one moment, while
    others go on writing; the block itself writes nothing and opens no transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        else:
            cursor.execute("BEGIN")
        cursor.execute("SELECT count(*) FROM ledger_tree")  # the moment is this one
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


@contextmanager
def here() -> Iterator[Cursor]:
    """The hands of the Django transaction that the caller is in: what they write stands or falls
    with it."""
    with connection.cursor() as cursor:
        yield Cursor(cursor, sqlite=False)  # Django turns %s into what the database reads


def write(work: Callable[[Cursor], T]) -> T:
    """Run `work` in one durable transaction and return its result after the commit.

    Raises what `work` raises; then nothing of it is stored.
    """
    if connection.vendor == "sqlite":
        return _writer().submit(work)
    return _write_postgres(work)


def each_alone(work: Callable[[Cursor], T]) -> T:
    """Run `work`, whose statements need not stand together: on PostgreSQL each is durable alone,
    which saves the way to the database for BEGIN and COMMIT."""
    if connection.vendor == "sqlite":
        return _writer().submit(work)
    with _postgres() as raw:
        return work(raw)


def _write_postgres(work: Callable[[Cursor], T]) -> T:
    with _postgres() as raw, connection.connection.transaction():
        return work(raw)


@contextmanager
def _postgres() -> Iterator[Cursor]:
    import psycopg

    try:
        connection.ensure_connection()
        raw: Any = connection.connection
        raw.prepare_threshold = PREPARE_FROM
        with psycopg.Cursor(raw) as cursor:
            yield Cursor(cursor, sqlite=False)
    except psycopg.OperationalError:
        connection.close()  # the next request opens a new one
        raise


class _Item(Generic[T]):
    """A request waiting for the writer; `done` is held until its group's commit is durable."""

    __slots__ = ("done", "error", "result", "work")

    def __init__(self, work: Callable[[Cursor], T]) -> None:
        self.work = work
        self.result: T | None = None
        self.error: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()


class _GroupWriter:
    """The only thread that writes lines to this SQLite file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._queue: queue.SimpleQueue[_Item[Any]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="line-writer", daemon=True).start()

    def submit(self, work: Callable[[Cursor], T]) -> T:
        item = _Item(work)
        self._queue.put(item)
        item.done.acquire()
        if item.error is not None:
            raise item.error
        return item.result  # type: ignore[return-value]

    def _run(self) -> None:
        raw: sqlite3.Connection | None = None
        while True:
            group = self._next_group()
            try:
                raw = raw or _connect(self.path)
                self._commit_group(raw, group)
            except Exception as error:  # noqa: BLE001 - the waiting requests get it, the thread lives on
                _abandon(raw)
                raw = None
                if len(group) > 1:
                    raw = self._one_by_one(group)
                else:
                    group[0].error = error
            for item in group:
                item.done.release()

    def _next_group(self) -> list[_Item[Any]]:
        group = [self._queue.get()]
        while len(group) < GROUP:
            try:
                group.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return group

    def _commit_group(self, raw: sqlite3.Connection, group: list[_Item[Any]]) -> None:
        cursor = Cursor(raw.cursor(), sqlite=True)
        raw.execute("BEGIN IMMEDIATE")
        for item in group:
            item.result = item.work(cursor)
        # A crash before this COMMIT returns loses the whole group, and nobody was told otherwise.
        raw.execute("COMMIT")

    def _one_by_one(self, group: list[_Item[Any]]) -> sqlite3.Connection | None:
        """One request's fault must not fail its neighbors: give each a transaction of its own."""
        raw: sqlite3.Connection | None = None
        for item in group:
            try:
                raw = raw or _connect(self.path)
                self._commit_group(raw, [item])
            except Exception as error:  # noqa: BLE001
                item.error = error
                _abandon(raw)
                raw = None
        return raw


def _abandon(raw: sqlite3.Connection | None) -> None:
    """Close a connection whose state is in doubt; closing rolls back what was open."""
    if raw is not None:
        raw.close()


def _connect(path: str) -> sqlite3.Connection:
    raw = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=FULL")
    return raw


_the_writer: _GroupWriter | None = None
_start = threading.Lock()


def _writer() -> _GroupWriter:
    global _the_writer
    path = str(connections["default"].settings_dict["NAME"])
    with _start:
        if _the_writer is None or _the_writer.path != path:
            _the_writer = _GroupWriter(path)
        return _the_writer
