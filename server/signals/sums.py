"""CUSUMs of many charts of a unit at once, day by day. Pure; all numbers of a chart are its own.

Whatever was computed by a logarithm is kept, and the rest is plain arithmetic: a state that was
written down and read again goes on to the very same numbers.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from server.analytics.methods.cusum import score
from server.signals.base import GUARD, GUARD_LATER, LONGER, Base, First, base_of
from server.signals.kinds import BASE_DAYS, MASKED, PERSON_FROM, Key, kind_of
from server.signals.limits import Limits

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, np.dtype[np.float64]]

# Of a chart: what it saw before it was run; p0 (YET, NEVER or the rate) and threshold; what an
# event adds and what another vote does; the sum, since when, and x and n since; whether it may
# alarm: not again before it was back at 0; whether it still learns (0 and 1) or not any more (2).
DAYS, N, X, SQUARE, P0, H, UP, DOWN, SUM, SINCE, SX, SN, ARMED, LEARNT = range(14)
YET, NO_CHART = -1.0, -2.0
FRESH: Final = (0.0, 0.0, 0.0, 0.0, YET, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CAP: Final = 2.0  # a sum stays below so many thresholds, so that what ended long ago ends


class Alarm(NamedTuple):
    """A chart that crossed its threshold on a day (ordinal), risen since another; x of n since."""

    key: Key
    day: int
    since: int
    statistic: float
    threshold: float
    x: float
    n: float
    p0: float


class Sums:
    """State of many charts, and one step a day."""

    def __init__(
        self, keys: Sequence[Key], rows: Sequence[Sequence[float]], limits: Limits
    ) -> None:
        import numpy as np

        self.keys, self._limits = list(keys), limits
        self._a: Floats = np.array(rows, dtype=float).reshape(len(keys), len(FRESH)).T.copy()
        self._kinds = [kind_of(key) for key in keys]
        self._needs = np.array([kind.needs for kind in self._kinds])
        self._like: dict[tuple[str, ...], list[int]] = {}
        for at, key in enumerate(keys):
            self._like.setdefault(_like(key), []).append(at)
        self._pooled = np.array([kind.pooled for kind in self._kinds], dtype=bool)
        self._fewest = np.array([PERSON_FROM if key.official else 0 for key in keys])
        self._alone = np.array([key.kind != MASKED for key in keys], dtype=bool)
        place = {key: at for at, key in enumerate(keys)}
        self._pairs = [
            (at, place[key._replace(side="down")])
            for key, at in place.items()
            if key.kind == MASKED and key.side == "up"
        ]

    def rows(self) -> list[list[float]]:
        """The state, by chart."""
        found: list[list[float]] = self._a.T.tolist()
        return found

    def has_base(self, at: int) -> bool:
        return bool(self._a[P0, at] != YET)

    def set_base(self, at: int, base: Base) -> None:
        """From now on the chart is run at this rate."""
        a, key, kind = self._a, self.keys[at], self._kinds[at]
        a[LEARNT, at] = 2.0
        low, high = kind.within
        if not low <= base.p0 <= high:
            a[P0, at] = NO_CHART
            return
        a[P0, at], a[H, at] = base.p0, self._limits.threshold(key, base.p0)
        a[UP, at] = score(base.p0, True, kind.odds) / base.scatter
        a[DOWN, at] = score(base.p0, False, kind.odds) / base.scatter

    def step(self, day: int, x: "Floats", n: "Floats") -> list[Alarm]:
        """A day's x of n of every chart. n = 0 says nothing and changes nothing."""
        import numpy as np

        a, seen = self._a, n > 0
        run = np.flatnonzero(seen & (a[P0] >= 0))
        first = np.flatnonzero(seen & (a[LEARNT] < 2))
        found = self._run(run, day, x[run], n[run]) if len(run) else []
        if len(first):
            self._learn(first, x[first], n[first])
        return found

    def _run(self, on: "np.ndarray[Any, Any]", day: int, x: "Floats", n: "Floats") -> list[Alarm]:
        import numpy as np

        a = self._a
        before = a[SUM, on]
        fresh = before == 0
        total = np.maximum(0.0, before + x * a[UP, on] + (n - x) * a[DOWN, on])
        a[SINCE, on] = np.where(fresh, day, a[SINCE, on])
        a[SX, on] = np.where(fresh, x, a[SX, on] + x)
        a[SN, on] = np.where(fresh, n, a[SN, on] + n)
        limit = a[H, on]
        calm = total == 0
        a[ARMED, on] = np.where(calm, 1.0, a[ARMED, on])
        over = (total > limit) & (a[ARMED, on] > 0) & self._alone[on]
        over &= a[SN, on] >= self._fewest[on]  # a chart that is over waits for more
        a[SUM, on] = np.minimum(total, CAP * limit)
        found = []
        for place in np.flatnonzero(over):
            at = int(on[place])
            found.append(self._alarm(at, day, float(total[place])))
            a[ARMED, at] = 0.0
        return found + self._both(day)

    def _both(self, day: int) -> list[Alarm]:
        """Charts that alarm only together: the one is over its threshold while the other is."""
        a, found = self._a, []
        for up, down in self._pairs:
            over = a[SUM, up] > a[H, up] > 0 and a[SUM, down] > a[H, down] > 0
            if over and a[ARMED, up] > 0 and a[ARMED, down] > 0:
                alarm = self._alarm(up, day, float(a[SUM, up]))
                found.append(alarm._replace(since=int(min(a[SINCE, up], a[SINCE, down]))))
                a[ARMED, up] = a[ARMED, down] = 0.0
        return found

    def _alarm(self, at: int, day: int, total: float) -> Alarm:
        a = self._a
        since, h, x, n, p0 = (float(a[field, at]) for field in (SINCE, H, SX, SN, P0))
        return Alarm(self.keys[at], day, int(since), total, h, x, n, p0)

    def _learn(self, first: "np.ndarray[Any, Any]", x: "Floats", n: "Floats") -> None:

        a = self._a
        a[DAYS, first] += 1
        a[N, first] += n
        a[X, first] += x
        a[SQUARE, first] += x * x / n
        new = a[P0, first] == YET
        enough = (a[N, first] >= self._needs[first]) & (a[DAYS, first] >= BASE_DAYS)
        for at in first[new & (enough | self._pooled[first])]:
            self._close(int(at))
        # Told again by more votes, once the sum says that nothing is amiss.
        calm = (a[N, first] >= LONGER * self._needs[first]) & (a[SUM, first] == 0)
        for at in first[calm & ~new]:
            self._close(int(at), GUARD_LATER)

    def _close(self, at: int, guard: float = GUARD) -> None:
        a, kind = self._a, self._kinds[at]
        alike = self._like[_like(self.keys[at])]
        few = a[N, alike].sum() < kind.needs or a[DAYS, alike].max() < BASE_DAYS
        if kind.pooled and few:
            return
        like = [First(*(float(value) for value in a[:4, each])) for each in alike]
        self.set_base(at, base_of(like[alike.index(at)], like, kind, guard))
        if guard == GUARD and not kind.pooled and a[P0, at] != NO_CHART:
            a[LEARNT, at] = 1.0


def _like(key: Key) -> tuple[str, ...]:
    """Charts whose rates say something of each other's; one reason is not like another."""
    return (key.kind, key.level, key.side, key.reason)
