"""What every control chart comes to: points with a center line and limits."""

from typing import Literal, NamedTuple

Kind = Literal["p", "p'", "u", "u'", "i'", "xmr", "mr", "g", "t"]


class Point(NamedTuple):
    """One period: its value, center line, limits, and `reach`: 3 sigma before limits were cut.

    y is None in a period that is missing or has nothing to divide by; limits are None there too.
    reach is None where sigma is not the same on both sides (G and T charts).
    """

    y: float | None
    center: float | None
    low: float | None
    high: float | None
    reach: float | None

    @property
    def outside(self) -> bool:
        return self.y is not None and (
            (self.low is not None and self.y < self.low)
            or (self.high is not None and self.y > self.high)
        )


MISSING = Point(None, None, None, None, None)


class Chart(NamedTuple):
    """Points by period; sigma_z: what limits were stretched by (1 if not; σ itself on I′)."""

    kind: Kind
    points: tuple[Point, ...]
    sigma_z: float = 1.0
