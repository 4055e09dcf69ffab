"""A labelled province: honest counters, and counters where people cheat from a known day on.

For `python -m bench.detection` and its tests: journals written with protocol alone and accepted
with time handed in, as all sample data; citizens served come as a file. Who cheats where is
known, so that what the server finds can be counted.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from protocol import records
from protocol.configuration import ConfigHours
from protocol.rating import Rating
from server.fleet.choosing import set_settings
from server.fleet.chosen import Chosen
from server.fleet.services import publish_unit
from server.organisation.services import make_counter, make_official, make_unit
from server.sample import history
from server.sample.dossiers import import_rows
from server.sample.history import PastKiosk, instant

HONEST: Final = ""
BEFORE: Final = 60  # working days on which nobody cheats
SERVED: Final = 32  # citizens a counter serves a day; two of five vote
RATE: Final = 0.4
SHARES: Final = (60, 26, 8, 4, 2)  # of 5, 4, 3, 2, 1
HALF_DAYS: Final = ((time(7, 30), 4.0, 0.6), (time(13, 30), 3.5, 0.4))


@dataclass(frozen=True)
class Press:
    """A vote to come. fraud: the name of what it is part of, "" if a citizen's own."""

    at_ms: int
    rating: Rating
    fraud: str = HONEST


class Label(NamedTuple):
    """The vote in a journal's line, and what it is."""

    journal: str
    seq: int
    fraud: str


@dataclass
class Truth:
    """What was done where. counters: the fraud of each; since: the first day of fraud."""

    counters: dict[str, str]
    since: date
    labels: list[Label] = field(default_factory=list)


Day = tuple[date, list[Press], random.Random]
Trick = Callable[[date, list[Press], random.Random], list[Press]]


def stuff_slowly(day: date, presses: list[Press], chance: random.Random) -> list[Press]:
    """The official presses "very satisfied" six times a day, minutes apart."""
    at = (_moment(day, chance) for _ in range(6))
    return presses + [Press(at_ms, 5, "stuffing-slow") for at_ms in at]


def stuff_fast(day: date, presses: list[Press], chance: random.Random) -> list[Press]:
    """Once or twice a week fifteen of them within a minute."""
    if chance.random() > 0.3:
        return presses
    return presses + _run(_moment(day, chance), 15, (3_500, 4_500), (5,), "stuffing-fast", chance)


def suppress(day: date, presses: list[Press], chance: random.Random) -> list[Press]:
    """Who looks displeased is kept from the kiosk, and some others with them."""
    return [press for press in presses if chance.random() < (0.15 if press.rating <= 3 else 0.7)]


def mash(day: date, presses: list[Press], chance: random.Random) -> list[Press]:
    """A child presses everything, ten times in twelve seconds, on two days of five."""
    if chance.random() > 0.4:
        return presses
    return presses + _run(
        _moment(day, chance), 10, (900, 1_600), (1, 2, 3, 4, 5), "mashing", chance
    )


def stay_late(day: date, presses: list[Press], chance: random.Random) -> list[Press]:
    """Three votes after the office closed, half an hour apart or so."""
    start = instant(day, time(18, 20))
    late = sorted(start + chance.randrange(3_600_000) for _ in range(3))
    return presses + [Press(at_ms, 5, "after-hours") for at_ms in late]


def sabotage(day: date, presses: list[Press], chance: random.Random) -> list[Press]:
    """On three days a crowd of twenty-five gives the worst rating within the hour."""
    if day.toordinal() % 17:
        return presses
    start = _moment(day, chance)
    crowd = _run(start, 25, (40_000, 150_000), (1,), "sabotage", chance)
    return presses + crowd


def unplug(day: date, presses: list[Press], chance: random.Random) -> list[Press]:
    """The plug is pulled over the two busiest hours, on four days of five."""
    if chance.random() > 0.8:
        return presses
    low, high = instant(day, time(8, 0)), instant(day, time(10, 0))
    return [press for press in presses if not low <= press.at_ms < high]


def switch_off(day: date, presses: list[Press], chance: random.Random) -> list[Press]:
    """In the third week the kiosk stands dark for three days."""
    return [] if day.toordinal() % 35 in (2, 3, 4) else presses


def deteriorate(day: date, presses: list[Press], chance: random.Random) -> list[Press]:
    """No fraud at all: what is done here becomes worse, and citizens say so."""
    worse: list[Press] = []
    for press in presses:
        rating: Rating = chance.choice((1, 2)) if chance.random() < 0.12 else press.rating
        worse.append(replace(press, rating=rating))
    return worse


def family(day: date, presses: list[Press], chance: random.Random) -> list[Press]:
    """No fraud either: once a week seven of a family vote, 25 to 60 seconds apart."""
    if day.weekday() != 2:
        return presses
    start = _moment(day, chance)
    return presses + _run(start, 7, (25_000, 60_000), (5, 5, 4, 4, 3), "family", chance)


def honest(day: date, presses: list[Press], chance: random.Random) -> list[Press]:
    """Nothing."""
    return presses


TRICKS: Final[dict[str, Trick]] = {
    "stuffing-slow": stuff_slowly, "stuffing-fast": stuff_fast, "suppression": suppress,
    "mashing": mash, "after-hours": stay_late, "sabotage": sabotage, "unplugging": unplug,
    "switched-off": switch_off, "deterioration": deteriorate, "family": family,
}  # fmt: skip
OPEN: Final = Chosen(
    hours=(ConfigHours(days=(1, 2, 3, 4, 5), start="07:30", end="17:00"),), admin_pin="2468"
)
GENUINE: Final = {"deterioration", "family"}
UNITS: Final = ("97001", "97002", "97003", "97004")
COUNTERS_EACH: Final = 5


def load(*, now_ms: int, days: int = 120, seed: int = 2026) -> Iterator[Truth]:
    """Make the province and write its working days, the last of them yesterday; yields the truth
    so far after every day. Half of its counters are honest throughout."""
    dates = _working_days(now_ms, days)
    truth = Truth(_make_places(instant(dates[0], time(5, 0))), dates[min(BEFORE, days - 1)])
    chance = {
        counter: random.Random(f"{seed} {counter}")  # noqa: S311 - sample data, no secret
        for counter in truth.counters
    }
    kiosks = {}
    for counter in truth.counters:
        kiosk = kiosks[counter] = PastKiosk(counter, instant(dates[0], time(6, 0)))
        kiosk.enrol()
    for unit in UNITS:
        publish_unit(unit=unit, now_ms=instant(dates[0], time(6, 30)))
    served = list(_served(dates, chance))
    import_rows("transactions", "luot-phuc-vu.csv", SERVED_HEADING, served, now_ms)
    count = {(counter, day): int(n) for counter, day, n in served}
    for at, day in enumerate(dates):
        for counter, kiosk in kiosks.items():
            dice = chance[counter]
            presses = list(_citizens(day, count[counter, f"{day:%d/%m/%Y}"], dice))
            if at >= BEFORE and truth.counters[counter]:
                presses = TRICKS[truth.counters[counter]](day, presses, dice)
            truth.labels += _live(kiosk, day, presses)
        yield truth


SERVED_HEADING: Final = ("mã quầy", "ngày", "số lượt")


def _make_places(now_ms: int) -> dict[str, str]:
    """Counters and the fraud of each: the tricks one after another, an honest counter between."""
    names = [name for trick in TRICKS for name in (trick, HONEST)]
    found: dict[str, str] = {}
    for code in UNITS:
        unit = make_unit(code=code, name=f"Xã thử {code} (dữ liệu mẫu)")
        for number in range(1, COUNTERS_EACH + 1):
            make_counter(unit=unit, number=number, name=f"Quầy số {number}")
            make_official(unit=unit, code=_official(f"{code}-{number}"), name=f"Cán bộ mẫu {code}")
            found[f"{code}-{number}"] = names[len(found)]
        set_settings(id=code, chosen=OPEN, folder=Path(), now_ms=now_ms)
    return found


def _official(counter: str) -> str:
    return f"CB-{counter}"


def _working_days(now_ms: int, days: int) -> list[date]:
    day = history.working_days(now_ms)[-1]
    found: list[date] = []
    while len(found) < days:
        if day.weekday() < 5:
            found.append(day)
        day -= timedelta(days=1)
    return found[::-1]


def _served(
    dates: Iterable[date], chance: dict[str, random.Random]
) -> Iterator[tuple[str, str, int]]:
    for day in dates:
        for counter, dice in chance.items():
            yield counter, f"{day:%d/%m/%Y}", max(0, round(dice.gauss(SERVED, SERVED**0.5)))


def _citizens(day: date, served: int, chance: random.Random) -> Iterator[Press]:
    """The votes of a day on which nobody cheats."""
    for _ in range(served):
        if chance.random() < RATE:
            rating: Rating = chance.choices(history.FACES, SHARES)[0]
            yield Press(_moment(day, chance), rating)


def _moment(day: date, chance: random.Random) -> int:
    """An instant of the opening hours; most come early in each half."""
    start, hours, _ = chance.choices(HALF_DAYS, [part for *_, part in HALF_DAYS])[0]
    return instant(day, start) + int(
        hours * 3_600_000 * (0.02 + 0.95 * chance.betavariate(1.6, 2.4))
    )


def _run(
    start_ms: int, n: int, apart: tuple[int, int], ratings: tuple[Rating, ...], fraud: str,
    chance: random.Random,
) -> list[Press]:  # fmt: skip
    """Votes one after the other, so many ms apart."""
    found, at_ms = [], start_ms
    for _ in range(n):
        found.append(Press(at_ms, chance.choice(ratings), fraud))
        at_ms += chance.randint(*apart)
    return found


def _live(kiosk: PastKiosk, day: date, presses: list[Press]) -> Iterator[Label]:
    """A day's lines are written and sent; its votes' labels."""
    lines = kiosk.switch_on(instant(day, time(6, 50)))
    signed = records.DutyStarted(official=_official(kiosk.counter), by="pin")
    lines.append(kiosk.line(instant(day, time(7, 20)), "duty.started", signed))
    duty: int | None = kiosk.seq
    over_ms, newest_ms = instant(day, time(17, 10)), 0
    labels = []
    for press in sorted(presses, key=lambda each: each.at_ms):
        at_ms = newest_ms = max(press.at_ms, newest_ms + 400)
        if duty is not None and at_ms >= over_ms:
            ended = records.DutyEnded(duty=duty, by="official")
            lines.append(kiosk.line(over_ms, "duty.ended", ended))
            duty = None
        lines.append(kiosk.line(at_ms, "vote", _vote(press.rating, duty)))
        kiosk.counts[press.rating] += 1
        labels.append(Label(kiosk.journal, kiosk.seq, press.fraud))
    if duty is not None:
        ended = records.DutyEnded(duty=duty, by="official")
        lines.append(kiosk.line(over_ms, "duty.ended", ended))
    lines.append(kiosk.close(day, instant(day, time(20, 0))))
    kiosk.send(lines, instant(day, time(20, 5)))
    yield from labels


def _vote(rating: Rating, duty: int | None) -> records.Vote:
    return records.Vote(
        rating=rating, scale="vn5", via="button", locale="vi", duty=duty, counter=None,
        not_official=False, dossier=None, invited=False,
    )  # fmt: skip
