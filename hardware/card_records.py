"""Numbered records on a card, written as the kiosk writes votes: each is durable or not there.

Every record is written twice, each time with a sync of its own: appended to a plain file, and
committed to a database as the kiosk's journal is kept (SQLite, WAL, synchronous=FULL).
"""

from __future__ import annotations

import hashlib
import os
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

from .panel import HardwareError

RECORD_BYTES = 64
CHUNK = 4096  # records
MOST_RECORDS = 450_000  # 64 MB on the card, file and database together
CHECKPOINT_PAGES = 100  # as the kiosk's journal, so that checkpoints are under way at some cuts


class Records:
    """Appends to the records of `path`, of which the first `whole` are kept. For one process."""

    def __init__(self, path: Path, whole: int) -> None:
        self._newest = whole
        self._path = path
        try:
            _refuse_foreign_file(path)
            self._con = _connect(path)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            self._begin(whole)
        except (OSError, sqlite3.Error) as error:
            raise HardwareError(
                f"{path} cannot be written ({error}); name another --file on the card."
            ) from None

    def append(self) -> int:
        """The number of a new record, once it is durable. HardwareError if it is not, or if the
        card carries enough of them."""
        number = self._newest + 1
        if number > MOST_RECORDS:
            raise HardwareError(
                f"{self._path} has {self._newest} records, which is enough; to begin again, end"
                f" the listener and run: {how_to_remove(self._path)}"
            )
        try:
            os.write(self._fd, record(number))
            os.fsync(self._fd)
            self._con.execute("insert into record values (?, ?)", (number, record(number)))
        except (OSError, sqlite3.Error) as error:
            raise HardwareError(f"Record {number} cannot be written: {error}.") from None
        self._newest = number
        return number

    def _begin(self, whole: int) -> None:
        """What came after the last whole record goes, as nobody was told of it."""
        os.ftruncate(self._fd, whole * RECORD_BYTES)
        os.lseek(self._fd, 0, os.SEEK_END)
        os.fsync(self._fd)
        self._con.execute("delete from record where number > ?", (whole,))
        folder = os.open(self._path.parent, os.O_RDONLY)
        os.fsync(folder)  # the names, too, are there before the first number is told
        os.close(folder)


def find_whole(path: Path) -> int:
    """How many records, from the first one on, are there whole and in both places; 0 if none.
    HardwareError if that cannot be looked at: who may not look must not say that they are lost."""
    for part in (path, database(path)):
        if os.path.lexists(part) and not os.access(part, os.R_OK | os.W_OK):
            raise HardwareError(
                f"{part} cannot be opened for reading and writing; run this with sudo, and see that"
                " the card is not mounted read-only."
            )
    return min(_whole_in_file(path), _whole_in_database(path))


def record(number: int) -> bytes:
    """The bytes of a record: number and checksum, 64 bytes with the newline."""
    text = b"%020d" % number
    return b"%b %b\n" % (text, hashlib.sha256(text).hexdigest()[:42].encode())


def _whole_in_file(path: Path) -> int:
    whole = 0
    try:
        with path.open("rb") as file:
            while block := file.read(RECORD_BYTES * CHUNK):
                for start in range(0, len(block), RECORD_BYTES):
                    if block[start : start + RECORD_BYTES] != record(whole + 1):
                        return whole
                    whole += 1
    except OSError:
        pass  # gone, or cannot be read: so are its other records
    return whole


def _whole_in_database(path: Path) -> int:
    whole = 0
    try:
        if not database(path).exists():
            return 0
        with closing(_connect(path)) as con:
            for number, content in con.execute("select * from record order by number"):
                if number != whole + 1 or content != record(number):
                    break
                whole = number
    except sqlite3.Error:
        pass  # a damaged page: what stands before it was counted
    return whole


def how_to_remove(path: Path) -> str:
    """A command that removes what the test has written; without a pattern, so that it works
    behind sudo in a folder that the shell itself may not read."""
    beside = str(database(path))
    return shlex.join(["rm", "-f", str(path), beside, beside + "-wal", beside + "-shm"])


def _refuse_foreign_file(path: Path) -> None:
    """Only what begins as we begin, whole or cut short, is ours to be cut and appended to. No
    command that removes it is offered: it may be the kiosk's journal."""
    try:
        with path.open("rb") as file:
            start = file.read(RECORD_BYTES)
    except FileNotFoundError:
        return
    if not record(1).startswith(start):
        raise HardwareError(
            f"{path} does not begin with a record of this test and is left as it is; name another"
            " --file."
        )


def database(path: Path) -> Path:
    """The database beside the plain file."""
    return path.with_name(path.name + ".sqlite3")


def _connect(path: Path) -> sqlite3.Connection:
    con = sqlite3.connect(database(path), isolation_level=None)
    if con.execute("select 1 from sqlite_schema where name <> 'record'").fetchone():
        con.close()
        raise HardwareError(
            f"{database(path)} is somebody else's database and is left as it is; name another"
            " --file."
        )
    con.execute("pragma journal_mode = wal")
    con.execute("pragma synchronous = full")
    con.execute(f"pragma wal_autocheckpoint = {CHECKPOINT_PAGES}")
    con.execute(
        "create table if not exists record (number integer primary key, content blob not null)"
    )
    return con
