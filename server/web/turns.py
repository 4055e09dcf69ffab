"""Taking turns at hashing: a password costs a quarter of a second of a processor.

Whoever signs in waits here at most a moment and at most one at a time, so that a flood of
sign-ins leaves threads for the kiosks and for the other pages.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2
WAITING = 1
WAIT_S = 2.0
RETRY_S = 5  # what those who found no turn are told to wait

_room = threading.BoundedSemaphore(AT_ONCE + WAITING)
_turn = threading.BoundedSemaphore(AT_ONCE)


class Busy(Exception):
    """No turn was free in time."""


@contextmanager
def turn() -> Iterator[None]:
    """One of this process's two turns at hashing a password; raises Busy."""
    if not _room.acquire(blocking=False):
        raise Busy
    try:
        if not _turn.acquire(timeout=WAIT_S):
            raise Busy
        try:
            yield
        finally:
            _turn.release()
    finally:
        _room.release()
