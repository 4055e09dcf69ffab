"""Empirical Bayes for shares: what peers are like, and what that says about one of them."""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, variance
from typing import Any, Literal, NamedTuple

from server.analytics.methods.distributions import special
from server.analytics.methods.share import Unit, check_units

FEWEST_PEERS = 3  # fewer with votes say nothing on how peers differ
LIGHTEST = 1.0  # votes that a prior weighs at least: one, as Jeffreys's


class Prior(NamedTuple):
    """Beta(alpha, beta), the true shares of peers; alpha + beta = the votes it weighs as.

    how: by likelihood, by moments where that failed, equal where no vote of any peer differs from
    another, or alone where too few peers have votes.
    """

    alpha: float
    beta: float
    how: Literal["likelihood", "moments", "equal", "alone"]

    @property
    def mean(self) -> float:
        return self.alpha / (self.alpha + self.beta)

    @property
    def variance(self) -> float:
        """τ² for reliability(): how much the true shares of peers differ."""
        weight = self.alpha + self.beta
        return self.alpha * self.beta / (weight * weight * (weight + 1))


class Shrunk(NamedTuple):
    """A share drawn towards that of the peers, with its 95 % interval; each 0..1."""

    estimate: float
    low: float
    high: float


def fit_prior(units: Sequence[Unit]) -> Prior:
    """The beta distribution that makes (hits, n) of the peers most likely.

    Maximizes Σ log B(x+α, n-x+β) - log B(α, β) over the mean α/(α+β) and the weight α+β. The weight
    is kept between one vote and all votes of all peers: where peers do not differ at all the
    likelihood would take it to infinity, and no prior knows more than the votes it was made from.
    Peers are those who do the same procedures; units without votes say nothing.
    Source: Gelman et al., Bayesian Data Analysis (3rd ed.), 5.1; Casella (1985), Am. Stat. 39:83.
    Raises ValueError for what is no share.
    """
    check_units(units)
    seen = Counter(unit for unit in units if unit[1])
    if seen.total() < FEWEST_PEERS:
        return Prior(LIGHTEST / 2, LIGHTEST / 2, "alone")
    votes, hits = (sum(units[i] * times for units, times in seen.items()) for i in (1, 0))
    if hits in (0, votes):
        # Any weight is as likely as another: what all votes together say, after Jeffreys.
        return Prior(hits + 0.5, votes - hits + 0.5, "equal")
    return _most_likely(seen) or moments_prior(units)


def moments_prior(units: Sequence[Unit]) -> Prior:
    """The prior whose mean m and variance v are those of the shares: α+β = m(1-m)/v - 1.

    Rough where n differ, as it takes chance for difference; kept within the same bounds.
    Source and errors as for fit_prior().
    """
    check_units(units)
    shares = [hits / n for hits, n in units if n]
    if len(shares) < FEWEST_PEERS:
        return Prior(LIGHTEST / 2, LIGHTEST / 2, "alone")
    votes, m = sum(n for _, n in units), fmean(shares)
    v = variance(shares)
    weight = m * (1 - m) / v - 1 if v > 0 else float("inf")
    weight = min(max(weight, LIGHTEST), max(votes, LIGHTEST))
    edge = 0.5 / (votes + 1)
    m = min(max(m, edge), 1 - edge)
    return Prior(m * weight, (1 - m) * weight, "moments")


def shrink(units: Sequence[Unit], prior: Prior) -> list[Shrunk]:
    """For each (hits, n) mean and 2.5 % and 97.5 % points of Beta(α + hits, β + n - hits).

    Without votes: those of the prior itself. Narrower than the truth by what the prior is not
    known for sure. Errors as for fit_prior().
    """
    check_units(units)
    if not units:
        return []
    # Many officials have the same few numbers of votes: the inverse is dear, each once.
    different = list(dict.fromkeys(units))
    functions, a, b = special(), *_posterior(different, prior)
    columns = a / (a + b), functions.betaincinv(a, b, 0.025), functions.betaincinv(a, b, 0.975)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    known = dict(zip(different, (Shrunk(*row) for row in rows), strict=True))
    return [known[unit] for unit in units]


def _posterior(units: Sequence[Unit], prior: Prior) -> tuple[Any, Any]:
    import numpy as np

    hits, n = np.array(units, dtype=float).T
    return prior.alpha + hits, prior.beta + n - hits


def _most_likely(seen: Counter[Unit]) -> Prior | None:
    """By quasi-Newton from the best of a coarse grid, which no flat stretch holds up."""
    import numpy as np
    from scipy.optimize import minimize

    functions = special()
    hits, n = np.array(list(seen), dtype=float).T
    times = np.array(list(seen.values()), dtype=float)
    votes, all_hits = float(n @ times), float(hits @ times)
    edge = 0.5 / (votes + 1)
    pooled = min(max(all_hits / votes, edge), 1 - edge)

    def unlikely(at: Any) -> float:
        mean, weight = functions.expit(at[0]), np.exp(at[1])
        a, b = mean * weight, (1 - mean) * weight
        fits = functions.betaln(hits + a, n - hits + b) - functions.betaln(a, b)
        return -float(fits @ times) / float(times.sum())

    bounds = [(functions.logit(edge), functions.logit(1 - edge))]
    bounds.append((np.log(LIGHTEST), np.log(max(votes, LIGHTEST * np.e))))
    starts = [(functions.logit(pooled), weight) for weight in np.linspace(*bounds[1], 12)]
    found = minimize(unlikely, min(starts, key=unlikely), bounds=bounds, method="L-BFGS-B",
                     options={"ftol": 1e-14, "gtol": 1e-9})  # fmt: skip
    if not np.all(np.isfinite(found.x)):
        return None
    mean, weight = float(functions.expit(found.x[0])), float(np.exp(found.x[1]))
    return Prior(mean * weight, (1 - mean) * weight, "likelihood")
