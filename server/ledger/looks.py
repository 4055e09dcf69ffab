"""Deeds that have no room of their own: a look at entries, and what went out of the house."""

from server.database import write
from server.ledger.services import record_deed

SERVER = "server"


def record_view(*, by: str, what: str, now_ms: int) -> None:
    """Before the entries are given: who read votes of named officials stands in the log itself."""
    _record("viewed", {"by": by, "what": what}, now_ms)


def record_published(*, sha256: str, size: int, by: str, now_ms: int) -> None:
    """A file went out that was made from the log's first `size` entries."""
    _record("published", {"sha256": sha256, "size": size, "by": by}, now_ms)


def _record(type: str, data: dict[str, object], now_ms: int) -> None:
    write(
        lambda cursor: record_deed(
            cursor, unit="", journal=SERVER, type=type, seq=now_ms, at_ms=now_ms, data=data
        )
    )
