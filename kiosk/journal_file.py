"""The journal's file: its tables, how it is opened and checked, what is read from it."""

import hashlib
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.log_memory import LogMemory
from protocol.errors import ProtocolError
from protocol.journal import Envelope, Head, check_lines, genesis_hash
from protocol.journal import read_line as read_envelope

FILE = "journal.sqlite3"
TAIL_LINES = 200  # checked at every opening; a full check is the auditor's
BUSY_S = 5.0
_log = logging.getLogger(__name__)
SUSPECT_FILE = "journal.suspect"  # SQLite has called the journal malformed: look at all of it
TABLES = 3  # the newest step of kiosk.journal_tables, as user_version in the file


class DamagedJournal(KioskError):
    """The journal holds something else than what was written."""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """What is known about the journal itself; None where enrolment is not finished."""

    uuid: str
    kiosk: str | None
    name: str | None
    server: str | None
    public_key: bytes
    log_key: str | None
    config_key: str | None
    enrolled_ms: int | None
    code_hash: str | None
    acked: int
    state: str
    clean: int
    pruned: int
    pruned_hash: bytes | None
    ordered: int
    days_seq: int


_RARE = "'duty.started', 'duty.ended', 'clock'"  # as the index says it, or it is not used
_DAILY = "'day', 'order'"
_LOGGED = "'checkpoint', 'contradiction'"
_INDEXED = {"day": _DAILY, "order": _DAILY, "checkpoint": _LOGGED, "contradiction": _LOGGED}
_COLUMNS = ", ".join(JournalRow.__slots__)


def fingerprint(row: JournalRow) -> str:
    """8 hex digits of the journal's key, to compare with the administrator's page."""
    return hashlib.sha256(row.public_key).hexdigest()[:8]


class Journal:
    """One connection to the journal of `folder`, for one thread: reads, and the small marks."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        if not path.exists():
            raise KioskError(
                f"There is no journal in {folder}: enrol first with"
                " hailong-kiosk enrol --server URL --code CODE."
            )
        self.path = path
        with as_sentence(path):
            self._con = connect(path)
        self.log = LogMemory(self._con)

    def close(self) -> None:
        """Frees the connection."""
        self._con.close()

    def check(self, *, thorough: bool) -> None:
        """KioskError for newest lines that are not what was written; `thorough`: for any page."""
        if thorough:
            (verdict,) = self._con.execute("pragma integrity_check(1)").fetchone()
            if verdict != "ok":
                raise _damaged(f"SQLite says: {verdict}.")
        check_tail(self._con)

    def row(self) -> JournalRow:
        """The journal's own row, as it is now."""
        row = self._con.execute(f"select {_COLUMNS} from journal").fetchone()  # noqa: S608
        return JournalRow(*row)

    def head(self) -> Head:
        """The newest line's seq and hash; seq 0 with the genesis hash before the first."""
        return read_head(self._con)

    def hash_at(self, seq: int) -> bytes | None:
        """The hash of line `seq`, of seq 0 the genesis hash, of the last pruned line the one kept;
        None if there is no such line here."""
        row = self.row()
        if seq == 0:
            return genesis_hash(row.uuid, row.public_key)
        if seq == row.pruned:
            return row.pruned_hash
        found = self._con.execute("select hash from line where seq = ?", (seq,)).fetchone()
        return bytes(found[0]) if found else None

    def lines_after(self, seq: int, *, max_lines: int, max_bytes: int) -> list[bytes]:
        """Lines seq+1 … in order, at most so many and at most so many bytes with newlines; at
        least one if there is any."""
        lines: list[bytes] = []
        size = 0
        for (body,) in self._con.execute(
            "select body from line where seq > ? order by seq limit ?", (seq, max_lines)
        ):
            size += len(body) + 1
            if lines and size > max_bytes:
                break
            lines.append(body)
        return lines

    def all_lines(self) -> Iterator[bytes]:
        """Every line that is still here, in order."""
        for (body,) in self._con.execute("select body from line order by seq"):
            yield body

    def whole_lines(self) -> Iterator[bytes]:
        """The lines from the first one kept, as long as they are readable and what was written."""
        row = self.row()
        before = self.hash_at(row.pruned)
        try:
            for seq, line in enumerate(self.all_lines(), row.pruned + 1):
                checked = check_lines(line, journal=row.uuid)[0]
                if (checked.seq, checked.prev) != (seq, before):
                    return
                before = checked.hash
                yield line
        except (sqlite3.Error, ProtocolError):
            return

    def envelopes_after(self, seq: int) -> Iterator[Envelope]:
        """Lines seq+1 … read one by one, with no transaction open meanwhile."""
        while lines := self.lines_after(seq, max_lines=500, max_bytes=1 << 20):
            for line in lines:
                envelope = read_envelope(line)
                yield envelope
            seq = envelope.seq

    def rare(self, type: str) -> list[Envelope]:
        """All lines of one of the rare types, as `newest`; a few hundred after a year."""
        kinds = _INDEXED.get(type, _RARE)
        found = self._con.execute(
            f"select body from line where type = ? and type in ({kinds}) order by seq",  # noqa: S608
            (type,),
        )
        return [read_envelope(body) for (body,) in found]

    def newest(self, type: str) -> Envelope | None:
        """The newest line of a rare type: duty.started, duty.ended, clock, day, order, checkpoint,
        contradiction."""
        kinds = _INDEXED.get(type, _RARE)
        found = self._con.execute(
            f"select body from line where type = ? and type in ({kinds})"  # noqa: S608
            " order by seq desc limit 1",
            (type,),
        ).fetchone()
        return read_envelope(found[0]) if found else None

    def last_boot(self) -> str | None:
        """The boot of the newest line; None before the first."""
        found = self._con.execute("select body from line order by seq desc limit 1").fetchone()
        return read_envelope(found[0]).boot if found else None

    def newest_place(self) -> Envelope | None:
        """The newest `place` of a mobile kiosk; looks through all lines if there is none."""
        found = self._con.execute(
            "select body from line where type = 'place' order by seq desc limit 1"
        ).fetchone()
        return read_envelope(found[0]) if found else None

    def count(self, type: str) -> int:
        """How many lines of a type there are."""
        found = self._con.execute("select count(*) from line where type = ?", (type,)).fetchone()
        return int(found[0])

    def mark(self, **values: object) -> None:
        """Sets columns of the journal's row in a short transaction of its own.

        A crash before it costs a repeat: what the server has is sent again and changes nothing.
        """
        wrong = values.keys() - set(JournalRow.__slots__)
        if wrong:
            raise ValueError(f"no such column: {', '.join(sorted(wrong))}")
        columns = ", ".join(f"{name} = ?" for name in values)
        self._con.execute(f"update journal set {columns}", (*values.values(),))  # noqa: S608

    def mark_acked(self, acked: int) -> None:
        """The server has everything up to `acked`. Only a gap moves it back, by `mark`."""
        self._con.execute("update journal set acked = max(acked, ?)", (acked,))

    def marked_before(self, ms: int) -> int:
        """The newest line that was acknowledged at `ms` or earlier, by the marks; 0 if none."""
        (seq,) = self._con.execute(
            "select max(seq) from acked_mark where at_ms <= ?", (ms,)
        ).fetchone()
        return seq or 0

    def notes(self) -> list[tuple[int, bytes]]:
        """(version, note) of the configurations taken, newest first."""
        return self._con.execute(
            "select version, note from config_note order by version desc"
        ).fetchall()

    def keep_note(self, version: int, note: bytes) -> None:
        """Keeps a configuration's note beside the older ones."""
        self._con.execute(
            "insert into config_note (version, note) values (?, ?)"
            " on conflict (version) do update set note = excluded.note",
            (version, note),
        )

    def drop_notes(self) -> None:
        """Forgets all notes: they were another kiosk's, or of another server."""
        self._con.execute("delete from config_note")

    def drop_notes_before(self, version: int) -> None:
        """Forgets the notes of configurations that no file can hold any more."""
        self._con.execute("delete from config_note where version < ?", (version,))


def create_store(folder: Path, *, uuid: str, public_key: bytes, code_hash: str) -> None:
    """A new journal without a line, durable in its folder when this returns: whole or not there."""
    path, beside = folder / FILE, folder / f".{FILE}.new"
    for left in folder.glob(f"{beside.name}*"):
        left.unlink()  # a power cut came while it was made
    with as_sentence(path):
        con = sqlite3.connect(beside, isolation_level=None, timeout=BUSY_S)
        try:
            # No WAL while it is made: what is in a WAL may stay there without a word when the card
            # is full, and would be parted from the file. A failure spoils a file without a name.
            con.execute("pragma journal_mode = memory")
            con.execute("pragma synchronous = full")
            _bring_up_to_date(con)
            con.execute(
                "insert into journal (only, uuid, public_key, code_hash) values (1, ?, ?, ?)",
                (uuid, public_key, code_hash),
            )
            (mode,) = con.execute("pragma journal_mode = wal").fetchone()  # from now on
        finally:
            con.close()
    if mode != "wal" or beside.with_name(f"{beside.name}-wal").exists():
        raise KioskError(f"The new journal {path} could not be finished; check the card's room.")
    beside.replace(path)
    fsync_folder(folder)


_PASSING = (
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM,
)  # fmt: skip


def is_damage(error: BaseException | None) -> bool:
    """Whether SQLite finds the file itself broken, and not only out of reach just now."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the extended part
    broken = isinstance(error, sqlite3.DatabaseError) and code not in _PASSING
    return broken or isinstance(error, DamagedJournal)


def suspect(folder: Path) -> None:
    """The next start looks at the whole journal before it trusts it."""
    try:
        (folder / SUSPECT_FILE).touch()
    except OSError as error:  # mounted read-only meanwhile: the next start will see for itself
        _log.error("%s cannot be written: %s", SUSPECT_FILE, error)


def fsync_folder(folder: Path) -> None:
    """Makes the names in a folder durable; a file fsynced without this may be gone after a cut."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read_head(con: sqlite3.Connection) -> Head:
    """The head as the disk has it."""
    found = con.execute("select seq, hash from line order by seq desc limit 1").fetchone()
    if found:
        return Head(seq=found[0], hash=bytes(found[1]))
    return _head_before(con)


def _head_before(con: sqlite3.Connection) -> Head:
    """What the first line that is here grows from."""
    uuid, public_key, pruned, kept = con.execute(
        "select uuid, public_key, pruned, pruned_hash from journal"
    ).fetchone()
    return Head(seq=pruned, hash=kept if pruned else genesis_hash(uuid, public_key))


def check_tail(con: sqlite3.Connection) -> None:
    """The newest lines are well-formed, hashed and chained; KioskError names the first that is
    not."""
    (uuid,) = con.execute("select uuid from journal").fetchone()
    rows = con.execute(
        "select seq, body, hash from line order by seq desc limit ?", (TAIL_LINES + 1,)
    ).fetchall()[::-1]
    first = _head_before(con)
    if len(rows) > TAIL_LINES:
        first = Head(seq=rows[0][0], hash=rows.pop(0)[2])
    if rows and rows[0][0] != first.seq + 1:
        raise _damaged(f"Line {first.seq + 1} is missing.")
    before = first.hash
    try:
        checked = check_lines(b"\n".join(row[1] for row in rows), journal=uuid)
    except ProtocolError as error:
        raise _damaged(str(error)) from None
    for line, (seq, _, stored) in zip(checked, rows, strict=True):
        if line.seq != seq or line.hash != stored or line.prev != before:
            raise _damaged(f"Line {seq} is not the one that was written.")
        before = line.hash


def _damaged(why: str) -> DamagedJournal:
    return DamagedJournal(
        f"The journal is damaged. {why} Keep this folder as evidence and enrol a new one."
    )


def connect(path: Path) -> sqlite3.Connection:
    """A connection with the durability that the promise rests on, asserted."""
    con = sqlite3.connect(path, isolation_level=None, timeout=BUSY_S, check_same_thread=False)
    con.execute("pragma synchronous = full")
    # A short WAL is written over again and again: a commit into blocks that the file has already
    # is a third faster than one that makes the file grow.
    con.execute("pragma wal_autocheckpoint = 100")
    (mode,) = con.execute("pragma journal_mode").fetchone()
    (level,) = con.execute("pragma synchronous").fetchone()
    if (mode, level) != ("wal", 2):
        con.close()
        raise KioskError(f"{path} is in mode {mode}/{level}, not WAL with synchronous=FULL.")
    _bring_up_to_date(con)
    if con.execute("select count(*) from journal").fetchone()[0] != 1:
        con.close()
        raise KioskError(f"{path} holds no journal; remove it and enrol again.")
    return con


def _bring_up_to_date(con: sqlite3.Connection) -> None:
    """Makes the tables that are missing. sqlite-utils is imported only for that: the first face of
    the day must not wait for it."""
    if con.execute("pragma user_version").fetchone()[0] < TABLES:
        from kiosk.journal_tables import apply

        # One at a time: `status` may look in at the very start of a new version.
        con.execute("begin immediate")
        apply(con)
        con.execute(f"pragma user_version = {TABLES}")
        con.execute("commit")


@contextmanager
def as_sentence(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise KioskError(
            f"The journal {path} cannot be opened or written ({error}); check that the folder"
            " is writable and the card sound."
        ) from error
