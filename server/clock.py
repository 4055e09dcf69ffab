"""What time it is, and when a local day begins.

Tests may let days pass: HAILONG_TEST_CLOCK, for a sample folder only.
"""

import json
import os
import time
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from server.folder import Folder, SetupError

FOREVER_MS: Final = 2**62  # later than any instant
TEST_CLOCK = os.environ.get("HAILONG_TEST_CLOCK", "")


def now_ms() -> int:
    """Milliseconds since 1970 UTC."""
    now = time.time_ns() // 1_000_000
    return now + _ahead_ms() if TEST_CLOCK else now


def midnight_ms(day: date, zone: ZoneInfo) -> int:
    """When a local day begins, unix ms."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000


def refuse_test_clock(folder: Folder) -> None:
    """SetupError if a real server's time were not the machine's."""
    if not TEST_CLOCK:
        return
    if not folder.sample:
        raise SetupError(
            f"HAILONG_TEST_CLOCK is for a sample folder and {folder.path} holds real data; "
            "unset it."
        )
    try:
        _ahead_ms()
    except (OSError, ValueError, KeyError, TypeError):
        raise SetupError(
            f'HAILONG_TEST_CLOCK: {TEST_CLOCK} does not hold {{"ahead_ms": N}}; correct it.'
        ) from None


def _ahead_ms() -> int:
    """How far the test is ahead; its file is replaced as a whole, so it is never half written."""
    return int(json.loads(Path(TEST_CLOCK).read_bytes())["ahead_ms"])
