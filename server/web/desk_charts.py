"""A chart as data: what is drawn, one sentence of what it shows, and the same as a table. Pure.

The server chooses and words everything; charts.js only draws. A page hands a Chart to the template
`web/desk/_chart.html` and puts `web/desk/_chart_head.html` into its head.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

Kind = Literal["course", "bars", "funnel", "heat"]
Shape = Literal["line", "steps", "bars", "band", "dots", "cells"]
Tone = Literal["main", "center", "limit", "outer", "other", "alarm"]
Measure = Literal["share", "count", "number"]
Value = float | None | tuple[float | None, ...]

MOST_DOTS = 1500  # of a cloud: more are no picture, and SVG becomes slow


@dataclass(frozen=True)
class Cell:
    """A cell of a table that leads somewhere, or says something more in small type."""

    words: str
    url: str = ""
    small: str = ""

    def __str__(self) -> str:
        return f"{self.words} ({self.small})" if self.small else self.words


@dataclass(frozen=True)
class Table:
    """The chart for those who read: words and numbers as they are printed, the first cell of each
    row its name. note: what is left out of it, if anything; nothing: said where no row is."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str | Cell, ...], ...]
    note: str = ""
    nothing: str = ""


@dataclass(frozen=True)
class Series:
    """One line, row of bars, band or cloud; None where there is nothing, which leaves a gap.

    values: course and bars: a number for each place; band: (low, high) for each place; funnel:
    (x, y) points; heat: (column, row, value, load). marked: places that are drawn as special.
    """

    name: str
    values: Sequence[Value]
    shape: Shape = "line"
    tone: Tone = "main"
    marked: tuple[int, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A chart. key: its id on the page, letters and hyphens. sentence: what it shows.

    places: names along x (course, heat) or down (bars). rows: names down (heat).
    told, links: of each place, of a funnel's dots, of a heat map's cells: what is read out when one
    comes to it, and where Enter or a click leads; "" for nowhere.
    across, up: what the axes measure, in words. special: what a marked place is, for the key.
    rules: how to read it, in paragraphs that fold out. most: the highest value (funnel) or the
    darkest color (heat) that is drawn; what lies above is cut; None: whatever there is.
    """

    key: str
    kind: Kind
    title: str
    sentence: str
    series: tuple[Series, ...]
    table: Table
    places: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    measure: Measure = "share"
    across: str = ""
    up: str = ""
    most: float | None = None
    special: str = ""
    rules: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw: the sentence stands alone."""
        return not any(_is_there(value) for each in self.series for value in each.values)

    @property
    def leads(self) -> bool:
        """Whether Enter leads anywhere."""
        return any(self.links)

    @property
    def drawn_id(self) -> str:
        """The id of the data that charts.js reads."""
        return f"{self.key}-data"

    @property
    def legend(self) -> list[Series]:
        """The series that have a name to tell apart."""
        named = [each for each in self.series if each.name]
        return named if len(named) > 1 else []

    @property
    def drawn(self) -> dict[str, Any]:
        """What charts.js reads: JSON without NaN or infinity."""
        return {
            "kind": self.kind,
            "title": self.title,
            "sentence": self.sentence,
            "places": self.places,
            "rows": self.rows,
            "told": self.told,
            "links": self.links,
            "measure": self.measure,
            "across": self.across,
            "up": self.up,
            "most": _finite(self.most),
            "series": [
                {
                    "name": each.name,
                    "shape": each.shape,
                    "tone": each.tone,
                    "marked": each.marked,
                    "values": [_finite(value) for value in each.values],
                }
                for each in self.series
            ],
        }


def thinned(count: int, keep: Sequence[int] = (), most: int = MOST_DOTS) -> list[int]:
    """Which of `count` dots are drawn: all, or those to keep and of the others evenly many."""
    if count <= most:
        return list(range(count))
    kept = set(keep)
    others = [i for i in range(count) if i not in kept]
    room = max(1, most - len(kept))
    step = max(1, -(-len(others) // room))
    return sorted(kept | set(others[::step]))


def _finite(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_finite(part) for part in value]
    return value if value is None or isfinite(value) else None


def _is_there(value: Value) -> bool:
    found = _finite(value)
    return any(part is not None for part in found) if isinstance(found, list) else found is not None
