"""Who was on duty at a counter through a day, and how each duty began and ended: what pages tell.

Nothing here knows a vote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from server.attribution.desk import Desk, desk_of
from server.attribution.effective import Stand, Watch
from server.attribution.facts import Ruled, planned_at, rulings_between, stands_of
from server.attribution.models import PostedDuty
from server.attribution.verdicts import VACANT
from server.organisation.models import Shift
from server.organisation.selectors import counters_of, shifts_of
from server.votes.models import Duty

GOES_ON: Final = "goes-on"
Key = tuple[str, int]  # of a stand: journal and seq


class Served(NamedTuple):
    """One official's duty at a counter, as it was entered.

    It began in [low_ms, high_ms] and was over in [until_low_ms, until_ms]: one instant each, but
    where the kiosk's clock leaves it open. basis: duty | desk | board. by: how it began: badge,
    pin, qr, remote, desk, board. ended: official (signed out), next (another signed in on the same
    kiosk), idle, closing, restart, journal (the kiosk began a new one), moved (the kiosk stood
    elsewhere from then on), midnight, posted (on the board or at a work PC) or goes-on. number: of
    a posted duty, else 0.
    """

    counter: str
    official: str
    basis: str
    by: str
    low_ms: int
    high_ms: int
    until_low_ms: int
    until_ms: int
    ended: str
    kiosk: str = ""
    number: int = 0


class Stretch(NamedTuple):
    """[from_ms, to_ms) of a day at a counter, in which a vote without a duty of its own is about
    `official`: "" nobody, None: the clocks leave open who it was.

    basis: ruling | duty | desk | board | shift | none. why: as of a vote (verdicts.py), else "".
    served: the duty that counts; several where the clocks leave it open. also: officials whose duty
    on another kiosk goes on, though the counter was taken over: votes that name it are still about
    them. ended: as in Served; or taken-over (somebody signed in at the counter), ruling, shift.
    """

    from_ms: int
    to_ms: int
    official: str | None
    basis: str
    why: str
    served: tuple[Served, ...]
    also: tuple[str, ...]
    ended: str = ""


class Post(NamedTuple):
    """A counter on today's board. official, basis, served: as in Stretch, now; planned: who is by
    the roster, whether shifts count or not."""

    counter: str
    number: int
    name: str
    official: str | None
    basis: str
    served: tuple[Served, ...]
    also: tuple[str, ...]
    planned: str = ""


def watch_of_day(*, unit: str, counter: str, date: date, now_ms: int) -> list[Stretch]:
    """Who was on duty at a counter of the unit from midnight to midnight, or until now."""
    desk = desk_of(unit)
    begin, end = desk.begin(date), desk.begin(date + timedelta(days=1))
    return _days(desk, [counter], begin, min(end, max(now_ms, begin)))[counter].stretches()


def board(*, unit: str, now_ms: int) -> list[Post]:
    """Who is on duty at each counter of the unit now, by the counters' numbers."""
    desk = desk_of(unit)
    counters = counters_of(unit)
    days = _days(desk, [row.code for row in counters], desk.day_begin(now_ms), now_ms + 1)
    planned = {shift.counter: shift.official for shift in shifts_of(unit, None, now_ms, now_ms + 1)}
    posts = []
    for row in counters:
        now = days[row.code].at(now_ms)
        post = Post(row.code, row.number, row.name, now.official, now.basis, now.served, now.also)
        posts.append(post._replace(planned=planned.get(row.code, "")))
    return posts


def duties_of(
    *, official: str, units: Sequence[str], first: date, last: date, now_ms: int
) -> list[Served]:
    """An official's duties in some units that began on the local days first … last, by time."""
    found: list[Served] = []
    for unit in units:
        desk = desk_of(unit)
        begin, end = desk.begin(first), desk.begin(last + timedelta(days=1))
        stands = stands_of({unit: desk}, sorted(desk.counters), begin, end - 1)
        own = {
            spot: [stand for stand in each if stand.official == official]
            for spot, each in stands.items()
        }
        found += _served(desk, own, now_ms).values()
    return sorted(found, key=lambda one: (one.low_ms, one.counter))


def served_at(desk: Desk, counter: str, ms: int, now_ms: int) -> tuple[Served, ...]:
    """The duty that counts at a counter at an instant; several where the clocks leave it open."""
    begin = desk.day_begin(ms)
    return _days(desk, [counter], begin, max(now_ms, ms + 1))[counter].at(ms).served


def served_by_line(
    desk: Desk, journal: str, seq: int, counter: str, now_ms: int
) -> tuple[Served, ...]:
    """The duty that a line began, though it may have lasted longer than its day."""
    line = Duty.objects.filter(unit=desk.unit, journal=journal, seq=seq).first()
    if line is None:
        return ()
    over = line.ended_low_ms, line.ended_ms
    low, high = (now_ms, now_ms) if over[0] is None or over[1] is None else (over[0], over[1])
    return (
        Served(counter, line.official, "duty", line.by, line.low_ms, line.high_ms, low, high,
               line.ended_by or GOES_ON, kiosk=line.kiosk),
    )  # fmt: skip


def _days(desk: Desk, counters: Sequence[str], begin: int, until: int) -> dict[str, "_Day"]:
    """The same day at some counters; six queries at most for all."""
    unit = desk.unit
    stands = stands_of({unit: desk}, counters, begin, desk.day_end(begin) - 1)
    served = _served(desk, stands, until)
    rulings = rulings_between([unit], begin, until)
    return {
        counter: _Day(
            desk, counter, begin, until,
            {(s.journal, s.seq): served[s.journal, s.seq] for s in stands.get((unit, counter), ())},
            stands.get((unit, counter), []), rulings.get((unit, counter), []),
        )
        for counter in counters
    }  # fmt: skip


@dataclass
class _Day:
    """A counter's day with everything that tells who served, cut at `until`."""

    desk: Desk
    counter: str
    begin: int
    until: int
    served: dict[Key, Served]
    stands: list[Stand]
    rulings: list[Ruled]

    def __post_init__(self) -> None:
        self.watch = Watch(self.stands)

    def stretches(self) -> list[Stretch]:
        """In order, each as long as can be."""
        shifts = shifts_of(self.desk.unit, self.counter, self.begin, self.until)
        cuts = self._cuts(shifts)
        planned = planned_at({self.desk.unit: [(self.counter, ms) for ms in cuts[:-1]]})
        found: list[Stretch] = []
        for from_ms, to_ms in pairwise(cuts):
            one = self.at(from_ms)._replace(to_ms=to_ms)
            shift = planned.get((self.counter, from_ms))
            if one.why == VACANT[0] and shift:
                one = one._replace(official=shift, basis="shift", why="")
            if found and found[-1][2:] == one[2:]:
                found[-1] = found[-1]._replace(to_ms=to_ms)
            else:
                found.append(one)
        following = [*found[1:], None]
        return [
            one._replace(ended=self._how(one, after))
            for one, after in zip(found, following, strict=True)
        ]

    def at(self, ms: int) -> Stretch:
        """An instant of it."""
        latest = self.watch.latest_at(ms, since=self.begin)
        served = tuple(sorted(self.served[one.journal, one.seq] for one in latest))
        also = self._also(ms, served)
        for ruled in self.rulings:
            if ruled.from_ms <= ms < ruled.to_ms:
                why = "" if ruled.official else "ruled-nobody"
                return Stretch(ms, ms + 1, ruled.official, "ruling", why, (), also)
        hold = self.watch.hold_at(ms, since=self.begin)
        if hold is None:
            return Stretch(ms, ms + 1, None, "none", "clock-uncertain", served, also)
        if not hold.official:
            return Stretch(ms, ms + 1, "", "none", "nobody-signed-in", (), also)
        return Stretch(ms, ms + 1, hold.official, hold.basis, "", served, also)

    def _also(self, ms: int, latest: Sequence[Served]) -> tuple[str, ...]:
        """Whose duties on kiosks go on, though another was taken up at the counter since."""
        going = {
            one.official
            for one in self.served.values()
            if one.basis == "duty" and one.high_ms <= ms < one.until_low_ms and one not in latest
        }
        return tuple(sorted(going - {one.official for one in latest}))

    def _cuts(self, shifts: Sequence[Shift]) -> list[int]:
        """Every instant of the day at which anything can change, its begin and its end."""
        cuts = {self.begin, self.until}
        for one in self.served.values():
            cuts |= {one.low_ms, one.high_ms, one.until_low_ms, one.until_ms}
        for ruled in self.rulings:
            cuts |= {ruled.from_ms, ruled.to_ms}
        for shift in shifts:
            cuts |= {shift.started_ms, shift.ended_ms}
        return sorted(ms for ms in cuts if self.begin <= ms <= self.until)

    def _how(self, one: Stretch, following: Stretch | None) -> str:
        if following is None:
            return GOES_ON if self.until < self.desk.day_end(self.begin) else "midnight"
        if following.basis == "ruling" or one.basis == "ruling":
            return "ruling"
        ends = [served.ended for served in one.served if served.until_ms == one.to_ms]
        if ends:
            return ends[0]
        return "shift" if "shift" in (one.basis, following.basis) else "taken-over"


def _served(
    desk: Desk, stands: Mapping[tuple[str, str], Sequence[Stand]], now_ms: int
) -> dict[Key, Served]:
    """The stands with how they began and ended, in two queries."""
    keys = [(counter, stand) for (_, counter), each in stands.items() for stand in each]
    lines = _lines(desk.unit, [stand for _, stand in keys])
    numbers = [stand.seq for _, stand in keys if not stand.journal]
    posted = PostedDuty.objects.filter(unit=desk.unit, number__in=numbers) if numbers else ()
    by_number = {duty.number: duty for duty in posted}
    found = {}
    for counter, stand in keys:
        if stand.journal:
            one = _of_kiosk(desk, counter, stand, lines[stand.journal, stand.seq])
        else:
            one = _of_post(desk, stand, by_number[stand.seq])
        goes_on = one.ended == "midnight" and now_ms < one.until_ms
        found[stand.journal, stand.seq] = one._replace(ended=GOES_ON) if goes_on else one
    return found


def _lines(unit: str, stands: Sequence[Stand]) -> dict[Key, Duty]:
    journals = {stand.journal for stand in stands} - {""}
    seqs = {stand.seq for stand in stands if stand.journal}
    rows = Duty.objects.filter(unit=unit, journal__in=journals, seq__in=seqs)
    return {(duty.journal, duty.seq): duty for duty in rows} if journals else {}


def _of_kiosk(desk: Desk, counter: str, stand: Stand, line: Duty) -> Served:
    until_low, until = stand.until_low_ms or 0, stand.until_ms or 0
    if line.ended_ms == until:
        ended = line.ended_by
    else:
        ended = "midnight" if until == desk.day_end(stand.high_ms) else "moved"
    return Served(
        counter, stand.official, "duty", line.by, stand.low_ms, stand.high_ms, until_low, until,
        ended, kiosk=line.kiosk,
    )  # fmt: skip


def _of_post(desk: Desk, stand: Stand, duty: PostedDuty) -> Served:
    until = stand.until_ms or 0
    return Served(
        duty.counter, duty.official, duty.basis, duty.basis, stand.low_ms, stand.high_ms, until,
        until, "posted" if duty.ended_ms == until else "midnight", number=duty.number,
    )  # fmt: skip
