"""A unit's days as arrays: what the watch folds. Numbers only; made by gathering.py."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocol.rating import REASONS
from server.signals.kinds import (
    COMPLAINTS,
    FALL,
    GONE,
    INVITED,
    MASKED,
    NEVER,
    RESPONSE,
    REVISED,
    RISE,
    Key,
)

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.int64]]

REASON_CODES = tuple(sorted(REASONS))
Sight = tuple[Key, "Array", "Array"]  # a chart, and its x and n by day


@dataclass
class UnitDays:
    """Days (ordinals, in order) on which anything was seen in the unit; D × … arrays of int64.

    ratings: counted votes of each rating, D × counters × 5; pressed: of every state. served:
    citizens served, 0 if unknown. hours, gone: bit h for local hour h: votes were cast, the kiosk
    was unheard for all of it. offered: bit r for rating r on the kiosk's scale, 0 if unknown.
    lows, ups: votes first rated 1 or 2, and those of them that ended as 4 or 5. invited: votes.
    of_official: votes, satisfied, invited, invited and satisfied, lows, ups; D × officials × 6.
    of_reason: votes naming each of REASON_CODES. of_procedure: complaints and votes.
    """

    counters: list[str]
    officials: list[str]
    procedures: list[str]
    days: list[int]
    ratings: "Array"
    pressed: "Array"
    served: "Array"
    hours: "Array"
    gone: "Array"
    offered: "Array"
    lows: "Array"
    ups: "Array"
    invited: "Array"
    of_official: "Array"
    of_reason: "Array"
    of_procedure: "Array"

    def sums(self) -> list[Sight]:
        """Every chart that is a CUSUM of x out of n; of kiosks gone still empty."""
        import numpy as np

        n = self.ratings.sum(axis=2)
        bad, good = self.ratings[:, :, :2].sum(axis=2), self.ratings[:, :, 3:].sum(axis=2)
        # More votes than citizens is impossible: as many citizens as votes are assumed.
        served = np.where(self.served > 0, np.maximum(self.served, n), 0)
        voted = np.where(served > 0, n, 0)
        nothing = np.zeros_like(n)
        found: list[Sight] = [(Key(COMPLAINTS, side=RISE), bad.sum(axis=1), n.sum(axis=1))]
        for at, counter in enumerate(self.counters):
            for kind, side, x, of in (
                (COMPLAINTS, RISE, bad, n),
                (RESPONSE, RISE, voted, served),
                (RESPONSE, FALL, voted, served),
                (MASKED, RISE, good, n),
                (MASKED, FALL, voted, served),
                (GONE, RISE, nothing, nothing.copy()),
                (REVISED, RISE, self.ups, self.lows),
                (INVITED, RISE, self.invited, n),
                (INVITED, FALL, self.invited, n),
            ):
                found.append((Key(kind, counter, side=side), x[:, at], of[:, at]))
        for at, official in enumerate(self.officials):
            key = Key(REVISED, official=official, side=RISE)
            found.append((key, self.of_official[:, at, 5], self.of_official[:, at, 4]))
        for at, reason in enumerate(REASON_CODES):
            key = Key(COMPLAINTS, reason=reason, side=RISE)
            found.append((key, self.of_reason[:, at], n.sum(axis=1)))
        for at, procedure in enumerate(self.procedures):
            key = Key(COMPLAINTS, procedure=procedure, side=RISE)
            found.append((key, self.of_procedure[:, at, 0], self.of_procedure[:, at, 1]))
        return found

    def gaps(self) -> list[Sight]:
        """Every button that may not have been pressed: x presses among n of a scale that has it."""
        import numpy as np

        n = self.pressed.sum(axis=2)
        found: list[Sight] = []
        for at, counter in enumerate(self.counters):
            for rating in range(1, 6):
                has = (self.offered[:, at] >> rating) & 1
                key = Key(NEVER, counter, side=str(rating))
                found.append((key, self.pressed[:, at, rating - 1], np.where(has, n[:, at], 0)))
        return found
