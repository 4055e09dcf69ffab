"""Every local day is closed once, with what the kiosk itself counted; none is invented."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.ahead import VARIABLE
from kiosk.chores import Chores
from kiosk.clock import Clock, Reading
from kiosk.days import Calendar, close_days
from kiosk.hours import end_of_day
from kiosk.journal_file import Journal, create_store
from kiosk.journal_store import Writer
from kiosk.runs import Ran
from protocol.configuration import ConfigHours
from protocol.journal import Envelope, read_line
from protocol.keys import new_key, public_bytes
from protocol.records import Clock as ClockRecord
from protocol.records import Record, Suppressed, Vote, VoteRevised
from tests.kiosk.conftest import eventually
from tests.kiosk.stand import ZONE, counter
from tests.kiosk.test_ahead import set_ahead

DAY_MS = 86_400_000
WEEK = (ConfigHours(days=(1, 2, 3, 4, 5), start="07:30", end="11:30"),
        ConfigHours(days=(1, 2, 3, 4, 5), start="13:30", end="17:00"))  # fmt: skip
BOOTS = [f"00000000-0000-4000-8000-{n:012d}" for n in range(10)]


def ms(*at: int) -> int:
    """Unix ms of a local time."""
    return round(datetime(*at, tzinfo=ZONE).timestamp() * 1000)  # type: ignore[misc]


def vote(rating: int) -> Vote:
    return Vote(
        rating=rating, scale="vn5", via="button", locale="vi", duty=None, counter=None,
        not_official=False, dossier=None, invited=False,
    )  # type: ignore[arg-type]  # fmt: skip


class Unit:
    """A real journal whose clocks the test moves: a card in a device that may have no battery."""

    def __init__(self, folder: Path) -> None:
        create_store(
            folder, uuid=BOOTS[0], public_key=public_bytes(new_key()), code_hash="x"
        )  # fmt: skip
        self.folder = folder
        self.now_ms = ms(2026, 11, 23, 8)  # a Monday
        self.journal, self.writer = Journal(folder), Writer(folder)
        self.journal.mark(kiosk="k", state="open", enrolled_ms=self.now_ms - 1000)
        self.hours: tuple[ConfigHours, ...] = WEEK
        self.free = True
        self.boot(1)

    def boot(self, number: int, *, wall_off_ms: int = -(10**11), sync: bool = False) -> None:
        """A start of the operating system, the time unknown until a clock comes."""
        self.clock = Clock()
        self.clock.boot = BOOTS[number]
        self.began_ms, self.wall_off_ms, self.sync = self.now_ms - 1000, wall_off_ms, sync
        self.clock.mono_ms = lambda: self.now_ms - self.began_ms  # type: ignore[method-assign]
        self.clock.read = lambda: Reading(  # type: ignore[method-assign]
            self.clock.boot, self.now_ms - self.began_ms,
            max(0, self.now_ms + self.wall_off_ms), self.sync,
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        """A start of the program."""
        self.chores = Chores(
            self.folder, self.writer, self.clock, is_free=lambda: self.free,
            counter=lambda: counter(hours=self.hours),
        )  # fmt: skip
        self.chores.look()

    def hear_server(self) -> None:
        at = self.clock.read()
        self.clock.offset_ms = self.now_ms - at.mono_ms
        self.append(
            ClockRecord(server_ms=self.now_ms, rtt_ms=0, wall_ms=at.wall_ms, mono_ms=at.mono_ms)
        )

    def append(self, record: Record) -> int:
        return self.writer.append(record, self.clock.read()).result().seq

    def at(self, *local: int) -> None:
        """It runs until then: looked at every half a minute, as the jobs do oftener."""
        until = ms(*local)
        assert until >= self.now_ms
        while self.now_ms < until:
            self.now_ms = min(until, self.now_ms + 30_000)
            self.chores.look()

    def off_until(self, *local: int) -> None:
        """The power is cut."""
        self.now_ms = ms(*local)

    def days(self) -> list[dict[str, Any]]:
        lines = map(read_line, self.journal.all_lines())
        return [json.loads(line.data) for line in lines if line.type == "day"]

    def close(self) -> None:
        self.writer.close()
        self.journal.close()


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Unit]:
    made = Unit(tmp_path)
    yield made
    made.close()


def test_a_day_is_closed_when_its_last_stretch_ends(unit: Unit) -> None:
    unit.hear_server()
    unit.at(2026, 11, 23, 9)
    for rating in (5, 5, 1):
        unit.append(vote(rating))
    first = unit.append(vote(4))
    unit.append(VoteRevised(vote=first, rating=2))
    unit.append(Suppressed(count=3, from_mono_ms=1, to_mono_ms=2, why="repeat"))
    unit.at(2026, 11, 23, 16, 59)
    assert unit.days() == []
    unit.at(2026, 11, 23, 17, 0)
    (day,) = unit.days()
    assert day["date"] == "2026-11-23"
    assert day["counts"] == {"1": 1, "2": 1, "3": 0, "4": 0, "5": 2}
    assert day["suppressed"] == 3
    assert abs(day["uptime_s"] - 9 * 3600) < 5
    unit.append(vote(3))  # after hours: in the journal, in no day record
    unit.at(2026, 11, 24, 12)
    assert len(unit.days()) == 1


def test_a_day_without_hours_is_closed_at_midnight(unit: Unit) -> None:
    unit.hours = ()
    unit.hear_server()
    unit.append(vote(5))
    unit.at(2026, 11, 23, 23, 59)
    assert unit.days() == []
    unit.at(2026, 11, 24, 0, 1)
    assert [day["date"] for day in unit.days()] == ["2026-11-23"]
    assert abs(unit.days()[0]["uptime_s"] - 16 * 3600) < 5


def test_a_kiosk_started_after_hours_has_its_day_to_midnight(unit: Unit) -> None:
    unit.off_until(2026, 11, 28, 20)  # a Saturday evening; nobody ran it on Friday
    unit.boot(2)
    unit.hear_server()
    unit.append(vote(4))
    unit.at(2026, 11, 28, 23, 30)
    assert unit.days() == []
    unit.at(2026, 11, 29, 0, 1)
    assert [(day["date"], day["counts"]["4"]) for day in unit.days()] == [("2026-11-28", 1)]


def test_a_day_that_was_cut_off_is_closed_at_the_next_start(unit: Unit) -> None:
    unit.hear_server()
    unit.append(vote(5))
    unit.at(2026, 11, 23, 12)
    unit.off_until(2026, 11, 26, 8)
    unit.boot(2)
    assert unit.days() == []  # what day it is, nobody knows yet
    unit.hear_server()
    unit.at(2026, 11, 26, 8, 1)
    (day,) = unit.days()  # on Tuesday and Wednesday it did not run: nothing was counted
    assert (day["date"], day["counts"]["5"]) == ("2026-11-23", 1)
    assert 4 * 3600 - 300 <= day["uptime_s"] <= 4 * 3600


def test_days_offline_are_closed_once_the_clock_of_their_boot_is_known(unit: Unit) -> None:
    """Three days without network or battery clock, one boot: at contact all are known."""
    for day_of_month in (23, 24, 25):
        unit.at(2026, 11, day_of_month, 10)
        unit.append(vote(day_of_month - 22))
    assert unit.days() == []
    unit.at(2026, 11, 26, 9)
    unit.hear_server()
    unit.append(vote(5))
    unit.at(2026, 11, 26, 9, 1)
    assert [(d["date"], d["counts"][str(n)]) for n, d in enumerate(unit.days(), 1)] == [
        ("2026-11-23", 1), ("2026-11-24", 1), ("2026-11-25", 1),
    ]  # fmt: skip
    assert all(sum(d["counts"].values()) == 1 for d in unit.days())
    unit.at(2026, 11, 26, 17)
    assert unit.days()[3]["counts"] == {"1": 0, "2": 0, "3": 0, "4": 0, "5": 1}


def test_a_boot_that_never_knew_the_time_invents_no_day(unit: Unit) -> None:
    unit.append(vote(5))
    unit.at(2026, 11, 24, 8)
    unit.off_until(2026, 11, 25, 8)
    unit.boot(2)
    unit.hear_server()
    unit.at(2026, 11, 25, 17)
    assert [day["date"] for day in unit.days()] == ["2026-11-25"]
    assert sum(unit.days()[0]["counts"].values()) == 0


def test_a_clock_that_the_kernel_vouches_for_is_enough(unit: Unit) -> None:
    unit.off_until(2026, 11, 24, 8)
    unit.boot(2, wall_off_ms=0, sync=True)
    unit.append(vote(3))
    unit.at(2026, 11, 24, 17)
    assert [(day["date"], day["counts"]["3"]) for day in unit.days()] == [("2026-11-24", 1)]


def test_a_dead_battery_clock_says_2000_and_that_is_no_day(unit: Unit) -> None:
    unit.off_until(2026, 11, 24, 8)
    unit.boot(2, wall_off_ms=ms(2000, 1, 1) - unit.now_ms, sync=True)
    unit.append(vote(3))
    unit.at(2026, 11, 25, 8)
    assert unit.days() == []


def test_nobody_is_cut_off_by_the_end_of_the_day(unit: Unit) -> None:
    unit.hear_server()
    unit.at(2026, 11, 23, 16, 59)
    cast = unit.append(vote(5))
    unit.free = False
    unit.at(2026, 11, 23, 17, 0)
    assert unit.days() == []
    unit.append(VoteRevised(vote=cast, rating=1))
    unit.free = True
    unit.at(2026, 11, 23, 17, 1)
    assert unit.days()[0]["counts"] == {"1": 1, "2": 0, "3": 0, "4": 0, "5": 0}


def test_a_wall_clock_that_goes_back_closes_no_day_twice(unit: Unit) -> None:
    unit.boot(2, wall_off_ms=DAY_MS, sync=True)  # a day ahead, and vouched for
    unit.append(vote(5))
    unit.at(2026, 11, 23, 17, 1)
    assert [day["date"] for day in unit.days()] == ["2026-11-24"]
    unit.wall_off_ms = 0
    unit.at(2026, 11, 24, 17, 1)
    unit.at(2026, 11, 25, 8)
    assert Counter(day["date"] for day in unit.days()).most_common(1)[0][1] == 1


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_any_life_gives_each_day_one_record_and_each_vote_one_day(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    """Votes, restarts, cuts, late clocks: what the records say is what was pressed on the days
    whose time was known in the end; counted here by other code."""
    rng = random.Random(seed)
    unit = Unit(tmp_path_factory.mktemp("life"))
    unit.hours = ()
    pressed: dict[tuple[int, date], Counter[str]] = {}
    known: set[int] = set()
    boot = 1
    for _ in range(rng.randint(5, 25)):
        match rng.randint(0, 5):
            case 0 | 1:
                rating = rng.randint(1, 5)
                unit.append(vote(rating))
                day = datetime.fromtimestamp(unit.now_ms / 1000, ZONE).date()
                pressed.setdefault((boot, day), Counter())[str(rating)] += 1
            case 2:
                unit.hear_server()
                known.add(boot)
            case 3:
                unit.now_ms += rng.randint(0, 40) * 3_600_000
            case 4 if boot < 9:
                boot += 1
                unit.boot(boot)
            case _:
                unit.start()  # the program alone was killed
        unit.chores.look()
    boot += 1
    unit.now_ms += 2 * DAY_MS
    unit.clock.boot = BOOTS[0]
    unit.boot(0)
    unit.hear_server()
    unit.chores.look()
    wanted: dict[str, Counter[str]] = {}
    for (of_boot, day), counts in pressed.items():
        if of_boot in known:
            wanted.setdefault(day.isoformat(), Counter()).update(counts)
    days = unit.days()
    unit.close()
    assert len({day["date"] for day in days}) == len(days)
    got = {d["date"]: {k: n for k, n in d["counts"].items() if n} for d in days}
    assert {k: c for k, c in got.items() if c} == {k: dict(c) for k, c in wanted.items()}


def test_a_year_of_votes_whose_clock_comes_last_is_closed_in_seconds() -> None:
    begin = ms(2025, 11, 24, 8)
    lines = [
        Envelope(
            v=1, journal=BOOTS[0], seq=seq, prev="", boot=BOOTS[1], mono_ms=seq * 300_000,
            wall_ms=0, sync=False, salt="", type="vote",
            data=b'{"rating":4,"scale":"vn5","via":"button","locale":"vi","duty":null,'
            b'"counter":null,"not_official":false,"dossier":null,"invited":false}',
        )
        for seq in range(1, 100_001)
    ]  # fmt: skip
    now = begin + 100_001 * 300_000
    clock = Envelope(
        v=1, journal=BOOTS[0], seq=100_001, prev="", boot=BOOTS[1], mono_ms=now - begin, wall_ms=0,
        sync=False, salt="", type="clock",
        data=b'{"server_ms":%d,"rtt_ms":0,"wall_ms":0,"mono_ms":%d}' % (now, now - begin),
    )  # fmt: skip
    calendar = Calendar(ZONE, (), begin, now)
    runs = [Ran(BOOTS[1], 0, now - begin, None)]
    before = time.process_time()
    due, settled = close_days([*lines, clock], [clock], runs, set(), calendar, boot=BOOTS[1])
    assert time.process_time() - before < 10
    assert len(due) == 347 and sum(due[5].counts.values()) == 288 == due[5].counts["4"]
    assert {day.uptime_s for day in due[1:]} == {86_400}
    assert settled > 99_000


@pytest.mark.parametrize(
    ("day", "end"), [(23, (23, 17)), (28, (29, 0))], ids=["Monday", "Saturday"]
)
def test_the_end_of_a_day(day: int, end: tuple[int, int]) -> None:
    local = datetime(2026, 11, day, 9, tzinfo=ZONE)
    assert end_of_day(WEEK, local) == datetime(2026, 11, *end, tzinfo=ZONE)


def test_a_running_kiosk_closes_its_days_as_they_pass(
    server: Any, enrolled: Path, start: Callable[..., Any], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A real process, its server's clock ahead as its own, killed -9 on the way."""
    file = tmp_path / "ahead.json"
    set_ahead(file, 0)
    monkeypatch.setenv(VARIABLE, str(file))
    kiosk = start(enrolled)
    kiosk.say("press 5")
    kiosk.wait_for("thanks")

    def days() -> list[dict[str, Any]]:
        with closing(Journal(enrolled)) as journal:
            return [json.loads(line.data) for line in journal.rare("day")]

    eventually(lambda: "clock" in [read_line(entry.line).type for entry in list(server.lines)])
    for passed in (1, 2):
        server.skew_ms = passed * DAY_MS
        set_ahead(file, passed * DAY_MS)
        eventually(lambda passed=passed: len(days()) == passed)
        if passed == 1:
            kiosk.process.kill()
            kiosk.end()
            kiosk = start(enrolled)
            kiosk.wait_for("ready")
            kiosk.say("press 1")
            kiosk.wait_for("thanks")
            eventually(lambda: len(server.lines) > 5)
    kiosk.say("quit")
    assert kiosk.end() == 0
    assert len({day["date"] for day in days()}) == 2
    assert [sum(day["counts"].values()) for day in days()] == [1, 1]
