"""What was expected and did not come: buttons never pressed, counters that fell silent. Pure."""

from collections.abc import Sequence
from math import log, sqrt
from typing import TYPE_CHECKING, Any, Final

from server.signals.kinds import BASE_DAYS, Key, kind_of
from server.signals.limits import Limits
from server.signals.sums import Alarm

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, np.dtype[np.float64]]

# Of a button: days, presses and votes before; its share (YET or known) and threshold; the presses
# that were expected since the last one, since when, votes since, whether it may alarm.
DAYS, N, X, P, H, DUE, SINCE, SN, ARMED = range(9)
YET = -1.0
FRESH: Final = (0.0, 0.0, 0.0, YET, 0.0, 0.0, 0.0, 0.0, 1.0)
FEWEST: Final = 4  # presses that tell a button's own share
PEERS: Final = 0.5  # of the share at the unit's other counters: they do differ
BASE_VOTES: Final = 300
HOURS: Final = 24


class Buttons:
    """State of every button of a unit, and one step a day."""

    def __init__(
        self, keys: Sequence[Key], rows: Sequence[Sequence[float]], limits: Limits
    ) -> None:
        import numpy as np

        self.keys = list(keys)
        self._a: Floats = np.array(rows, dtype=float).reshape(len(keys), len(FRESH)).T.copy()
        self._h = [limits.missing(key) for key in keys]
        self._like: dict[str, list[int]] = {}
        for at, key in enumerate(keys):
            self._like.setdefault(key.side, []).append(at)

    def rows(self) -> list[list[float]]:
        """The state, by button."""
        found: list[list[float]] = self._a.T.tolist()
        return found

    def step(self, day: int, x: "Floats", n: "Floats") -> list[Alarm]:
        """A day's presses of each button among n votes."""
        import numpy as np

        a, seen = self._a, n > 0
        run = np.flatnonzero(seen & (a[P] >= 0))
        first = np.flatnonzero(seen & (a[P] == YET))
        found = []
        if len(run):
            pressed = x[run] > 0
            fresh = (a[DUE, run] == 0) | pressed
            a[SINCE, run] = np.where(fresh, day, a[SINCE, run])
            due = np.where(pressed, 0.0, a[DUE, run] + n[run] * a[P, run])
            a[SN, run] = np.where(pressed, 0.0, a[SN, run] + n[run])
            a[DUE, run] = due
            a[ARMED, run] = np.where(pressed, 1.0, a[ARMED, run])
            for at in run[(due > a[H, run]) & (a[ARMED, run] > 0)]:
                found.append(self._alarm(int(at), day))
                a[ARMED, at] = 0.0
        if len(first):
            a[DAYS, first] += 1
            a[N, first] += n[first]
            a[X, first] += x[first]
            enough = (a[N, first] >= BASE_VOTES) & (a[DAYS, first] >= BASE_DAYS)
            for at in first[enough]:
                self._close(int(at), day)
        return found

    def _close(self, at: int, day: int) -> None:
        """The share that is expected at the least. One that was not pressed at all so far has been
        missing from the beginning."""
        a = self._a
        n, x = float(a[N, at]), float(a[X, at])
        if x >= FEWEST:
            p = (x - sqrt(x)) / n
        else:
            others = [each for each in self._like[self.keys[at].side] if each != at]
            votes, presses = float(a[N, others].sum()), float(a[X, others].sum())
            p = PEERS * (presses - sqrt(presses)) / votes if presses >= FEWEST else 0.0
            if x == 0:
                a[DUE, at], a[SN, at] = n * p, n
                a[SINCE, at] = day - BASE_DAYS  # at least
        a[P, at], a[H, at] = max(p, 0.0), self._h[at]

    def _alarm(self, at: int, day: int) -> Alarm:
        a = self._a
        since, due, h, n, p = (float(a[field, at]) for field in (SINCE, DUE, H, SN, P))
        return Alarm(self.keys[at], day, int(since), due, h, 0.0, n, p)


class Quiet:
    """One counter: what hours it is pressed in, and how many votes were due since the last one.

    row: days with votes, votes, citizens served; due, since (ordinal), whether it may alarm; then
    of each hour how many days had a vote in it. From BASE_DAYS days and BASE_VOTES votes on the
    votes due are (votes / citizens) × citizens of the day, spread over the hours as -log(1 - share
    of days with a vote in that hour): the mean of a Poisson that is 0 so often.
    """

    FRESH: Final = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0, *[0.0] * HOURS)

    def __init__(self, key: Key, row: Sequence[float], limits: Limits) -> None:
        self.key, self.row = key, list(row)
        self._h = limits.missing(key)
        self.weights = self._weigh() if self.known else []

    @property
    def known(self) -> bool:
        return self.row[0] >= BASE_DAYS and self.row[1] >= BASE_VOTES and self.row[2] > 0

    def step(self, day: int, hours: int, votes: int, served: int) -> Alarm | None:
        """A day: in which hours there were votes (bits), how many, and how many citizens came."""
        if not self.known:
            self._learn(hours, votes, served)
            return None
        expected = min(1.0, self.row[1] / self.row[2]) * served
        found = None
        for hour, weight in self.weights:
            if hours >> hour & 1:
                self.row[3], self.row[5] = 0.0, 1.0
                continue
            if self.row[3] == 0:
                self.row[4] = float(day)
            self.row[3] += expected * weight
            if self.row[3] > self._h and self.row[5]:
                found = Alarm(
                    self.key, day, int(self.row[4]), self.row[3], self._h, 0.0, self.row[3], 0.0
                )
                self.row[5] = 0.0
        if hours and not any(hours >> hour & 1 for hour, _ in self.weights):
            self.row[3], self.row[5] = 0.0, 1.0  # votes at an hour that is unusual here
        return found

    def open_hours(self) -> int:
        """Bits of the hours that it is usually pressed in."""
        return sum(1 << hour for hour, _ in self.weights)

    def rush_hours(self) -> int:
        """Bits of the busiest hours: two fifths of a day's votes or a little more."""
        bits, part = 0, 0.0
        for hour, weight in sorted(self.weights, key=lambda each: -each[1]):
            if part >= 0.4:
                break
            bits, part = bits | 1 << hour, part + weight
        return bits

    def _learn(self, hours: int, votes: int, served: int) -> None:
        if not votes or not served:
            return
        self.row[0] += 1
        self.row[1] += votes
        self.row[2] += max(served, votes)
        for hour in range(HOURS):
            self.row[6 + hour] += hours >> hour & 1
        if self.known:
            self.weights = self._weigh()

    def _weigh(self) -> list[tuple[int, float]]:
        days = self.row[0]
        means = [-log(1 - seen / (days + 0.5)) for seen in self.row[6:]]
        means = [
            mean if seen > days / 10 else 0.0
            for mean, seen in zip(means, self.row[6:], strict=True)
        ]
        whole = sum(means)
        return [(hour, mean / whole) for hour, mean in enumerate(means) if mean] if whole else []


def kind_is_known(key: Key) -> bool:
    """Whether there is such a chart: what an older version wrote down may name another."""
    try:
        kind_of(key)
    except KeyError:
        return False
    return True
