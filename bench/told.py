"""What a measured process tells on standard output: an event and its CLOCK_MONOTONIC ms."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any


def tell(event: str, **more: object) -> None:
    """One whole line at once, from any thread."""
    sys.stdout.write(json.dumps({"event": event, "ms": now_ms(), **more}) + "\n")
    sys.stdout.flush()


def now_ms() -> float:
    """The same clock in every process of the machine."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) / 1e6


def tell_frames(window: Any, tell_one: Callable[[], None]) -> None:
    """Calls back after each frame has been handed to the display: its pixels have changed."""
    flip = window.flip

    def flip_and_tell() -> None:
        flip()
        tell_one()

    window.flip = flip_and_tell
