"""Times as an operator writes them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from server.folder import SetupError

AFTER_MS = 7_258_118_400_000  # the year 2200


def read_time(text: str, zone: ZoneInfo) -> int:
    """2025-11-22T09:00 on the clock of `zone`, or with an offset of its own, as unix ms."""
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=zone) if at.tzinfo is None else at
        found = int(at.timestamp() * 1000)
        if found >= AFTER_MS:  # later than any clock here can print, wherever it stands
            raise ValueError
        return found
    except (ValueError, OverflowError):
        raise SetupError(f"{text!r} is no time; write one such as 2025-11-22T09:00.") from None


def local_time(ms: int, zone: ZoneInfo) -> str:
    """Unix ms as 2025-11-22 09:00:05."""
    return f"{datetime.fromtimestamp(ms // 1000, zone):%Y-%m-%d %H:%M:%S}"
