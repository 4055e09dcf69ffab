"""Deeds that have no room of their own: a look at entries, and what went out of the house."""

from server.database import Cursor, write
from server.ledger.services import SELECT_NEWEST, record_deed

SERVER = "server"
LOOKS_LOCK = 0x68610003  # of our own choosing, as organisation's locks


def record_view(*, by: str, what: str, now_ms: int) -> None:
    """Before the entries are given: who read votes of named officials stands in the log itself."""
    _record("viewed", {"by": by, "what": what}, now_ms)


def record_published(*, sha256: str, size: int, by: str, now_ms: int) -> None:
    """A file went out that was made from the log's first `size` entries."""
    _record("published", {"sha256": sha256, "size": size, "by": by}, now_ms)


def _record(type: str, data: dict[str, object], now_ms: int) -> None:
    def record(cursor: Cursor) -> None:
        # Two people may look in one millisecond, and each look is a deed of its own.
        if not cursor.sqlite:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOOKS_LOCK])
        (newest,) = cursor.all(SELECT_NEWEST, ("", SERVER, type))[0]
        seq = max(now_ms, newest + 1)
        record_deed(cursor, unit="", journal=SERVER, type=type, seq=seq, at_ms=now_ms, data=data)

    write(record)
