"""What a figure may say: the rules of display, and who differs from the others. Pure.

The rules are a unit's (organisation.rules.Rules); their sources are in docs/statistics.md.
"""

from collections.abc import Mapping
from math import erfc, sqrt
from typing import Literal, NamedTuple

from server.analytics.figure import Figure
from server.analytics.methods.funnel import Place, additive_spread, share_funnel
from server.analytics.methods.many import LOOK, called
from server.analytics.methods.reliability import reliability
from server.organisation.selectors import Rules

Level = Literal["nothing", "count", "no-score", "uncertain", "full"]
FEWEST_PEERS = 3  # fewer say nothing of how officials differ


class Display(NamedTuple):
    """nothing: no votes; count: only how many; no-score: too few for a person; uncertain: the share
    with its interval, no colour, no comparison; full: everything.

    reliability: 0..1, of persons where it can be known. place: in the funnel of the table, of
    those shown in full; None for all others.
    """

    level: Level
    reliability: float | None = None
    place: Place | None = None

    @property
    def has_score(self) -> bool:
        return self.level in ("uncertain", "full")

    @property
    def differs(self) -> bool:
        """Beyond the 99.8 % limits: only that may be called different."""
        return self.place in ("far below", "far above")


def shown_as(
    figure: Figure, *, person: bool, rules: Rules, reliability: float | None = None
) -> Display:
    """How a figure is shown, by the votes that its share is made of.

    person: of one official; where their reliability is not known (None) it is not enough.
    """
    n = figure.base if figure.share is not None else 0
    if not figure.n:
        return Display("nothing")
    if n < rules.show_from:
        return Display("count")
    if person and n < rules.person_from:
        return Display("no-score")
    unsure = person and (reliability is None or reliability * 100 < rules.reliability_from)
    if n < rules.verdict_from or unsure:
        return Display("uncertain", reliability)
    return Display("full", reliability)


class Compared(NamedTuple):
    """The rows of one table beside each other: how each is shown, and whether those shown in full
    differ. clearly: one lies beyond the 99.8 % limits; slightly: one stands out among so many (q <=
    0.10), and is not called different; not: neither; None: fewer than two are shown in full."""

    rows: dict[str, Display]
    differ: Literal["clearly", "slightly", "not"] | None


def compare(figures: Mapping[str, Figure], *, person: bool, rules: Rules) -> Compared:
    """Each by itself, and in the funnel of all whose votes are enough for a share.

    The funnel takes in the usual spread between them where there are ten or more.
    Source: Spiegelhalter (2005), see methods.funnel; Benjamini & Hochberg (1995).
    """
    reliabilities = reliabilities_of(figures) if person else {}
    rows = {
        code: shown_as(figure, person=person, rules=rules, reliability=reliabilities.get(code))
        for code, figure in figures.items()
    }
    scored = [code for code, row in rows.items() if row.has_score]
    funnel = share_funnel([_unit(figures[code]) for code in scored], consistent=True)
    full = [code for code in scored if rows[code].level == "full"]
    if funnel is None or len(full) < 2:
        return Compared(rows, None)
    odds = []
    for code, row in zip(scored, funnel.rows, strict=True):
        if rows[code].level == "full":
            rows[code] = rows[code]._replace(place=row.place)
            own = 1 / (4 * figures[code].base)
            z = row.z * sqrt(own / (own + funnel.tau2))
            odds.append(erfc(abs(z) / sqrt(2)))
    if any(rows[code].differs for code in full):
        return Compared(rows, "clearly")
    return Compared(rows, "slightly" if any(called(odds, LOOK)) else "not")


def reliabilities_of(figures: Mapping[str, Figure]) -> dict[str, float]:
    """Of each official, among those of the same table; empty with fewer than three.

    τ² = max(0, (Q - (k-1)) / (Σw - Σw²/Σw)), w = n/(p(1-p)), p the share of all: what the shares
    differ by beyond chance. Needs no SciPy, which the page of a unit goes without.
    Source: DerSimonian & Laird (1986), Control. Clin. Trials 7:177; Adams (2009), RAND TR-653.
    """
    units = {code: _unit(figure) for code, figure in figures.items() if figure.share is not None}
    votes = sum(n for _, n in units.values())
    if len(units) < FEWEST_PEERS:
        return {}
    p = sum(hits for hits, _ in units.values()) / votes
    if p in (0, 1):
        return dict.fromkeys(units, 0.0)
    sigmas = [sqrt(p * (1 - p) / n) for _, n in units.values()]
    zs = [(hits / n - p) / sigma for (hits, n), sigma in zip(units.values(), sigmas, strict=True)]
    _, tau2 = additive_spread(zs, sigmas)
    return {code: reliability(n, p, tau2) for code, (_, n) in units.items()}


def limited(figure: Figure, display: Display) -> Figure:
    """The figure as far as it may be shown."""
    return figure if display.has_score else Figure(n=figure.n)


def _unit(figure: Figure) -> tuple[int, int]:
    counts = figure.counts or (0,) * 5
    return counts[3] + counts[4], figure.base
