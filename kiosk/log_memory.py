"""What this kiosk remembers of the server's log, in the journal's file: it has to survive a power
cut as a whole, and lines are pruned by it."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogRow:
    """checkpoint: the newest verified one, a note with the log's own signatures; None before the
    first. Lines up to `proved` are proved to be in the log. `contact_ms`: how long the server has
    answered, all in all; all `…contact_ms` and `…since_ms` are on this scale. `front`: the first
    line that could not be proved when that was tried, from `front_since_ms` on. A check is due
    from `next_ms` (server's time) or `next_contact_ms` on. `missing`: a line that needs attention.
    `contradicted_ms`: since when (unix ms) the log is known to contradict itself."""

    checkpoint: bytes | None
    proved: int
    contact_ms: int
    front: int
    front_since_ms: int
    next_ms: int
    next_contact_ms: int
    missing: int | None
    contradicted_ms: int | None

    def words(self) -> tuple[str, ...]:
        """What is the matter, as words under `attention` of a status."""
        found = {
            "contradiction": self.contradicted_ms is not None,
            "missing": self.missing is not None,
        }
        return tuple(word for word, is_so in found.items() if is_so)


_COLUMNS = ", ".join(LogRow.__slots__)


class LogMemory:
    """Reads and short transactions on the journal's connection, for its thread."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self._con = con

    def row(self) -> LogRow:
        """All of it, as it is now."""
        return LogRow(*self._con.execute(f"select {_COLUMNS} from log").fetchone())  # noqa: S608

    def mark(self, **values: int | None) -> None:
        """Sets columns; those that only ever move one way have their own methods."""
        wrong = values.keys() - set(LogRow.__slots__) | values.keys() & {"checkpoint", "proved"}
        if wrong:
            raise ValueError(f"not to be set so: {', '.join(sorted(wrong))}")
        columns = ", ".join(f"{name} = ?" for name in values)
        self._con.execute(f"update log set {columns}", (*values.values(),))  # noqa: S608

    def move_on(self, before: bytes | None, note: bytes) -> bool:
        """Keeps a checkpoint that was verified to extend `before`. False if another process (a
        `flush` beside `run`) has moved on meanwhile: nothing was verified against that."""
        done = self._con.execute(
            "update log set checkpoint = ? where checkpoint is ?", (note, before)
        )
        return done.rowcount == 1

    def prove(self, upto: int) -> None:
        """Lines up to here are proved; a line that was missing among them no longer is."""
        self._con.execute(
            "update log set proved = max(proved, ?), missing = iif(missing <= ?, null, missing)",
            (upto, upto),
        )

    def contradict(self, at_ms: int) -> None:
        """The log contradicted itself. The first time stands, for the life of this journal."""
        self._con.execute("update log set contradicted_ms = coalesce(contradicted_ms, ?)", (at_ms,))

    def handed_over(self) -> list[str]:
        """Verifier keys that rotation notes have handed over."""
        return [key for (key,) in self._con.execute("select vkey from log_key order by rowid")]

    def keep_key(self, vkey: str) -> None:
        """One more, durable before anything is believed for its sake."""
        self._con.execute("insert or ignore into log_key (vkey) values (?)", (vkey,))
