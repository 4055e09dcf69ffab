"""Which chart fits a series, by the series itself: nobody has to pick a method."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from server.analytics.methods.chart import Chart, Kind
from server.analytics.methods.charts import p_chart, u_chart
from server.analytics.methods.distributions import chi_square_above
from server.analytics.methods.individuals import xmr_chart

FEWEST_POINTS = 12  # that a baseline wants; 20 are better
RARE = 2.0  # complaints expected a period below which most periods have none or one
SURE = 0.01  # how unlikely the scatter must be by chance alone

Why = Literal[
    "nothing yet", "measured", "rare", "scatters more than chance", "scatters as chance does"
]


class Choice(NamedTuple):
    """The chart, why, and whether there are points enough to believe its limits.

    dispersion: Σz²/(k-1) of k periods, 1 by chance; None where it was not asked. It may be large
    although a series "scatters as chance does": after a step, seen from period to period.
    """

    kind: Kind
    why: Why
    enough: bool
    dispersion: float | None = None


def choose_chart(
    counts: Sequence[float | None],
    sizes: Sequence[float | None] | None,
    *,
    can_exceed: bool = False,
) -> Choice:
    """The chart for counts (complaints) out of sizes (votes, dossiers), None for missing periods.

    sizes None: measured values → XmR. Fewer than 2 complaints expected a period → G, which wants
    the votes between complaints. can_exceed: more than one complaint a dossier is possible → u,
    else p; the primed one if Σz²/(k-1) is above what chance gives in 99 of 100 series and the
    moving ranges scatter more than chance too (a step in the level alone does not widen them).
    Raises ValueError as the charts do.
    """
    if sizes is None:
        return Choice("xmr", "measured", sum(y is not None for y in counts) >= FEWEST_POINTS)
    pairs = [(x, n) for x, n in zip(counts, sizes, strict=True) if x is not None and n]
    enough = len(pairs) >= FEWEST_POINTS
    chart = _share_chart(counts, sizes, can_exceed=can_exceed, prime=True)
    plain: Kind = "u" if can_exceed else "p"
    total, of_all = sum(x for x, _ in pairs), sum(n for _, n in pairs)
    if not pairs or total == 0:
        return Choice("g" if pairs else plain, "rare" if pairs else "nothing yet", enough)
    center = total / of_all
    # Of a share near 1 the few that are missing are the rare ones.
    fewer = min(total, of_all - total) if not can_exceed else total
    if fewer / len(pairs) < RARE:
        return Choice("g", "rare", enough)
    if len(pairs) < 2:
        return Choice(plain, "scatters as chance does", enough)
    variance = [center * (1 if can_exceed else 1 - center) / n for _, n in pairs]
    squares = sum((x / n - center) ** 2 / v for (x, n), v in zip(pairs, variance, strict=True))
    wide = chi_square_above(squares, len(pairs) - 1) < SURE and chart.sigma_z > 1
    dispersion = squares / (len(pairs) - 1)
    if not wide:
        return Choice(plain, "scatters as chance does", enough, dispersion)
    return Choice("u'" if can_exceed else "p'", "scatters more than chance", enough, dispersion)


def draw_chart(
    choice: Choice,
    counts: Sequence[float | None],
    sizes: Sequence[float | None] | None,
    *,
    baseline: int | None = None,
) -> Chart:
    """The chosen chart of the same series, limits frozen on the first `baseline` periods.

    A G chart has no periods: draw individuals.g_chart() of the votes between complaints instead;
    asked for one, this draws the plain chart of the periods.
    """
    if sizes is None:
        return xmr_chart(counts, baseline=baseline)
    return _share_chart(
        counts,
        sizes,
        can_exceed=choice.kind in ("u", "u'"),
        prime=choice.kind in ("p'", "u'"),
        baseline=baseline,
    )


def _share_chart(
    counts: Sequence[float | None],
    sizes: Sequence[float | None],
    *,
    can_exceed: bool,
    prime: bool,
    baseline: int | None = None,
) -> Chart:
    whole = [None if x is None else round(x) for x in counts]
    if can_exceed:
        return u_chart(whole, sizes, prime=prime, baseline=baseline)
    votes = [None if n is None else round(n) for n in sizes]
    return p_chart(whole, votes, prime=prime, baseline=baseline)
