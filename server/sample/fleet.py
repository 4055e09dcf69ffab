"""How the sample's kiosks did meanwhile: silences, statuses, one outage of the server; made up.

Only what no line of the history tells. Kiosks that really run in the demo tell it themselves.
"""

import random
from collections.abc import Iterable
from datetime import date, time

import msgspec

from protocol.status import Status, StatusDisk, StatusFault
from server.fleet.models import Kiosk, KioskStatus, Outage, Silence
from server.fleet.services import publish_configuration
from server.fleet.uptime import RETURN_MS, instant, silent_after_ms
from server.ingest.models import Journal
from server.sample import history

# Nobody runs them in the demo; they would report once a day, so they are still there today.
QUIET = ("99001-2", "99002-2")
AWAY = ("99001-3", history.BROKEN)  # nobody has switched these on today
DAILY_S = 86_400
CLOSES = time(17, 30)  # when all is switched off
GIB = 1 << 30


def make(*, now_ms: int, seed: int = 2026) -> None:
    """Health of the month that history.load wrote. Once a folder, directly after it."""
    chance = random.Random(seed)  # noqa: S311 - sample data, no secret
    days = history.working_days(now_ms)
    for counter in history.COUNTERS:
        kiosk = history.kiosk_at(counter)
        # The history arrived once a day; that is no silence of a whole day.
        Silence.objects.filter(kiosk=kiosk).delete()
        Silence.objects.bulk_create(_silences(kiosk, counter, days, chance), ignore_conflicts=True)
        _report(kiosk, counter, now_ms, chance)
    outage = days[-6]
    Outage.objects.create(started_ms=_ms(outage, time(9, 20)), ended_ms=_ms(outage, time(11, 5)))
    # The demo was off since; that is no kiosk's silence, but of those who are away still today.
    ended_ms = now_ms - RETURN_MS - silent_after_ms(None) - 1
    Outage.objects.create(started_ms=_ms(days[-1], CLOSES), ended_ms=ended_ms)


def _silences(
    kiosk: str, counter: str, days: list[date], chance: random.Random
) -> Iterable[Silence]:
    """Switched off every night; now and then a loose plug or a dead modem by day."""
    for day, next_day in zip(days, [*days[1:], None], strict=True):
        if next_day is not None:
            on = chance.choice((time(6, 50), time(6, 51), time(6, 50), time(7, 6)))
            yield _silence(kiosk, _ms(day, CLOSES), _ms(next_day, on))
        if chance.random() < (0.5 if counter == history.BROKEN else 0.12):
            start = _ms(day, time(chance.randint(8, 15), chance.randint(0, 59)))
            yield _silence(kiosk, start, start + chance.randint(6, 85) * 60_000)


def _silence(kiosk: str, started_ms: int, ended_ms: int) -> Silence:
    return Silence(kiosk=kiosk, started_ms=started_ms, ended_ms=ended_ms)


def _report(kiosk: str, counter: str, now_ms: int, chance: random.Random) -> None:
    """The kiosk's last status, and when it was last seen."""
    journal = Journal.objects.get(kiosk=kiosk)
    seen_ms = journal.seen_ms
    if counter not in AWAY:
        seen_ms = now_ms
        Journal.objects.filter(kiosk=kiosk).update(seen_ms=seen_ms)
    if counter in QUIET:
        Kiosk.objects.filter(id=kiosk).update(chosen={"heartbeat_every_s": DAILY_S})
        publish_configuration(kiosk=kiosk, now_ms=now_ms)
    broken = counter == history.BROKEN
    faults = (StatusFault(part="button-1", kind="stuck", since_ms=seen_ms - 12 * 86_400_000),)
    status = Status(
        v=1,
        software="0.1.0",
        boot="sample",
        wall_ms=seen_ms + chance.randint(-900, 900),
        mono_ms=36_000_000,
        sync=True,
        uptime_s=36_000,
        config=1,
        refused=None,
        unsent=0,
        disk=StatusDisk(free=int(29 * GIB * chance.uniform(0.6, 0.9)), total=29 * GIB, low=False),
        temperature_mc=chance.randint(41_000, 56_000),
        faults=faults if broken else (),
        attention=(),
        head="",
        checkpoint=None,
    )
    KioskStatus.objects.update_or_create(
        kiosk_id=kiosk,
        defaults={
            "journal": journal.journal,
            "ms": seen_ms,
            "received_ms": seen_ms,
            "body": msgspec.json.encode(status),
            "attention": broken,
        },
    )


def _ms(day: date, at: time) -> int:
    return instant(day, at.hour * 60 + at.minute, history.ZONE)
