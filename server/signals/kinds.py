"""What is watched: the kinds of signal, what each is tuned to find, and its part of the budget."""

from typing import Final, NamedTuple

COMPLAINTS, RESPONSE, SILENCE, MASKED = "complaints", "response", "silence", "up-while-down"
NEVER, GONE, REVISED, INVITED = "never-pressed", "gone", "revised-up", "invited"
RISE, FALL, SCORE = "up", "down", "score"


class Key(NamedTuple):
    """What one chart looks at. side: the direction it looks in; of `invited` also score; of
    `never-pressed` the rating. All else empty: the unit."""

    kind: str
    counter: str = ""
    official: str = ""
    procedure: str = ""
    reason: str = ""
    side: str = ""

    @property
    def level(self) -> str:
        """What kind of thing it is about: the name of the one field that is filled, or unit."""
        return next(
            (
                name
                for name in ("counter", "official", "procedure", "reason")
                if getattr(self, name)
            ),
            "unit",
        )


class Kind(NamedTuple):
    """How a chart of (kind, level, side) is set.

    odds: the change it is tuned to find. part: of the false-alarm budget, for all such charts of
    the province together. looks: how many votes (or citizens served) all of them see for one vote
    cast. needs: votes before its base rate stands. pooled: one base rate for the unit's all.
    lowest, highest: base rates that it is run at; `within`: beyond these there is no chart.
    """

    odds: float
    part: float
    looks: float
    needs: int = 300
    pooled: bool = False
    lowest: float = 0.002
    highest: float = 0.995
    within: tuple[float, float] = (0.0, 1.0)


PERSON_FROM: Final = 10  # votes since a change began, before a signal names an official by it
BASE_DAYS: Final = 10  # days with votes before a base rate stands, however many came
KINDS: Final[dict[tuple[str, str, str], Kind]] = {
    (COMPLAINTS, "counter", RISE): Kind(2.0, 0.25, 1),
    (COMPLAINTS, "unit", RISE): Kind(1.6, 0.07, 1, needs=1_000),
    (COMPLAINTS, "procedure", RISE): Kind(2.0, 0.07, 1),
    (COMPLAINTS, "reason", RISE): Kind(2.0, 0.07, 10, needs=2_000),
    (RESPONSE, "counter", RISE): Kind(1.8, 0.08, 2.5),
    (RESPONSE, "counter", FALL): Kind(1 / 1.8, 0.08, 2.5),
    (MASKED, "counter", RISE): Kind(2.0, 0.08, 1),
    (MASKED, "counter", FALL): Kind(1 / 1.8, 0.08, 1),  # seen only together with the one above
    (SILENCE, "counter", ""): Kind(1.0, 0.06, 1),
    (NEVER, "counter", ""): Kind(1.0, 0.05, 5),
    (GONE, "counter", RISE): Kind(6.0, 0.02, 0.02, lowest=0.05, highest=0.6),
    (REVISED, "counter", RISE): Kind(4.0, 0.05, 0.1, 100, True, 0.02, 0.5),
    (REVISED, "official", RISE): Kind(4.0, 0.05, 0.1, 100, True, 0.02, 0.5),
    (INVITED, "official", SCORE): Kind(2.0, 0.05, 0.5, needs=100),
    (INVITED, "counter", RISE): Kind(2.0, 0.01, 1, within=(0.05, 0.95)),
    (INVITED, "counter", FALL): Kind(0.5, 0.01, 1, within=(0.05, 0.95)),
}


def kind_of(key: Key) -> Kind:
    """How the chart of this key is set. KeyError: there is no such chart."""
    return KINDS[key.kind, key.level, "" if key.kind == NEVER else key.side]
