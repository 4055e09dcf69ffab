"""A month of plausible history: journals written with protocol alone, accepted with time handed in.

Nothing here touches a vote's table: the lines go through ingest.services like any kiosk's, only
dated in the past.
"""

import random
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import records
from protocol.enrolment import hash_code
from protocol.journal import build_line, genesis_hash, line_hash, sign_head
from protocol.keys import new_key, public_bytes
from protocol.rating import Rating
from server.fleet.models import Kiosk
from server.fleet.services import make_code, make_kiosk
from server.ingest import enrolment, services
from server.sample.province import ROSTER

DAYS = 31
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
# Opening half-days and how many citizens press in each; most come early.
HALVES = ((time(7, 30), 4.0, 26), (time(13, 30), 3.5, 16))
# How each counter's citizens rate, 5 down to 1: one is loved, one has queues.
FACES: tuple[Rating, ...] = (5, 4, 3, 2, 1)
MOODS = (
    (58, 27, 9, 4, 2),
    (44, 31, 13, 8, 4),
    (52, 29, 11, 5, 3),
)
COUNTERS = tuple(f"{unit}-{number}" for unit in ROSTER for number in (1, 2, 3))
# Why those who were not satisfied say they were not, and how often.
REASONS = (("R1", 36), ("R3", 18), ("R4", 14), ("R5", 18), ("R6", 5), ("R9", 9))
PAST = "Kiosk mẫu {}"
BY = "dữ liệu mẫu"
BROKEN = "99002-3"  # its button for "very dissatisfied" is stuck all month
# What gives the inspector something to look into: queues in the last weeks, mashing on a few days.
WORSE, WORSE_MOOD, WORSE_DAYS = "99002-1", (36, 24, 13, 15, 12), 11  # working days
MASHED, MASHED_ON, MASHES = "99001-2", 3, 11  # on Thursdays


@dataclass
class PastKiosk:
    """A kiosk that stood at a counter for the month, its journal kept in memory."""

    counter: str
    enrolled_ms: int
    key: Ed25519PrivateKey = field(default_factory=new_key)
    journal: str = field(default_factory=lambda: str(uuid.uuid4()))
    kiosk: str = ""
    boot: str = ""
    boot_ms: int = 0
    seq: int = 0
    head: bytes = b""
    counts: Counter[Rating] = field(default_factory=Counter)

    def enrol(self) -> None:
        """As a device would, a month ago."""
        self.kiosk = make_kiosk(
            counter=self.counter, now_ms=self.enrolled_ms, name=PAST.format(self.counter)
        ).id
        code = make_code(kiosk=self.kiosk, now_ms=self.enrolled_ms)
        raw = public_bytes(self.key)
        wish = enrolment.Wish(hash_code(code), self.journal, raw)
        enrolment.enrol(wish, now_ms=self.enrolled_ms)
        self.head = genesis_hash(self.journal, raw)

    def line(self, at_ms: int, type: str, record: object) -> bytes:
        line = build_line(
            journal=self.journal,
            seq=self.seq + 1,
            prev=self.head,
            boot=self.boot,
            mono_ms=at_ms - self.boot_ms,
            wall_ms=at_ms,
            sync=True,
            type=type,
            data=record,  # type: ignore[arg-type]  # one of protocol.records
        )
        self.seq, self.head = self.seq + 1, line_hash(line)
        return line

    def switch_on(self, at_ms: int) -> list[bytes]:
        """The first two lines of a day: the program starts, the server tells the time."""
        self.boot, self.boot_ms = str(uuid.uuid4()), at_ms - 20_000
        boot = records.Boot(software="0.1.0", os="sample", hardware="sample", cause="start")
        clock = records.Clock(
            server_ms=at_ms + 2_040, rtt_ms=80, wall_ms=at_ms + 2_000, mono_ms=22_000
        )
        return [self.line(at_ms, "boot", boot), self.line(at_ms + 2_080, "clock", clock)]

    def close(self, day: date, at_ms: int) -> bytes:
        """The last line of a day: what the kiosk itself counted."""
        counts = {str(face): self.counts[face] for face in sorted(FACES)}
        self.counts.clear()
        closed = records.Day(date=day, counts=counts, uptime_s=36_600, suppressed=0)  # type: ignore[arg-type]
        return self.line(at_ms, "day", closed)

    def send(self, lines: list[bytes], at_ms: int) -> None:
        head = sign_head(
            kiosk=self.kiosk, journal=self.journal, seq=self.seq, hash=self.head, key=self.key
        )
        services.accept_lines(
            journal=self.journal, head_note=head, body=b"\n".join(lines), now_ms=at_ms
        )


def kiosk_at(counter: str) -> str:
    """The id of the kiosk that stood at the counter all month, for its renewal."""
    return Kiosk.objects.get(name=PAST.format(counter)).id


def load(*, now_ms: int, seed: int = 2026) -> Iterator[tuple[int, int]]:
    """Write the history up to yesterday; yields (days done, days in all) for a progress bar."""
    chance = random.Random(seed)  # noqa: S311 - sample data, no secret
    days = working_days(now_ms)
    start_ms = instant(days[0], time(6, 0))
    kiosks: list[tuple[PastKiosk, str, int]] = []
    for counter in COUNTERS:
        kiosk = PastKiosk(counter, start_ms)
        kiosk.enrol()
        unit, number = counter.rsplit("-", 1)
        kiosks.append((kiosk, unit, int(number)))
    for done, day in enumerate(days, 1):
        for past, home, place in kiosks:
            worse = past.counter == WORSE and len(days) - done < WORSE_DAYS
            live_a_day(past, home, place, day, chance, WORSE_MOOD if worse else None)
        yield done, len(days)


def working_days(now_ms: int) -> list[date]:
    """The days that the history tells of, up to yesterday."""
    today = datetime.fromtimestamp(now_ms / 1000, ZONE).date()
    days = [today - timedelta(days=back) for back in range(DAYS, 0, -1)]
    return [day for day in days if day.weekday() < 5]


def instant(day: date, at: time) -> int:
    """When it is that time of a local day, unix ms."""
    return int(datetime.combine(day, at, ZONE).timestamp() * 1000)


def live_a_day(
    kiosk: PastKiosk, unit: str | None, number: int, day: date, chance: random.Random,
    mood: tuple[int, ...] | None = None,
) -> None:  # fmt: skip
    """A day's lines are written and sent. unit: whose officials sign in; None: nobody does. mood:
    how citizens rate; None: as at the counter of this number."""
    mood = mood or MOODS[number - 1]
    lines = kiosk.switch_on(instant(day, time(6, 50)))
    if kiosk.counter == BROKEN:
        fault = records.Fault(part="button-1", kind="stuck", since_ms=instant(day, time(6, 50)))
        lines.append(kiosk.line(instant(day, time(6, 51)), "fault", fault))
    for start, hours, busy in HALVES:
        official = None if unit is None else _on_duty(unit, number, chance)
        lines += _half_day(kiosk, instant(day, start), hours, busy, official, mood, chance)
    if kiosk.counter == MASHED and day.weekday() == MASHED_ON:
        lines += _mash(kiosk, instant(day, time(17, 5)), chance)
    lines.append(kiosk.close(day, instant(day, time(17, 25))))
    kiosk.send(lines, instant(day, time(17, 30)))


def _on_duty(unit: str, number: int, chance: random.Random) -> str | None:
    """Mostly the counter's own official, sometimes the one who covers, now and then nobody."""
    able = [code for code, numbers in ROSTER[unit].items() if number in numbers]
    whim = chance.random()
    if whim < 0.03:
        return None
    return able[-1] if whim < 0.25 else able[0]


def _half_day(
    kiosk: PastKiosk,
    start_ms: int,
    hours: float,
    busy: int,
    official: str | None,
    mood: tuple[int, ...],
    chance: random.Random,
) -> list[bytes]:
    length_ms = int(hours * 3_600_000)
    lines, duty = [], None
    if official:
        # Someone is late to sign in: the first citizens may find nobody.
        late_ms = chance.choice((-240_000, -120_000, -60_000, 420_000))
        start_duty_ms = start_ms + late_ms
    offsets = sorted(
        int(length_ms * chance.betavariate(1.6, 2.4))
        for _ in range(max(3, round(chance.gauss(busy, busy / 4))))
    )
    at_ms = start_ms
    for offset in offsets:
        at_ms = max(at_ms + 25_000, start_ms + 60_000 + offset)  # one citizen at a time
        if official and duty is None and at_ms >= start_duty_ms:
            signed = records.DutyStarted(official=official, by="pin")
            lines.append(kiosk.line(min(start_duty_ms, at_ms), "duty.started", signed))
            duty = kiosk.seq
        lines += _citizen(kiosk, at_ms, duty, mood, chance)
    if duty is not None:
        ended = records.DutyEnded(duty=duty, by="official")
        lines.append(kiosk.line(start_ms + length_ms + 200_000, "duty.ended", ended))
    return lines


def _mash(kiosk: PastKiosk, at_ms: int, chance: random.Random) -> list[bytes]:
    """Somebody plays with the buttons when nobody looks."""
    lines = []
    for at in range(MASHES):
        rating = chance.choice(FACES)
        lines.append(kiosk.line(at_ms + at * 1_300, "vote", _vote(rating, None)))
        kiosk.counts[rating] += 1
    return lines


def _citizen(
    kiosk: PastKiosk, at_ms: int, duty: int | None, mood: tuple[int, ...], chance: random.Random
) -> list[bytes]:
    rating = chance.choices(FACES, mood)[0]
    if kiosk.counter == BROKEN and rating == 1:
        rating = 2  # the button for 1 is stuck: whoever wanted it takes the one beside it
    lines = [kiosk.line(at_ms, "vote", _vote(rating, duty))]
    cast = kiosk.seq
    if chance.random() < 1 / 30:
        works = FACES[:-1] if kiosk.counter == BROKEN else FACES
        other = chance.choice([face for face in works if face != rating])
        revised = records.VoteRevised(vote=kiosk.seq, rating=other)
        lines.append(kiosk.line(at_ms + 3_000, "vote.revised", revised))
        rating = other
    kiosk.counts[rating] += 1
    # A chance of its own: what else the history tells stays as it was before reasons were told.
    why = random.Random(f"{kiosk.counter} {at_ms}")  # noqa: S311 - sample data, no secret
    if rating <= 2 and why.random() < 0.6:
        reason = why.choices(*zip(*REASONS, strict=True))[0]
        told = records.VoteReasons(vote=cast, reasons=(reason,), outcome="answered")
        lines.append(kiosk.line(at_ms + 8_000, "vote.reasons", told))
    return lines


def _vote(rating: Rating, duty: int | None) -> records.Vote:
    return records.Vote(
        rating=rating,
        scale="vn5",
        via="button",
        locale="vi",
        duty=duty,
        counter=None,
        not_official=False,
        dossier=None,
        invited=False,
    )
