"""Which votes of some days the rules doubt: gathers what they ask for, writes nothing."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.clock import midnight_ms
from server.dossiers.served import served_on
from server.flags import reading, rules
from server.flags.reading import Day, Seen
from server.flags.rules import KioskDay
from server.fleet.hours import Hours, hours_on
from server.fleet.uptime import Span, merge, open_spans
from server.organisation.selectors import holidays_of_units, timezones_of

Vote = tuple[str, str, int]  # unit, journal, seq
Group = tuple[str, date, str | None, str]  # unit, day, counter (None: those named), kiosk


class Doubted(NamedTuple):
    """A flagged vote: where it stands, and each flag with whether it holds."""

    day: Day
    kiosk: str
    at_ms: int
    flags: dict[str, bool]


class Judged(NamedTuple):
    """votes: all of the days, each with its day's place. crowded: the days on which votes crowd."""

    days: list[Day]
    votes: list[Seen]
    doubted: dict[Vote, Doubted]
    crowded: set[Day]


def judge_days(days: Sequence[Day]) -> Judged:
    """Put all votes of these days through the rules, as everything stands now."""
    days, votes = _with_kiosks_whole(days)
    zones = timezones_of(sorted({day.unit for day in days}))
    judged = Judged(days, votes, {}, set())
    groups = _by_kiosk(days, votes)
    facts = _Facts(days, groups, zones)
    for key, seen in groups.items():
        _judge_group(judged, key, seen, facts)
    _judge_loads(judged, zones)
    return judged


def _with_kiosks_whole(days: Sequence[Day]) -> tuple[list[Day], list[Seen]]:
    """The votes, and of kiosks that serve several counters those at the others too: a thumb may
    go from one to the next."""
    votes = reading.votes_of(days)
    asking = {days[vote.place] for vote in votes if vote.named}
    more = sorted(reading.days_beside(asking) - set(days)) if asking else []
    late = [vote._replace(place=vote.place + len(days)) for vote in reading.votes_of(more)]
    return [*days, *more], votes + late


def _by_kiosk(days: Sequence[Day], votes: Sequence[Seen]) -> dict[Group, list[Seen]]:
    """The votes of a certain instant, in their order. A kiosk that was carried to another counter
    begins anew there: else what is doubted would depend on which counter's votes came first."""
    keys = [(day.unit, day.first_day, day.counter) for day in days]
    whole = [(day.unit, day.first_day, None) for day in days]
    groups: dict[Group, list[Seen]] = {}
    for vote in votes:
        if vote.low_ms == vote.high_ms:
            key: Group = (*(whole if vote.named else keys)[vote.place], vote.kiosk)
            if key in groups:
                groups[key].append(vote)
            else:
                groups[key] = [vote]
    for seen in groups.values():
        seen.sort(key=_order)
    return groups


def _order(vote: Seen) -> tuple[int, str, int]:
    return vote.low_ms, vote.journal, vote.seq


class _Facts:
    """What the rules ask beside the votes, read at once for all days."""

    def __init__(
        self, days: Sequence[Day], groups: dict[Group, list[Seen]], zones: dict[str, ZoneInfo]
    ) -> None:
        self.begins: dict[tuple[str, date], int] = {}
        for unit, day in {(unit, day) for unit, day, *_ in groups}:
            self.begins[unit, day] = midnight_ms(day, zones[unit])
        self._zones = zones
        self.signed = reading.sign_ins(
            [
                (day.unit, day.counter, begin, midnight_ms(day[2] + timedelta(1), zones[day.unit]))
                for day in days
                if (begin := self.begins.get((day.unit, day.first_day))) is not None
            ]
        )
        self._hours = hours_on({(kiosk, self.begins[unit, day]) for unit, day, _, kiosk in groups})
        dates = [day for _, day, *_ in groups]
        # What is entered afterwards holds nobody's votes: a day may have been a bad one.
        self._holidays = (
            holidays_of_units(sorted(zones), min(dates), max(dates), before=zones) if dates else {}
        )
        self._spans: dict[tuple[str, str], tuple[int, int]] = {}
        for unit, day, _, kiosk in groups:
            begin = self.begins[unit, day]
            low, high = self._spans.get((unit, kiosk), (begin, begin))
            self._spans[unit, kiosk] = min(low, begin), max(high, begin)
        self._ratings: dict[tuple[str, str], list[list[int]]] = {}

    def open(self, unit: str, day: date, kiosk: str) -> list[Span] | None:
        """When a vote may be cast there; None: nobody chose opening hours."""
        hours = self._hours.get((kiosk, self.begins[unit, day]))
        if hours is None or not hours.hours:
            return None
        return _open_on(day, hours, self._zones[unit], day in self._holidays[unit])

    def usual(self, unit: str, day: date, kiosk: str) -> list[int]:
        """How many votes of each rating the kiosk had in the thirty days before."""
        back = rules.USUAL_DAYS * 86_400_000
        if (unit, kiosk) not in self._ratings:
            low, high = self._spans[unit, kiosk]
            self._ratings[unit, kiosk] = reading.ratings_between(unit, kiosk, low - back, high)
        begin = self.begins[unit, day]
        return [
            bisect_left(times, begin) - bisect_left(times, begin - back)
            for times in self._ratings[unit, kiosk]
        ]


_open: dict[tuple[date, Hours, ZoneInfo, bool], list[Span]] = {}


def _open_on(day: date, hours: Hours, zone: ZoneInfo, holiday: bool) -> list[Span]:
    """Kiosks of a province have few kinds of hours."""
    key = day, hours, zone, holiday
    if key not in _open:
        if len(_open) > 10_000:
            _open.clear()
        spans = open_spans(
            first=day, days=1, hours=hours.hours, zone=zone, holidays=[day] if holiday else []
        )
        _open[key] = merge((a - rules.GRACE_MS, b + rules.GRACE_MS) for a, b in spans)
    return _open[key]


def _judge_group(judged: Judged, key: Group, seen: list[Seen], facts: _Facts) -> None:
    unit, date, _, kiosk = key
    times = [vote.low_ms for vote in seen]
    ratings = [vote.rating for vote in seen]
    signed: list[int] = []
    since = max(times[0] - rules.EDGE_MS, facts.begins[unit, date])
    for counter, journal in {(judged.days[vote.place].counter, vote.journal) for vote in seen}:
        known = facts.signed.get((unit, counter, journal), [])
        signed += known[bisect_left(known, since) : bisect_left(known, times[-1] + 1)]
    open_then = facts.open(unit, date, kiosk)
    found = rules.flag_day(KioskDay(times, ratings, open_then, sorted(signed)))
    if crowded := rules.crowds(times):
        judged.crowded.update(judged.days[seen[at].place] for run in crowded for at in run)
        for at in rules.odd_votes(ratings, crowded, facts.usual(unit, date, kiosk)):
            found.setdefault(at, {})[rules.ODD] = False
    for at, flags in found.items():
        vote = seen[at]
        judged.doubted[unit, vote.journal, vote.seq] = Doubted(
            judged.days[vote.place], kiosk, vote.low_ms, flags
        )


def _judge_loads(judged: Judged, zones: dict[str, ZoneInfo]) -> None:
    """Days with more votes than citizens were served."""
    loads = [0] * len(judged.days)
    for vote in judged.votes:
        loads[vote.place] += 1
    spots = [(d.unit, d.counter, d.first_day) for d in judged.days if d.first_day == d.last_day]
    served = served_on([spot for spot in spots if spot[1]], zones)
    over = {
        place
        for place, day in enumerate(judged.days)
        if day.first_day == day.last_day and rules.is_over_served(loads[place], served.get(day[:3]))
    }
    if not over:
        return
    for vote in judged.votes:
        if vote.place in over:
            day = judged.days[vote.place]
            key = day.unit, vote.journal, vote.seq
            if key not in judged.doubted:
                judged.doubted[key] = Doubted(day, vote.kiosk, vote.low_ms, {})
            judged.doubted[key].flags[rules.OVER_SERVED] = False
