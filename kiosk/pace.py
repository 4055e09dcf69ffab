"""How much is sent at once, and how long is waited after a failure; no clock, no network here."""

import random

FIRST_BACK_OFF_S, LONGEST_BACK_OFF_S = 1.0, 300.0
LONGEST_RETRY_AFTER_S = 3600.0
MAX_LINES, MAX_BYTES = 500, (1 << 20) - 1
FIRST_BYTES = 128 << 10
LEAST_BYTES = 1  # a batch holds at least one line, whatever it weighs
QUICK_S, SLOW_S = 5.0, 15.0


class BackOff:
    """Exponential with full jitter: ten thousand kiosks do not come back at one moment."""

    def __init__(self) -> None:
        self._failures = 0

    def succeed(self) -> None:
        """The next failure is the first again."""
        self._failures = 0

    def wait_s(self, told_s: float | None = None) -> float:
        """Seconds to wait after one more failure, at most LONGEST_BACK_OFF_S; never less than
        `told_s` (Retry-After, at most an hour), and then spread over half as much again: those who
        are told the same number do not return as one."""
        limit = min(LONGEST_BACK_OFF_S, FIRST_BACK_OFF_S * 2.0 ** min(self._failures, 16))
        self._failures += 1
        told = min(told_s or 0.0, LONGEST_RETRY_AFTER_S)
        return told + random.uniform(0, max(limit, told / 2))  # noqa: S311  (no secret)


def about(seconds: float) -> float:
    """Give or take a tenth: those who were refused together do not ask again together."""
    return seconds * random.uniform(0.9, 1.1)  # noqa: S311  (no secret)


class Batch:
    """How many lines and bytes go out at once: half as much after what the connection did not
    carry in time, or only just; twice as much after what it carried with ease."""

    def __init__(self, first_bytes: int = FIRST_BYTES) -> None:
        self.lines, self.bytes = MAX_LINES, first_bytes
        self._cut = False

    def carried(self, seconds: float, *, lines: int, size: int) -> None:
        """A batch was answered after so long. A small one proves nothing about larger ones."""
        self._cut = False
        if seconds > SLOW_S:
            self.halve(lines=lines, size=size)
        elif seconds < QUICK_S and (2 * lines >= self.lines or 2 * size >= self.bytes):
            self.lines = min(MAX_LINES, 2 * self.lines)
            self.bytes = min(MAX_BYTES, 2 * self.bytes)

    def broke(self, how: str, *, lines: int, size: int) -> None:
        """There was no answer: too "slow" for its time, or "cut", or ("") for no fault of the
        batch's. A single cut is bad luck; who repeats the same bytes may find them stored."""
        if how == "slow" or (how == "cut" and self._cut):
            self.halve(lines=lines, size=size)
        self._cut = how == "cut"

    def halve(self, *, lines: int, size: int) -> None:
        """What was sent was too much; `size` in bytes before compression."""
        self.lines = max(1, min(self.lines, lines // 2))
        self.bytes = max(LEAST_BYTES, min(self.bytes, size // 2))
