"""Where a unit's votes belong: its kiosks' places through time, its counters, its days."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F

from server.clock import FOREVER_MS, midnight_ms
from server.fleet.models import Placement
from server.fleet.selectors import several_since
from server.organisation.selectors import counter_codes_of, timezones_of

FORGOTTEN: Final = "counter-forgotten"


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
    dossier: str
    official: str | None


class Placed(NamedTuple):
    """A vote at its counter, or "" and why. cast.official: only if that duty is of this counter;
    shown: whom the kiosk showed to the citizen, wherever."""

    cast: Cast
    counter: str
    why: str
    shown: str | None


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
        self._midnights: dict[date, int] = {}

    def expect(self, casts: Iterable[Cast], known: "Known") -> None:
        """What was read at once for the votes of several units."""
        for cast in casts:
            self._stays[cast.kiosk] = known.stays[cast.kiosk]
            self._asking[cast.kiosk] = known.asking[cast.kiosk]

    def day(self, ms: int) -> date:
        """The unit's local day of an instant."""
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(self.timezone).date()

    def begin(self, day: date) -> int:
        """When a local day begins, unix ms."""
        if day not in self._midnights:
            self._midnights[day] = midnight_ms(day, self.timezone)
        return self._midnights[day]

    def day_begin(self, ms: int) -> int:
        """When the local day of an instant began."""
        return self.begin(self.day(ms))

    def day_end(self, ms: int) -> int:
        """When the local day of an instant is over: nobody is on duty across midnight unless they
        sign in anew, so a duty that nobody ended ends there."""
        return self.begin(self.day(ms) + timedelta(days=1))

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

    def place(self, cast: Cast) -> Placed:
        """The counter of a vote, or "" and why: the one it names, else where its kiosk stood."""
        shown, cast = cast.official, self._at_home(cast)
        if cast.counter:
            known = cast.counter in self.counters
            return Placed(cast, cast.counter if known else "", "" if known else "no-placement",
                          shown)  # fmt: skip
        if self.asked_which(cast.kiosk, cast.low_ms, cast.high_ms):
            return Placed(cast, "", FORGOTTEN, shown)
        stay, why = self.stay(cast.kiosk, cast.low_ms, cast.high_ms)
        return Placed(cast, stay.counter if stay else "", why, shown)

    def _at_home(self, cast: Cast) -> Cast:
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


class Known(NamedTuple):
    """What the desks of several units want to know, read at once."""

    stays: dict[str, list[Stay]]
    asking: dict[str, list[tuple[int, bool]]]


def desks_of(casts: dict[str, list[Cast]]) -> dict[str, Desk]:
    """A desk for each unit, with what its votes in `casts` ask for: four queries for all."""
    units = list(casts)
    timezones, counters = timezones_of(units), counter_codes_of(units)
    kiosks = sorted({cast.kiosk for each in casts.values() for cast in each})
    known = Known(stays_of(kiosks) if kiosks else {}, several_since(kiosks) if kiosks else {})
    desks = {unit: Desk(unit, timezones[unit], counters[unit]) for unit in units}
    for unit, desk in desks.items():
        desk.expect(casts[unit], known)
    return desks


def desk_of(unit: str) -> Desk:
    """The desk of one unit, which asks as it goes."""
    return desks_of({unit: []})[unit]


def stays_of(kiosks: Sequence[str]) -> dict[str, list[Stay]]:
    """Where each kiosk stood in its home unit, by time."""
    found: dict[str, list[Stay]] = {kiosk: [] for kiosk in kiosks}
    rows = Placement.objects.filter(kiosk__in=kiosks, unit=F("kiosk__unit")).order_by("started_ms")
    for kiosk, counter, started, ended in rows.values_list(
        "kiosk", "counter", "started_ms", "ended_ms"
    ):
        found[kiosk].append(Stay(counter, started, FOREVER_MS if ended is None else ended))
    return found
