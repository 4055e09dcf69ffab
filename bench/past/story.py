"""The made-up past: units, their counters, and years of votes at each, a unit's in one piece.

Two officials a counter, one before noon and one after; blocks of five as the server draws them.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

COUNTERS = 6
VOTES_A_DAY = 106  # at each counter
MOST_DAYS = 785  # three years of working days; a longer past is of more units
UNITS = 10
TOP, DAY_MS = "P", 86_400_000
OPENS_MS = int(0.5 * 3_600_000)  # 07:30 in Vietnam
APART_MS = 5 * 60_000
RATINGS, WEIGHTS = (5, 4, 3, 2, 1), (52, 29, 10, 6, 3)
REASONS = ("R1", "R3", "R1 R4", "R5", "P1", "P1 P2", "P3", "R0")
PROCEDURES = tuple(f"1.{number:06}" for number in range(50))
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Size:
    """How many units and working days make about so many votes."""

    units: int
    days: int

    @classmethod
    def of(cls, votes: int) -> "Size":
        a_day = COUNTERS * VOTES_A_DAY
        days = min(MOST_DAYS, max(1, votes // (UNITS * a_day)))
        return cls(max(UNITS, round(votes / (days * a_day))), days)

    def dates(self, before: date) -> list[date]:
        """The working days, the last of them before a day."""
        found: list[date] = []
        while len(found) < self.days:
            before -= timedelta(days=1)
            if before.weekday() < 5:
                found.append(before)
        return found[::-1]


@dataclass
class Desk:
    """A counter's past: rows by table."""

    unit: str
    number: int
    rows: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def counter(self) -> str:
        return f"{self.unit}-{self.number}"

    @property
    def kiosk(self) -> str:
        return f"k-{self.counter}"

    def officials(self) -> tuple[str, str]:
        return f"{self.counter}-A", f"{self.counter}-B"

    def add(self, table: str, row: Row) -> None:
        self.rows.setdefault(table, []).append(row)


def live(desk: Desk, days: list[date]) -> Iterator[Desk]:
    """The desk, month by month, with the rows of that month; at last those of its journal."""
    dice = random.Random(desk.counter)
    journal = str(uuid.UUID(int=dice.getrandbits(128), version=4))
    seq = 0
    numbers = _Numbers(desk.number)
    unseen: dict[str, list[Row]] = {official: [] for official in desk.officials()}
    for at, day in enumerate(days):
        start_ms = (day - date(1970, 1, 1)).days * DAY_MS + OPENS_MS
        seq = _live_a_day(desk, journal, seq, day, start_ms, dice, unseen)
        desk.add("attribution_changedday", (desk.unit, desk.counter, day, day, 1))
        if at + 1 == len(days) or days[at + 1].month != day.month:
            _draw(desk, journal, day.replace(day=1), unseen, numbers)
            yield desk
            desk.rows.clear()
    desk.add("ingest_journal", (desk.unit, journal, desk.kiosk, journal.encode(), seq, seq))
    desk.add("votes_understanding", (desk.unit, journal, 1, seq))
    desk.add("attribution_attributedjournal", (desk.unit, journal, 1, seq))
    yield desk
    desk.rows.clear()


class _Numbers:
    """Numbers of cells and blocks within a unit: every desk counts in a range of its own."""

    def __init__(self, desk: int) -> None:
        self.cell = self.block = desk * 10**7


def _live_a_day(
    desk: Desk, journal: str, seq: int, day: date, start_ms: int, dice: random.Random,
    unseen: dict[str, list[Row]],
) -> int:  # fmt: skip
    ratings = dice.choices(RATINGS, WEIGHTS, k=VOTES_A_DAY)
    half = VOTES_A_DAY // 2
    duty = 0
    for place, rating in enumerate(ratings):
        at_ms = start_ms + place * APART_MS
        official = desk.officials()[place >= half]
        if place in (0, half):
            seq += 1
            duty = seq
            until_ms = at_ms + half * APART_MS - 1_000
            _sign_in(desk, journal, duty, official, at_ms - 1_000, until_ms)
        seq += 1
        reasons = REASONS[dice.randrange(len(REASONS))] if dice.random() < 0.1 else ""
        procedure = PROCEDURES[dice.randrange(len(PROCEDURES))] if dice.random() < 0.25 else ""
        desk.add("votes_vote", (
            desk.unit, journal, seq, desk.kiosk, at_ms, at_ms, "exact", at_ms + 2_000, 1, rating,
            rating, "vn5", "button", "", False, False, duty, True, "", reasons, "",
        ))  # fmt: skip
        desk.add("attribution_attribution", (
            desk.unit, journal, seq, desk.counter, official, "duty", "", "counted", procedure,
            day, day,
        ))  # fmt: skip
        unseen[official].append((seq, rating, at_ms + 2_000))
    return seq


def _sign_in(desk: Desk, journal: str, seq: int, official: str, at_ms: int, until_ms: int) -> None:
    desk.add("votes_duty", (
        desk.unit, journal, seq, desk.kiosk, at_ms, at_ms, "exact", at_ms + 2_000, 1, official,
        "pin", seq + VOTES_A_DAY // 2, until_ms, until_ms, "official",
    ))  # fmt: skip
    desk.add("attribution_counterduty", (
        desk.unit, journal, seq, desk.counter, official, at_ms, at_ms, until_ms, until_ms,
    ))  # fmt: skip


def _draw(
    desk: Desk, journal: str, month: date, unseen: dict[str, list[Row]], numbers: _Numbers
) -> None:
    """Blocks of five of each official's votes; what is left over was never shown."""
    for official, votes in unseen.items():
        numbers.cell += 1
        fives = [votes[at : at + 5] for at in range(0, len(votes) - 4, 5)]
        shown = [rating for five in fives for _, rating, _ in five]
        desk.add("analytics_shown", (
            desk.unit, numbers.cell, desk.counter, official, month, month, *_counts(shown),
            0, 0, 0, 0, 0, True,
        ))  # fmt: skip
        for five in fives:
            numbers.block += 1
            desk.add("analytics_block", (
                desk.unit, numbers.block, numbers.cell, True, five[-1][2],
                *_counts([rating for _, rating, _ in five]),
            ))  # fmt: skip
            for seq, rating, _ in five:
                desk.add("analytics_shownvote", (
                    desk.unit, journal, seq, numbers.block, rating, numbers.cell,
                ))  # fmt: skip
        votes.clear()


def _counts(ratings: list[int]) -> tuple[int, ...]:
    return tuple(ratings.count(rating) for rating in range(1, 6))
