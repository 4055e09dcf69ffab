"""Whom each vote is about, by what the log proves: lines, placements, posted duties, rulings.

What the log does not hold (dossiers, rosters, who is an official, which kiosks ask for a counter)
may move a vote from here; bases.py says how many, and that no more moved than could.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from auditor.evidence import FOREVER, Evidence, Spot, Stand
from auditor.figures import Days, Period
from auditor.journals import Journal
from auditor.table import Table
from auditor.votes import Cast, count_votes, sign_ins

BASES = ("duty", "desk", "board", "")
VACANT = ("nobody-signed-in", "duty-unknown")


class Begun(NamedTuple):
    """A duty at a counter, begun in [low, high], over in [until_low, until]. journal "": posted."""

    high: int
    low: int
    journal: str
    seq: int
    official: str
    basis: str
    until_low: int
    until: int


class Decided(NamedTuple):
    """A vote's place, official, basis and why, in the server's words; days as ISO dates."""

    unit: str
    counter: str
    official: str
    basis: str
    why: str
    first: str
    last: str
    cast: Cast
    placed: bool  # whether any record says where its kiosk stood


class Midnights(Days):
    """Local dates, and when the next begins."""

    def after(self, ms: int) -> int:
        """The end of the local day."""
        day = self.date(ms) + dt.timedelta(days=1)
        return int(dt.datetime.combine(day, dt.time(), self.zone).timestamp()) * 1000

    def begin(self, ms: int) -> int:
        """Its beginning."""
        at = dt.datetime.combine(self.date(ms), dt.time(), self.zone)
        return int(at.timestamp()) * 1000


class Decider:
    """Decides the votes of some journals."""

    def __init__(
        self, journals: list[Journal], table: Table, evidence: Evidence, zone: ZoneInfo
    ) -> None:
        self.journals, self.table, self.evidence = journals, table, evidence
        self.days = Midnights(zone)
        self._begun: defaultdict[tuple[Spot, dt.date], list[Begun]] = defaultdict(list)
        for journal in journals:
            self._take_sign_ins(journal)
        for spot, posts in evidence.posts.items():
            for post in posts:
                until = min(post.high, self.days.after(post.low))
                self._add(spot, Begun(post.low, post.low, "", post.number, post.official,
                                      post.basis, until, until))  # fmt: skip

    def votes(self, period: Period) -> Iterator[Decided]:
        """Those whose time the period holds."""
        for journal in self.journals:
            stands = self.evidence.stands.get(journal.kiosk, [])
            for cast in count_votes(journal, self.table):
                first, last = self.days.date(cast.low_ms), self.days.date(cast.high_ms)
                if period.holds(first) and period.holds(last):
                    who = self._decide(journal, stands, cast)
                    days = str(first), str(last)
                    yield Decided(journal.unit, *who, *days, cast, bool(stands))

    def _decide(
        self, journal: Journal, stands: list[Stand], cast: Cast
    ) -> tuple[str, str, str, str]:
        record, low, high = cast.record, cast.low_ms, cast.high_ms
        stood = stood_at(stands, low, high)
        counter, why = record.counter or "", ""
        if not counter:
            counter = min(stood) if len(stood) == 1 else ""
            if not counter:
                why = "no-placement" if stood == {""} else "clock-uncertain"
        for ruled in self.evidence.rulings.get((journal.unit, counter), ()) if counter else ():
            if ruled.low <= low and high < ruled.high:
                if not ruled.official:
                    return counter, "", "ruling", "ruled-nobody"
                if not (record.not_official and ruled.official == cast.shown):
                    return counter, ruled.official, "ruling", ""
        if record.not_official:
            return counter, "", "none", "not-official"
        elsewhere = bool(record.counter) and stood - {""} != {record.counter}
        if cast.shown and not elsewhere:
            return counter, cast.shown, "duty", ""
        if why:
            return counter, "", "none", why
        hold = None if cast.quality == "i" else self._hold((journal.unit, counter), low)
        if hold is None:
            return counter, "", "none", "clock-uncertain"
        if hold[0]:
            return counter, *hold, ""
        # A duty that counts for another counter is as if it had not been named.
        named = record.duty is not None and not (cast.shown and elsewhere)
        return counter, "", "none", VACANT[named]

    def _hold(self, spot: Spot, ms: int) -> tuple[str, str] | None:
        """Official and basis, ("", "") nobody, None: the clocks leave it open."""
        begin = self.days.begin(ms)
        begun = [
            one for one in self._begun.get((spot, self.days.date(ms)), ())
            if one.low <= ms and one.high >= begin
        ]  # fmt: skip
        certain = [one for one in begun if one.high <= ms]
        named: set[tuple[str, str]] = set() if certain else {("", "")}
        for one in begun:
            if any(_followed(one, other) for other in certain if other is not one):
                continue
            if one.until_low <= ms < one.until:
                return None
            named.add((one.official, one.basis) if ms < one.until_low else ("", ""))
        if len({official for official, _ in named}) != 1:
            return None
        return min(named, key=lambda hold: BASES.index(hold[1]))

    def _take_sign_ins(self, journal: Journal) -> None:
        stands = self.evidence.stands.get(journal.kiosk, [])
        for one in sign_ins(journal, self.table):
            low, high = one.began
            stood = stood_at(stands, low, high)
            if len(stood) != 1 or stood == {""}:
                continue
            counter = min(stood)
            leaves = min((edge for edge in _edges(stands, low, FOREVER)
                          if stood_at(stands, edge, edge) != stood), default=FOREVER)  # fmt: skip
            over = one.ended or (FOREVER, FOREVER)
            self._add((journal.unit, counter), Begun(
                high, low, journal.name, one.seq, one.official, "duty",
                min(self.days.after(low), leaves, over[0]),
                min(self.days.after(high), leaves, over[1]),
            ))  # fmt: skip

    def _add(self, spot: Spot, begun: Begun) -> None:
        """Under every day on which it may have begun."""
        day, last = self.days.date(begun.low), self.days.date(begun.high)
        while day <= last:
            self._begun[spot, day].append(begun)
            day += dt.timedelta(days=1)


def stood_at(stands: list[Stand], low: int, high: int) -> set[str]:
    """The counters of a kiosk in [low, high], "" for none: what was said last counts."""
    return {
        next((one.counter for one in reversed(stands) if one.low <= ms < one.high), "")
        for ms in (low, *_edges(stands, low, high))
    }


def _edges(stands: list[Stand], low: int, high: int) -> list[int]:
    return [edge for one in stands for edge in one[1:] if low < edge <= high]


def _followed(one: Begun, other: Begun) -> bool:
    """Whether `other`, which has begun, began after `one` for certain."""
    if one.journal == other.journal:
        return other.seq > one.seq
    return one.high <= other.low and one[:4] < other[:4]
