"""Attribution by hand: each vote decided slowly and plainly from all facts as they stand at the
end, by no code of the server's stage. Only when a line was written is taken from elsewhere, for
tests/server/votes holds that against the protocol."""

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.server.votes.river import Station

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FOREVER = 2**62


class Begun(NamedTuple):
    """A duty at a counter: when it may have begun and ended, and whose it is."""

    low: int
    high: int
    until_low: int
    until: int
    official: str
    basis: str
    journal: str
    seq: int


@dataclass
class Facts:
    """Everything that was told, each kind in its order. Counters by number, 0: none."""

    known: set[str] = field(default_factory=set)
    placed: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    asking: set[int] = field(default_factory=set)
    posted: list[Any] = field(default_factory=list)  # (ms, counter, official, basis), "" ends
    rulings: list[tuple[int, int, int, str]] = field(default_factory=list)  # in force at the end
    dossiers: dict[str, tuple[str, str]] = field(default_factory=dict)
    shifts: list[tuple[int, int, int, str]] = field(default_factory=list)
    choices: list[tuple[int, bool]] = field(default_factory=list)  # (ms, do shifts count), in turn


def midnight_after(ms: int) -> int:
    day = dt.datetime.fromtimestamp(ms / 1000, ZONE).date() + dt.timedelta(days=1)
    return int(dt.datetime.combine(day, dt.time(), ZONE).timestamp()) * 1000


def day_of(ms: int) -> str:
    return str(dt.datetime.fromtimestamp(ms / 1000, ZONE).date())


class Reader:
    """Decides the votes of some kiosks."""

    def __init__(self, facts: Facts, stations: list[Station]) -> None:
        self.facts = facts
        self.lines = [[json.loads(line) for line in s.kiosk.lines] for s in stations]
        self.times = [_times(station) for station in stations]
        self.begun: dict[int, list[Begun]] = {}
        for kiosk in range(len(stations)):
            self._sign_ins(kiosk)
        self._posts()

    def verdicts(self) -> dict[tuple[int, int], tuple[Any, ...]]:
        """(kiosk, seq) -> counter, official, basis, why, procedure, first and last day."""
        return {
            (kiosk, line["seq"]): self._decide(kiosk, line)
            for kiosk, lines in enumerate(self.lines)
            for line in lines
            if line["type"] == "vote"
        }

    # -- where ---------------------------------------------------------------------------------

    def _stood(self, kiosk: int, ms: int) -> int:
        said = [c for c, low, high in self.facts.placed[kiosk] if low <= ms < high]
        return said[-1] if said else 0

    def _stood_all(self, kiosk: int, low: int, high: int) -> set[int]:
        edges = {e for _, a, b in self.facts.placed[kiosk] for e in (a, b) if low < e <= high}
        return {self._stood(kiosk, ms) for ms in {low, *edges}}

    def _leaves(self, kiosk: int, ms: int) -> int:
        """When it stands elsewhere next."""
        here = self._stood(kiosk, ms)
        edges = sorted(e for _, a, b in self.facts.placed[kiosk] for e in (a, b) if e > ms)
        return next((e for e in edges if self._stood(kiosk, e) != here), FOREVER)

    # -- who was on duty -----------------------------------------------------------------------

    def _sign_ins(self, kiosk: int) -> None:
        lines, times = self.lines[kiosk], self.times[kiosk]
        for at, line in enumerate(lines):
            if line["type"] != "duty.started":
                continue
            low, high, _ = times[line["seq"]]
            stood = self._stood_all(kiosk, low, high)
            if len(stood) != 1 or stood == {0}:
                continue
            until_low, until = midnight_after(low), midnight_after(high)
            leaves = self._leaves(kiosk, low)
            ended = _end_of(line["seq"], lines[at + 1 :])
            ends = [(leaves, leaves)]
            if ended is not None:
                ends.append(times[ended][:2])
            for a, b in ends:
                until_low, until = min(until_low, a), min(until, b)
            self.begun.setdefault(stood.pop(), []).append(
                Begun(low, high, until_low, until, line["data"]["official"], "duty",
                      line["journal"], line["seq"])
            )  # fmt: skip

    def _posts(self) -> None:
        posted = self.facts.posted
        for number, (ms, counter, official, basis) in enumerate(posted, 1):
            if not official:
                continue
            until = midnight_after(ms)
            for later, elsewhere, other, _ in posted[number:]:
                if elsewhere == counter or other == official:
                    until = min(until, later)
                    break
            one = Begun(ms, ms, until, until, official, basis, "", number)
            self.begun.setdefault(counter, []).append(one)

    def _holder(self, counter: int, ms: int) -> tuple[str, str] | None:
        """Official and basis, ("", "") nobody, None: it cannot be told."""
        today = midnight_after(midnight_after(ms) - 36 * 3_600_000)  # a day may have 23 or 25 hours
        begun = [b for b in self.begun.get(counter, []) if b.low <= ms and b.high >= today]
        certain = [b for b in begun if b.high <= ms]

        def over(one: Begun, other: Begun) -> bool:
            """Whether `other` began after `one` for certain."""
            if one.journal == other.journal:
                return other.seq > one.seq
            key = (one.high, one.low, one.journal, one.seq)
            return one.high <= other.low and key < (other.high, other.low, other.journal, other.seq)

        latest = [b for b in begun if not any(over(b, c) for c in certain if c is not b)]
        named: set[tuple[str, str] | None] = {("", "")} if not certain else set()
        for one in latest:
            if ms < one.until_low:
                named.add((one.official, one.basis))
            else:
                named.add(("", "") if ms >= one.until else None)
        if None in named or len({name[0] for name in named if name}) != 1:
            return None
        found = [name for name in named if name]
        return min(found, key=lambda name: ["duty", "desk", "board", ""].index(name[1]))

    # -- the vote ------------------------------------------------------------------------------

    def _decide(self, kiosk: int, line: dict[str, Any]) -> tuple[Any, ...]:
        data = line["data"]
        low, high, quality = self.times[kiosk][line["seq"]]
        stood = self._stood_all(kiosk, low, high)
        counter, why = self._place(kiosk, data["counter"], stood)
        shown = self._signed(kiosk, line)
        named = data["duty"] is not None
        signed = shown
        if (
            data["counter"] is not None
            and shown is not None
            and stood - {0} != {_number(data["counter"])}
        ):
            signed, named = None, False
        handled, procedure = self.facts.dossiers.get((data["dossier"] or "").strip(), ("", ""))
        official, basis, why = self._who(
            counter, why, shown, signed, named, handled, data["not_official"], (low, high, quality)
        )
        return counter, official, basis, why, procedure, day_of(low), day_of(high)

    def _place(self, kiosk: int, named: str | None, stood: set[int]) -> tuple[int, str]:
        if named is not None:
            number = _number(named)
            return (number, "") if number in (1, 2) else (0, "no-placement")
        if kiosk in self.facts.asking:
            return 0, "counter-forgotten"
        if len(stood) == 1 and stood != {0}:
            return min(stood), ""
        return 0, "no-placement" if stood == {0} else "clock-uncertain"

    def _signed(self, kiosk: int, line: dict[str, Any]) -> str | None:
        """The official of the duty that it names, if that was in force."""
        duty = line["data"]["duty"]
        in_force = None
        for earlier in self.lines[kiosk][: line["seq"] - 1]:
            if earlier["type"] == "duty.started":
                in_force = earlier["seq"]
            elif earlier["type"] == "duty.ended" and earlier["data"]["duty"] == in_force:
                in_force = None
        if duty is None or duty != in_force:
            return None
        return str(self.lines[kiosk][duty - 1]["data"]["official"])

    def _who(
        self, counter: int, why: str, shown: str | None, signed: str | None, named: bool,
        handled: str, other: bool, time: tuple[int, int, str],
    ) -> tuple[str, str, str]:  # fmt: skip
        low, high, quality = time
        for at, from_ms, to_ms, official in self.facts.rulings:
            if counter and at == counter and from_ms <= low and high < to_ms:
                if not official:
                    return "", "ruling", "ruled-nobody"
                if not (other and official == shown):
                    return official, "ruling", ""
        if handled in self.facts.known and not (other and handled == shown):
            return handled, "dossier", ""
        if other:
            return "", "none", "not-official"
        if signed is not None and why != "counter-forgotten":
            return self._if_known(signed, "duty")
        if why:
            return "", "none", why
        holder = None if quality == "interval" else self._holder(counter, low)
        if holder is None:
            return "", "none", "clock-uncertain"
        if holder[0]:
            return self._if_known(*holder)
        for at, from_ms, to_ms, official in self.facts.shifts:
            if at == counter and from_ms <= low < to_ms and self._counts(from_ms):
                return official, "shift", ""
        return "", "none", "duty-unknown" if named else "nobody-signed-in"

    def _counts(self, began: int) -> bool:
        """Whether shifts counted when this one began: what was chosen last, until then."""
        said = [count for ms, count in self.facts.choices if ms <= began]
        return said[-1] if said else False

    def _if_known(self, official: str, basis: str) -> tuple[str, str, str]:
        known = official in self.facts.known
        return (official, basis, "") if known else ("", "none", "unknown-official")


def _number(counter: str) -> int:
    return int(counter[-1])


def _end_of(duty: int, lines: list[dict[str, Any]]) -> int | None:
    """The line that ends it: its own duty.ended or the next sign-in."""
    for line in lines:
        if line["type"] == "duty.started":
            return int(line["seq"])
        if line["type"] == "duty.ended" and line["data"]["duty"] == duty:
            return int(line["seq"])
    return None


def _times(station: Station) -> dict[int, tuple[int, int, str]]:
    from server.votes.audit import follow_journal

    _, times = follow_journal(station.unit, station.kiosk.journal, len(station.kiosk.lines))
    if times is None:
        return {}
    return {seq: (cast.low_ms, cast.high_ms, cast.quality) for seq, cast in times.casts.items()}
