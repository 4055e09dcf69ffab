"""What thresholds are made from: the budget of false alarms, spread over every chart there is."""

from math import ceil, exp, floor, log, log10, sqrt
from typing import Final, NamedTuple

from server.analytics.methods.run_length import LONGEST, alarm_limit
from server.signals.kinds import MASKED, Key, Kind, kind_of

DEFAULT: Final = 100  # hundredths of a false alarm a month, for the whole province
SMALLEST_VOLUME: Final = 1_024
GRID: Final = 3  # rates to a factor e of odds
SOJOURN: Final = 100.0  # votes for which one sum stays high, once it is


class Limits(NamedTuple):
    """volume: votes a month of the whole province (rounded, see `volume_of`); budget: hundredths
    of false alarms a month."""

    volume: int
    budget: int = DEFAULT

    def arl(self, key: Key) -> float:
        """Votes that this chart's kind looks at, between two false alarms of the whole province.

        A kind has its part of the budget; all its charts share one run length, so that busy ones
        are no more and no less believed than others.
        """
        kind = kind_of(key)
        return _within(self.volume * kind.looks * 100 / (self.budget * kind.part))

    def threshold(self, key: Key, p0: float) -> float:
        """The h of a CUSUM with this base rate."""
        arl = self.arl(key)
        if key.kind == MASKED:
            # Two sums must be high at once: by chance one is, SOJOURN / ARL of the time, when the
            # other becomes so; either may be the first.
            arl = _within(sqrt(2 * SOJOURN * arl))
        return _between(p0, kind_of(key).odds, arl)

    def missing(self, key: Key) -> float:
        """How many expected votes must stay away: after each vote exp(-h) is the chance of it."""
        return log(self.arl(key))


def _between(p0: float, odds: float, arl: float) -> float:
    """alarm_limit between two of a few rates that all charts share: it takes milliseconds for each
    and is nearly straight in log(p/(1-p)); off by less than a hundredth."""
    at = log(p0 / (1 - p0)) * GRID
    low, part = floor(at), at - floor(at)
    below, above = (alarm_limit(_rate(step), odds, arl) for step in (low, low + 1))
    return below + (above - below) * part


def _rate(step: int) -> float:
    return 1 / (1 + exp(-step / GRID))


def _within(arl: float) -> float:
    return min(max(arl, 2.0), LONGEST / 10)


def volume_of(votes_a_month: int) -> int:
    """Votes a month, rounded up to a power of two: thresholds stay until a province doubles."""
    return max(SMALLEST_VOLUME, 1 << max(0, votes_a_month - 1).bit_length())


def rounded(p: float, kind: Kind) -> float:
    """A base rate to two digits, away from the change that is looked for: no more alarms by it."""
    p = max(p, kind.lowest / 10)
    digits = 10.0 ** (1 - floor(log10(p)))
    p = (ceil(p * digits) if kind.odds > 1 else floor(p * digits)) / digits
    return min(max(p, kind.lowest), kind.highest)
