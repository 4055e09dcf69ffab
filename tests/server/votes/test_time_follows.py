"""A later clock moves what was known only roughly: votes, attributions and tallies follow."""

import argparse
import random
import uuid
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.cast_time import TimedLine
from tests.protocol.section8 import Slow, by_the_page
from tests.server.kiosks import T0
from tests.server.votes.river import ENROLLED, Station, new_station, new_unit, online, rows
from tests.server.votes.test_chunks import EXAMPLES

DAY = 86_400_000


def counted(unit: str) -> dict[tuple[str, str], int]:
    """How many votes stand for each day (or days) and official of a unit."""
    from server import pipeline
    from server.analytics.selectors import daily_tallies
    from server.console.check import main as check

    pipeline.run_until_done()
    assert check(argparse.Namespace()) == 0
    return {
        (row.day, row.official): sum(row.counts)
        for row in daily_tallies()
        if row.unit == unit and sum(row.counts)
    }


def signed_in_elsewhere(unit: str) -> None:
    """Another kiosk of the same counter, its clock known, where CB-1 signs in every day."""
    station = online(unit)
    station.kiosk.duty("CB-1")
    for hours in (22, 24, 24, 24, 24):
        data = {"official": "CB-1", "by": "pin"}
        station.kiosk.add("duty.started", data, after_ms=hours * 3_600_000)
    station.send()


def without_a_clock(unit: str, days: int) -> Station:
    """A kiosk that came up without network and took one vote on each of some days."""
    station = new_station(unit)
    station.kiosk.sync = False
    for _ in range(days):
        station.kiosk.vote(4, after_ms=DAY)
    station.send(T0 + 9 * DAY)
    return station


def test_votes_leave_the_interval_for_their_day_and_their_official() -> None:
    from server.attribution.models import Attribution

    unit = new_unit()
    signed_in_elsewhere(unit)
    station = without_a_clock(unit, 3)
    assert counted(unit) == {("2025-11-22/2025-12-01", ""): 3}
    assert {row["why"] for row in rows(Attribution, unit=unit)} == {"clock-uncertain"}

    station.kiosk.clock()
    station.send(T0 + 10 * DAY)
    assert counted(unit) == {
        ("2025-11-23", "CB-1"): 1, ("2025-11-24", "CB-1"): 1, ("2025-11-25", "CB-1"): 1,
    }  # fmt: skip
    assert {(row["basis"], row["why"]) for row in rows(Attribution, unit=unit)} == {("duty", "")}


def test_a_clock_of_another_boot_only_narrows_the_interval() -> None:
    unit = new_unit()
    signed_in_elsewhere(unit)
    station = without_a_clock(unit, 2)
    station.kiosk.boot = str(uuid.uuid4())
    station.kiosk.clock()
    station.send(T0 + 10 * DAY)
    assert counted(unit) == {("2025-11-22/2025-11-24", ""): 2}


def test_a_refused_clock_moves_nothing() -> None:
    unit = new_unit()
    station = without_a_clock(unit, 2)
    before = counted(unit)
    kiosk = station.kiosk
    for server_ms, rtt_ms in ((ENROLLED - 1, 0), (T0 + 99 * DAY, 0), (T0 + DAY, 10_001)):
        clock = {"server_ms": server_ms, "rtt_ms": rtt_ms, "wall_ms": 0, "mono_ms": kiosk.mono_ms}
        kiosk.add("clock", clock)
    station.send(T0 + 10 * DAY)
    assert counted(unit) == before


def test_a_rebuild_after_the_upgrade_gives_the_same_rows() -> None:
    from server import pipeline
    from server.analytics.models import Tally
    from server.attribution.models import Attribution
    from server.votes.models import Vote

    unit = new_unit()
    signed_in_elsewhere(unit)
    station = without_a_clock(unit, 5)
    counted(unit)
    station.kiosk.clock()
    station.send(T0 + 10 * DAY)
    counted(unit)
    before = [rows(model, unit=unit) for model in (Vote, Attribution, Tally)]
    pipeline.rebuild()
    assert [rows(model, unit=unit) for model in (Vote, Attribution, Tally)] == before


# -- the tables against section 8, read slowly ---------------------------------------------------


def let_it_live(station: Station, dice: random.Random, steps: int) -> None:
    """Days of a kiosk: outages, clocks set wrong, sync that lies, contacts true and forged.

    Any batches, received at any later time, understood at any moment.
    """
    from server.votes.services import understand_pending

    kiosk = station.kiosk
    received = kiosk.now_ms
    for _ in range(steps):
        what = dice.choices(["vote", "boot", "set", "sync", "clock", "forged", "send", "work"],
                            [8, 2, 1, 1, 2, 1, 4, 3])[0]  # fmt: skip
        if what == "vote":
            kiosk.vote(dice.randint(1, 5), after_ms=dice.choice([1, 900, 10**5, DAY]))
        elif what == "boot":
            kiosk.boot, kiosk.mono_ms = str(uuid.UUID(int=dice.getrandbits(128))), 10_000
            kiosk.sync = dice.random() < 0.3
        elif what == "set":
            kiosk.now_ms = max(0, kiosk.now_ms + dice.choice([-DAY, -60_000, 60_000, DAY]))
        elif what == "sync":
            kiosk.sync = not kiosk.sync
        elif what in ("clock", "forged"):
            true = max(received, kiosk.now_ms)
            off = dice.choice([-(10**9), -1, 1, 10**9]) if what == "forged" else 0
            clock = {
                "server_ms": true + off, "rtt_ms": dice.choice([0, 1, 41, 10_000, 10_001]),
                "wall_ms": kiosk.now_ms, "mono_ms": kiosk.mono_ms,
            }  # fmt: skip
            kiosk.add("clock", clock, after_ms=dice.choice([0, 41]))
        elif what == "send" and station.sent < len(kiosk.lines):
            received = max(received, kiosk.now_ms) + dice.choice([0, 1, 2_000, DAY])
            station.send(received, upto=dice.randint(station.sent + 1, len(kiosk.lines)))
        elif what == "work":
            understand_pending()
    station.send(max(received, kiosk.now_ms) + 1)
    while understand_pending():
        pass


def read_slowly(station: Station) -> Slow:
    """What section 8 says of the stored lines, their receipts taken from the server's records."""
    from server.ledger.selectors import read_lines
    from server.votes.story import read

    timed = []
    for stored in read_lines(
        unit=station.unit, journal=station.kiosk.journal, from_seq=1, to_seq=station.sent
    ):
        line = read(stored.seq, stored.body, stored.received_ms)
        clock: Any = line.record if line.envelope.type == "clock" else None
        timed.append(
            TimedLine(stored.seq, line.envelope.boot, line.envelope.mono_ms,
                      line.envelope.wall_ms, line.envelope.sync, stored.received_ms, clock)
        )  # fmt: skip
    return by_the_page(timed, enrolled_ms=ENROLLED)


@settings(
    max_examples=max(10, EXAMPLES // 2), deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(seed=st.integers(0, 2**32), steps=st.integers(5, 60))
def test_the_tables_say_of_every_vote_what_section_8_says_of_its_line(
    seed: int, steps: int
) -> None:
    from server.votes.models import Vote

    station = new_station(new_unit())
    let_it_live(station, random.Random(seed), steps)
    slow = read_slowly(station)
    for vote in Vote.objects.filter(unit=station.unit).order_by("seq"):
        cast = slow.casts[vote.seq - 1]
        assert (vote.low_ms, vote.high_ms, vote.quality) == (
            cast.low_ms, cast.high_ms, cast.quality,
        )  # fmt: skip
        assert ("clock-stepped" in vote.flags) == (vote.seq in slow.stepped)
