"""Who was on duty at a counter at an instant, from sign-ins on its kiosks, at work PCs and on the
board. Pure.

The next sign-in at the counter, wherever it was made, ends the last. When the clocks leave it open
who it was, the answer is nobody, for that reason: an official is named only if every order that
the clocks allow names the same one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Final, NamedTuple

NOBODY: Final = ""
EARLIEST: Final = 0
STRENGTH: Final = ("duty", "desk", "board", "")  # of the bases: what a kiosk signed comes first


class Hold(NamedTuple):
    """Who holds a counter, and by what evidence; NOBODY by none."""

    official: str
    basis: str


FREE: Final = Hold(NOBODY, "")


class Stand(NamedTuple):
    """A duty at the counter: begun in [low_ms, high_ms], over in [until_low_ms, until_ms].

    journal, seq: of its line; "" and its number for one that no kiosk saw.
    """

    high_ms: int
    low_ms: int
    journal: str
    seq: int
    official: str
    until_low_ms: int | None
    until_ms: int | None
    basis: str = "duty"

    def hold_at(self, ms: int) -> Hold | None:
        """The official while it lasts, FREE after it, None if the clocks leave that open."""
        if self.until_ms is None or self.until_low_ms is None or ms < self.until_low_ms:
            return Hold(self.official, self.basis)
        return FREE if ms >= self.until_ms else None


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

    def hold_at(self, ms: int, *, since: int = EARLIEST) -> Hold | None:
        """Who is on duty at `ms`, FREE, or None: the clocks leave it open.

        since: what had certainly begun before it is not looked at (the day before ended it).
        """
        first = bisect_left(self._highs, since)
        begun = max(first, bisect_right(self._highs, ms))
        holds = {stand.hold_at(ms) for stand in self._latest(first, begun, ms)}
        if begun == first:
            holds.add(FREE)
        found = [hold for hold in holds if hold is not None]
        if len(found) < len(holds) or len({hold.official for hold in found}) != 1:
            return None
        return min(found, key=lambda hold: STRENGTH.index(hold.basis))

    def latest_at(self, ms: int, *, since: int = EARLIEST) -> list[Stand]:
        """The stands that may be the latest to have begun by `ms`, one of them the one that was."""
        first = bisect_left(self._highs, since)
        return self._latest(first, max(first, bisect_right(self._highs, ms)), ms)

    def _latest(self, first: int, begun: int, ms: int) -> list[Stand]:
        """The stands that may be the latest to have begun; first … begun certainly have."""
        possible = []
        for i in range(begun, len(self._stands)):
            if self._earliest[i] > ms:
                break
            if self._stands[i].low_ms <= ms:
                possible.append(self._stands[i])
        certain = self._stands[first:begun]
        latest_low = EARLIEST - 1
        for stand in reversed(certain):
            if stand.high_ms <= latest_low:  # another began after it for certain
                break
            possible.append(stand)
            latest_low = max(latest_low, stand.low_ms)
        if len(possible) == 1:
            return possible
        return [stand for stand in possible if not _followed(stand, certain)]


def _followed(stand: Stand, begun: list[Stand]) -> bool:
    """Whether a later duty of the same journal has begun: there, order is seq, not time."""
    return any(other.journal == stand.journal and other.seq > stand.seq for other in begun)
