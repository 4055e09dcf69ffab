"""How often a CUSUM cries wolf, and the limit that a budget of false alarms buys."""

from functools import lru_cache
from math import ceil, exp, log

from server.analytics.methods.cusum import score

NODES = (200, 2000)  # fewest and most levels between 0 and h
PER_STEP = 4  # levels to the smaller of the two steps
LONGEST = 1e12  # votes: more than a country casts; a limit beyond is never needed


def votes_between_alarms(votes_a_month: float, alarms_a_month: float) -> float:
    """The run length (ARL0, votes) at which all charts together give so many false alarms.

    A chart of v votes a month gives v / ARL0 of them a month, so with one ARL0 for all counters
    Σv / ARL0 = budget; the more charts look at each vote, the more often it counts in Σv.
    Raises ValueError unless both are above 0.
    """
    if votes_a_month <= 0 or alarms_a_month <= 0:
        raise ValueError("Votes and false alarms a month are above 0: leave the chart out instead.")
    return votes_a_month / alarms_a_month


def run_length(p: float, p0: float, odds_ratio: float, h: float) -> float:
    """Votes until the alarm, on average, from S = 0, if events come with probability p.

    p = p0: between false alarms (ARL0); p = the changed one: until it is found. Scores are those
    of p0. The Markov chain of S on even levels between 0 and h (Brook & Evans 1972, Biometrika
    59:539-549), steps between two levels shared by their distance; as one step is short and the
    other reaches few levels the equations are banded.
    Raises ValueError unless 0 < p0 < 1, 0 <= p <= 1, h > 0, and odds_ratio is above 0 and not 1.
    """
    if not 0 < p0 < 1 or not 0 <= p <= 1 or h <= 0 or odds_ratio <= 0 or odds_ratio == 1:
        raise ValueError(
            f"No run length for p0={p0}, p={p}, odds ratio {odds_ratio}, h={h}: p0 lies strictly "
            "between 0 and 1, the ratio is above 0 and not 1, h above 0."
        )
    import numpy as np
    from scipy.linalg import solve_banded

    steps = [(p, score(p0, True, odds_ratio)), (1 - p, score(p0, False, odds_ratio))]
    shorter = min(abs(step) for _, step in steps)
    levels = min(max(NODES[0], ceil(PER_STEP * h / shorter)), NODES[1])
    width = h / levels
    here = np.arange(levels + 1)
    above, below = (
        min(levels, max(ceil(sign * step / width) for _, step in steps) + 1) for sign in (1, -1)
    )
    # Row i: E[i] - Σ probability × E[where the step leads] = 1; above h nothing follows.
    bands = np.zeros((above + below + 1, levels + 1))
    bands[above, :] = 1.0
    for probability, step in steps:
        to = np.maximum(here + step / width, 0.0)
        stays = to <= levels
        low = np.floor(to[stays]).astype(int)
        part = to[stays] - low
        for column, share in ((low, 1 - part), (np.minimum(low + 1, levels), part)):
            np.add.at(bands, (above + here[stays] - column, column), -probability * share)
    try:
        found = float(solve_banded((below, above), bands, np.ones(levels + 1))[0])
    except np.linalg.LinAlgError:
        return LONGEST
    return min(found, LONGEST) if found > 0 else LONGEST


@lru_cache(maxsize=4096)
def alarm_limit(p0: float, odds_ratio: float, between_alarms: float) -> float:
    """The h at which false alarms are `between_alarms` votes apart on average, to about 1 %.

    Round p0 to two or three digits before asking: limits are kept by p0 and take milliseconds to
    find. Raises ValueError as run_length(), and unless 1 < between_alarms <= 10¹¹.
    """
    if not 1 < between_alarms <= LONGEST / 10:
        raise ValueError("Votes between false alarms lie between 1 and 10¹¹: mend the budget.")
    aim = log(between_alarms)

    def missing(h: float) -> float:
        return log(run_length(p0, p0, odds_ratio, h)) - aim

    low, high = 0.01, 1.0
    while missing(high) < 0:
        low, high = high, high * 2
    if missing(low) > 0:
        return low
    # The logarithm of the run length is nearly straight in h: a secant gets there in few steps.
    from scipy.optimize import brentq

    return float(brentq(missing, low, high, xtol=0.002))


def changed(p0: float, odds_ratio: float) -> float:
    """The probability with the odds of p0 times odds_ratio: what the chart is set to find."""
    odds = exp(log(p0 / (1 - p0)) + log(odds_ratio))
    return odds / (1 + odds)
