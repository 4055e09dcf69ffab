"""The rules that doubt votes: which of one kiosk's votes of a local day, and which they hold. Pure.

Thresholds, reasons and what each rule can be misused for: docs/flags.md.

Of votes that stand together (burst, rhythm) the first of each rating is never held. So a
crowd of presses can hold back no answer but its own repetitions: whoever mashes around somebody
else's vote leaves one vote of that rating in the count. A repeat alone holds nothing: whoever
pressed right after a citizen would read off the counts whether both ratings are alike.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from server.analytics.methods.rhythm import BURSTS, EVEN, bursts, level_mix

RULES_VERSION: Final = 2

REPEAT_MS: Final = 10_000  # the kiosk's own window in which two presses are one citizen's
EVEN_PAIRS: Final = 6  # so many pairs of neighbouring gaps that differ by less than 2 %, in a row
EVEN_BELOW_MS: Final = 300_000  # longer gaps may be appointments
EDGE_MS: Final = 20_000  # nobody is served that soon after the official signed in
GRACE_MS: Final = 1_800_000  # whoever was served last may vote half an hour after closing
CROWD: Final = ((8, 600_000),)  # looser than a burst; a family of seven is none
ODD_P: Final = 1e-5
USUAL_DAYS: Final = 30
USUAL_FROM: Final = 100  # votes of those days; fewer say little of what is usual

REPEAT, BURST, AFTER_HOURS, OVER_SERVED = "repeat", "burst", "after-hours", "over-served"
EDGE, ODD, RHYTHM = "sign-in-edge", "rating-burst", "rhythm"


class Rule(NamedTuple):
    """holds: votes that it doubts are not counted until people decide. says: for the CSV."""

    holds: bool
    says: str


RULES: Final[dict[str, Rule]] = {
    REPEAT: Rule(False, "the rating of the vote before it, within 10 s of it, at one kiosk"),
    BURST: Rule(True, "5 votes within 20 s, or 9 within 150 s, of one kiosk"),
    RHYTHM: Rule(True, "8 votes at even gaps below 5 min, each within 2 % of the one before"),
    AFTER_HOURS: Rule(True, "more than 30 min outside the kiosk's opening hours, or on a holiday"),
    OVER_SERVED: Rule(False, "of a counter's day with more votes than citizens served + 1"),
    EDGE: Rule(False, "within 20 s after an official signed in on that kiosk"),
    ODD: Rule(False, "of 8 or more within 10 min whose ratings differ from its 30 days, p < 1e-5"),
}
Span = tuple[int, int]
Flags = dict[int, dict[str, bool]]  # of the votes by place: each flag, and whether it holds


@dataclass(frozen=True)
class KioskDay:
    """One kiosk's votes of a local day whose instants are known, in their order.

    open: merged stretches of unix ms in which the counter was open, GRACE_MS included; None: nobody
    said. sign_ins: when officials signed in on this kiosk.
    """

    times: Sequence[int]
    ratings: Sequence[int]
    open: Sequence[Span] | None = None
    sign_ins: Sequence[int] = ()


def flag_day(day: KioskDay) -> Flags:
    """What each vote is flagged with, by its place; odd_votes and is_over_served need more."""
    found: Flags = {}
    for at in _repeats(day.times, day.ratings):
        _mark(found, at, REPEAT, False)
    for flag, runs in ((BURST, _bursts(day.times)), (RHYTHM, _even_runs(day.times))):
        for run in runs:
            first = _first_of_each(day.ratings, run)
            for at in run:
                _mark(found, at, flag, at not in first)
    for at in _after_hours(day):
        _mark(found, at, AFTER_HOURS, True)
    for at in _at_edges(day):
        _mark(found, at, EDGE, False)
    return found


def crowds(times: Sequence[int]) -> list[range]:
    """Where votes crowd: the only places in which an odd mix of ratings is looked for."""
    return _dense(times, CROWD)


def odd_votes(ratings: Sequence[int], crowded: Sequence[range], usual: Sequence[int]) -> list[int]:
    """The places of the votes in crowds whose ratings are not the usual mix. usual: how many of
    each rating 1..5 in the thirty days before."""
    if sum(usual) < USUAL_FROM:
        return []
    found: list[int] = []
    for run in crowded:
        here = [ratings[at] for at in run]
        p = level_mix([here.count(rating) for rating in range(1, 6)], usual).p
        if p is not None and p < ODD_P:
            found += run
    return found


def is_over_served(votes: int, served: int | None) -> bool:
    """Whether a counter's day has more votes than citizens served there, and one. served: None or
    below 0 where nobody counted."""
    return served is not None and served >= 0 and votes > served + 1


def _mark(found: Flags, at: int, flag: str, held: bool) -> None:
    found.setdefault(at, {})[flag] = held


def _repeats(times: Sequence[int], ratings: Sequence[int]) -> list[int]:
    return [
        at
        for at, (a, b, x, y) in enumerate(
            zip(times, times[1:], ratings, ratings[1:], strict=False), 1
        )
        if b - a < REPEAT_MS and x == y
    ]


def _bursts(times: Sequence[int]) -> list[range]:
    return _dense(times, BURSTS)


def _dense(times: Sequence[int], rules: Sequence[Span]) -> list[range]:
    """Neighbours that are each one of so many within so many ms."""
    if not any(
        b - a <= within
        for many, within in rules
        for a, b in zip(times, times[many - 1 :], strict=False)
    ):
        return []  # nearly every day: no vote is looked at twice
    return list(_runs(bursts(times, rules)))


def _even_runs(times: Sequence[int]) -> Iterator[range]:
    gaps = [b - a for a, b in pairwise(times)]
    even = [abs(a - b) < EVEN * max(a, b) and max(a, b) < EVEN_BELOW_MS for a, b in pairwise(gaps)]
    for run in _runs(even):
        if len(run) >= EVEN_PAIRS:
            yield range(run.start, run.stop + 2)  # pairs of gaps: two votes more


def _runs(marks: Sequence[bool]) -> Iterator[range]:
    """Where neighbours are marked."""
    start = 0
    while True in marks[start:]:
        start = marks.index(True, start)
        stop = marks.index(False, start) if False in marks[start:] else len(marks)
        yield range(start, stop)
        start = stop


def _first_of_each(ratings: Sequence[int], run: range) -> Collection[int]:
    """The first vote of each rating."""
    first: dict[int, int] = {}
    for at in run:
        first.setdefault(ratings[at], at)
    return set(first.values())


def _after_hours(day: KioskDay) -> list[int]:
    if day.open is None or not day.times:
        return []
    if len(day.open) == 1 and day.open[0][0] <= day.times[0] and day.times[-1] < day.open[0][1]:
        return []
    starts = [start for start, _ in day.open]
    return [
        at
        for at, ms in enumerate(day.times)
        if not (place := bisect_right(starts, ms)) or ms >= day.open[place - 1][1]
    ]


def _at_edges(day: KioskDay) -> Iterator[int]:
    for ms in day.sign_ins:
        yield from range(bisect_left(day.times, ms), bisect_right(day.times, ms + EDGE_MS))
