"""Who was on duty at a counter at an instant, from sign-ins on any of its kiosks. Pure.

The next sign-in at the counter, on whichever kiosk, ends the last. When the clocks leave it open
who it was, the answer is nobody, for that reason: an official is named only if every order that
the clocks allow names the same one.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

NOBODY = ""


class Stand(NamedTuple):
    """A duty at the counter: begun in [low_ms, high_ms], over in [until_low_ms, until_ms]."""

    high_ms: int
    low_ms: int
    journal: str
    seq: int
    official: str
    until_low_ms: int | None
    until_ms: int | None

    def holder_at(self, ms: int) -> str | None:
        """The official while it lasts, NOBODY after it, None if the clocks leave that open."""
        if self.until_ms is None or self.until_low_ms is None or ms < self.until_low_ms:
            return self.official
        return NOBODY if ms >= self.until_ms else None


class Watch:
    """The duties of one counter in a stretch of time."""

    def __init__(self, stands: Iterable[Stand]) -> None:
        self._stands = sorted(stands)
        self._highs = [stand.high_ms for stand in self._stands]
        # The earliest begin among this stand and all after it: where to stop looking.
        self._earliest: list[int] = []
        earliest: int | None = None
        for stand in reversed(self._stands):
            earliest = stand.low_ms if earliest is None else min(earliest, stand.low_ms)
            self._earliest.append(earliest)
        self._earliest.reverse()

    def holder_at(self, ms: int) -> str | None:
        """The official on duty at `ms`, NOBODY, or None: the clocks leave it open."""
        begun = bisect_right(self._highs, ms)
        holders = {stand.holder_at(ms) for stand in self._latest(begun, ms)}
        if begun == 0:
            holders.add(NOBODY)
        return holders.pop() if len(holders) == 1 else None

    def _latest(self, begun: int, ms: int) -> list[Stand]:
        """The stands that may be the latest to have begun; the first `begun` certainly have."""
        possible = []
        for i in range(begun, len(self._stands)):
            if self._earliest[i] > ms:
                break
            if self._stands[i].low_ms <= ms:
                possible.append(self._stands[i])
        if begun:
            latest = self._stands[begun - 1]
            after = bisect_right(self._highs, latest.low_ms, hi=begun - 1)
            possible += [latest, *self._stands[after : begun - 1]]
        if len(possible) == 1:
            return possible
        return [stand for stand in possible if not self._followed(stand, begun)]

    def _followed(self, stand: Stand, begun: int) -> bool:
        """Whether a later duty of the same journal has begun: there, order is seq, not time."""
        return any(
            other.journal == stand.journal and other.seq > stand.seq
            for other in self._stands[:begun]
        )
