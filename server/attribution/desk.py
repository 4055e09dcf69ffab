"""Deciding whom a vote is about, with what the server knows of one unit at hand.

| why               | nobody is named because |
| ----------------- | ----------------------- |
| not-official      | the citizen said that another official served: the vote is the counter's |
| counter-forgotten | the kiosk serves several counters and the vote names none: it is the unit's |
| no-placement      | the kiosk stood at no counter then, or the vote names none of this unit |
| clock-uncertain   | it is not certain when the vote was cast, or who had signed in by then |
| duty-unknown      | the vote names a duty that is not in force, and nobody else was on duty |
| nobody-signed-in  | nobody was on duty at the counter |
| unknown-official  | the official's code is not in the organisation |
| quarantined       | its line is held out until two people rule on it |
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F

from server.attribution.effective import NOBODY, Stand, Watch
from server.attribution.models import CounterDuty
from server.fleet.models import Placement
from server.fleet.selectors import several_since
from server.organisation.selectors import counter_codes_of, known_officials, timezones_of

FORGOTTEN = "counter-forgotten"
EARLIEST = 0
FOREVER = 2**62


class Cast(NamedTuple):
    """A vote as attribution sees it. official: of the duty that it names and that was in force."""

    journal: str
    seq: int
    kiosk: str
    counter: str
    low_ms: int
    high_ms: int
    quality: str
    duty_named: bool
    not_official: bool
    official: str | None


class Verdict(NamedTuple):
    """Where a vote belongs, whom it is about and why. Days are local to the unit."""

    counter: str
    official: str
    basis: str
    why: str
    first_day: date
    last_day: date


class Stay(NamedTuple):
    """A kiosk at a counter, [started_ms, ended_ms)."""

    counter: str
    started_ms: int
    ended_ms: int


class Desk:
    """What is known of one unit, read once for a transaction."""

    def __init__(self, unit: str, timezone: ZoneInfo, counters: set[str]) -> None:
        self.unit, self.timezone, self.counters = unit, timezone, counters
        self._stays: dict[str, list[Stay]] = {}
        self._asking: dict[str, list[tuple[int, bool]]] = {}
        self._officials: dict[str, bool] = {}

    def expect(self, casts: Iterable[Cast], known: "Known") -> None:
        """What was read at once for the votes of several units."""
        for cast in casts:
            self._stays[cast.kiosk] = known.stays[cast.kiosk]
            self._asking[cast.kiosk] = known.asking[cast.kiosk]
            if cast.official is not None:
                self._officials[cast.official] = cast.official in known.officials

    def day(self, ms: int) -> date:
        """The unit's local day of an instant."""
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(self.timezone).date()

    def stays(self, kiosk: str) -> list[Stay]:
        """Where a kiosk of this unit stood, by time."""
        if kiosk not in self._stays:
            self._stays |= stays_of([kiosk])
        return self._stays[kiosk]

    def stay(self, kiosk: str, low_ms: int, high_ms: int) -> tuple[Stay | None, str]:
        """The stay that holds the whole of [low_ms, high_ms], or None and why."""
        stays = self.stays(kiosk)
        for stay in stays:
            if stay.started_ms <= low_ms and high_ms < stay.ended_ms:
                return stay, ""
        touched = any(stay.started_ms <= high_ms and low_ms < stay.ended_ms for stay in stays)
        return None, "clock-uncertain" if touched else "no-placement"

    def asked_which(self, kiosk: str, low_ms: int, high_ms: int) -> bool:
        """Whether the kiosk may have asked in [low_ms, high_ms] which of several counters it was.

        By the configuration that was made last: when the kiosk took it, no line says.
        """
        if kiosk not in self._asking:
            self._asking |= several_since([kiosk])
        made = self._asking[kiosk]
        before = [several for made_ms, several in made if made_ms <= low_ms]
        meanwhile = [several for made_ms, several in made if low_ms < made_ms <= high_ms]
        return any(before[-1:] + meanwhile)

    def at_home(self, cast: Cast) -> Cast:
        """The vote, without the duty that it names if it is about another counter: whoever signs
        in at a kiosk is on duty where the kiosk stands."""
        if not cast.counter or cast.official is None:
            return cast
        stays = self.stays(cast.kiosk)
        stood = {
            s.counter for s in stays if s.started_ms <= cast.high_ms and cast.low_ms < s.ended_ms
        }
        if stood == {cast.counter}:
            return cast
        return cast._replace(official=None, duty_named=False)

    def place(self, cast: Cast) -> tuple[str, str]:
        """The counter of a vote, or "" and why: the one it names, else where its kiosk stood."""
        if cast.counter:
            known = cast.counter in self.counters
            return (cast.counter, "") if known else ("", "no-placement")
        if self.asked_which(cast.kiosk, cast.low_ms, cast.high_ms):
            return "", FORGOTTEN
        stay, why = self.stay(cast.kiosk, cast.low_ms, cast.high_ms)
        return (stay.counter if stay else ""), why

    def is_known(self, official: str) -> bool:
        """Whether the organisation has an official of this code."""
        if official not in self._officials:
            self._officials[official] = official in known_officials([official])
        return self._officials[official]


class Known(NamedTuple):
    """What the desks of several units want to know, read at once."""

    stays: dict[str, list[Stay]]
    asking: dict[str, list[tuple[int, bool]]]
    officials: set[str]


def desks_of(casts: dict[str, list[Cast]]) -> dict[str, Desk]:
    """A desk for each unit, with what its votes in `casts` ask for: five queries for all."""
    units = list(casts)
    timezones, counters = timezones_of(units), counter_codes_of(units)
    kiosks = sorted({cast.kiosk for each in casts.values() for cast in each})
    officials = {cast.official for each in casts.values() for cast in each if cast.official}
    known = Known(
        stays_of(kiosks) if kiosks else {},
        several_since(kiosks) if kiosks else {},
        known_officials(sorted(officials)) if officials else set(),
    )
    desks = {unit: Desk(unit, timezones[unit], counters[unit]) for unit in units}
    for unit, desk in desks.items():
        desk.expect(casts[unit], known)
    return desks


def desk_of(unit: str) -> Desk:
    """The desk of one unit, which asks as it goes."""
    return desks_of({unit: []})[unit]


def stays_of(kiosks: list[str]) -> dict[str, list[Stay]]:
    """Where each kiosk stood in its home unit, by time."""
    found: dict[str, list[Stay]] = {kiosk: [] for kiosk in kiosks}
    rows = Placement.objects.filter(kiosk__in=kiosks, unit=F("kiosk__unit")).order_by("started_ms")
    for kiosk, counter, started, ended in rows.values_list(
        "kiosk", "counter", "started_ms", "ended_ms"
    ):
        found[kiosk].append(Stay(counter, started, FOREVER if ended is None else ended))
    return found


def decide(desk: Desk, casts: Iterable[Cast]) -> Iterable[tuple[Cast, Verdict]]:
    """A verdict for each vote, in their order."""
    placed = [(cast, *desk.place(cast)) for cast in map(desk.at_home, casts)]
    by_clock = [(counter, cast) for cast, counter, _ in placed if counter and _needs_clock(cast)]
    watches = {
        counter: watch(
            desk.unit,
            counter,
            min(cast.low_ms for name, cast in by_clock if name == counter),
            max(cast.high_ms for name, cast in by_clock if name == counter),
        )
        for counter in {counter for counter, _ in by_clock}
    }
    for cast, counter, why in placed:
        official, why = _official(cast, watches.get(counter), why)
        if official and not desk.is_known(official):
            official, why = "", "unknown-official"
        basis = "duty" if official else "none"
        days = desk.day(cast.low_ms), desk.day(cast.high_ms)
        yield cast, Verdict(counter, official, basis, why, *days)


def watch(unit: str, counter: str, from_ms: int, to_ms: int) -> Watch:
    """The counter's duties that can matter at any instant of [from_ms, to_ms]."""
    rows = CounterDuty.objects.filter(unit=unit, counter=counter)
    # Whoever had certainly begun before this one's earliest begin is not the latest any more.
    last_before = rows.filter(high_ms__lte=from_ms).order_by("-high_ms").first()
    least = EARLIEST if last_before is None else last_before.low_ms
    return Watch(
        Stand(*row)
        for row in rows.filter(high_ms__gte=least, low_ms__lte=to_ms).values_list(
            "high_ms", "low_ms", "journal", "seq", "official", "until_low_ms", "until_ms"
        )
    )


def _needs_clock(cast: Cast) -> bool:
    return cast.official is None and not cast.not_official and cast.quality != "interval"


def _official(cast: Cast, watch: Watch | None, why: str) -> tuple[str, str]:
    """The official, or "" and why; `why` says why there is no counter."""
    if cast.not_official:
        return "", "not-official"
    if cast.official is not None and why != FORGOTTEN:
        return cast.official, ""
    if why:
        return "", why
    if cast.quality == "interval" or watch is None:
        return "", "clock-uncertain"
    holder = watch.holder_at(cast.low_ms)
    if holder is None:
        return "", "clock-uncertain"
    if holder == NOBODY:
        return "", "duty-unknown" if cast.duty_named else "nobody-signed-in"
    return holder, ""
