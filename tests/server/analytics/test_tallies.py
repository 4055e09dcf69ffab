"""Tallies equal a recount, whatever came in which order; and they are made of whole days."""

import random
from collections import Counter
from datetime import date
from typing import Any

from tests.server.kiosks import T0
from tests.server.votes.river import Station, new_station, new_unit, online, rows, understood

MONTH = (date(2025, 11, 1), date(2025, 11, 30))


def feed_randomly(unit: str, *, seed: int, steps: int) -> list[Station]:
    """Four kiosks at two counters: votes, sign-ins, revisions, late clocks, any requests."""
    from server import pipeline

    dice = random.Random(seed)
    stations = [new_station(unit, number) for number in (1, 1, 2, 2)]
    duties: dict[int, int | None] = dict.fromkeys(range(4))
    for _ in range(steps):
        index = dice.randrange(4)
        kiosk = stations[index].kiosk
        what = dice.choices(
            ["vote", "duty", "revise", "clock", "reboot", "send", "work"], [12, 2, 2, 2, 1, 4, 2]
        )[0]
        if what == "vote":
            duty = duties[index] if dice.random() < 0.7 else None
            kiosk.vote(dice.randint(1, 5), duty=duty, after_ms=dice.choice([5_000, 9_000_000]))
        elif what == "duty":
            duties[index] = kiosk.duty(dice.choice(["CB-1", "CB-2", "CB-999"]))
        elif what == "revise" and kiosk.lines and b'"vote"' in kiosk.lines[-1]:
            data = {"vote": len(kiosk.lines), "rating": dice.randint(1, 5)}
            kiosk.add("vote.revised", data)
        elif what == "clock":
            kiosk.clock()
        elif what == "reboot":
            kiosk.boot = f"{dice.randrange(10**8):08d}-0000-4000-8000-000000000000"
            kiosk.sync = dice.random() < 0.3
        elif what == "send" and stations[index].sent < len(kiosk.lines):
            upto = dice.randint(stations[index].sent + 1, len(kiosk.lines))
            stations[index].send(T0 + 10**9, upto=upto)
        elif what == "work":
            pipeline.run_once()
    for station in stations:
        station.send(T0 + 10**9)
    pipeline.run_until_done()
    return stations


def derived(unit: str) -> dict[str, list[dict[str, object]]]:
    """Every row right of the ledger."""
    from server.analytics.models import Shown
    from server.analytics.services import TALLIES
    from server.attribution.models import Attribution, CounterDuty

    kept = {m.__name__: rows(m, unit=unit) for m in (Attribution, CounterDuty, *TALLIES, Shown)}
    return understood(unit) | kept


def test_tallies_equal_a_recount_after_random_feeding() -> None:
    from server.analytics.audit import find_differences
    from server.analytics.selectors import daily_tallies

    unit = new_unit()
    stations = feed_randomly(unit, seed=1, steps=400)
    assert find_differences() == []
    votes = sum(line.count(b'"type":"vote",') for s in stations for line in s.kiosk.lines)
    assert sum(sum(row.counts) for row in daily_tallies()) == votes > 100
    assert len({(r.unit, r.counter, r.day, r.official) for r in daily_tallies()}) == len(
        daily_tallies()
    )


def test_tallies_equal_what_the_kiosks_say_of_signed_votes() -> None:
    from server.analytics.selectors import daily_tallies

    unit = new_unit()
    said: Counter[tuple[str, int]] = Counter()
    for official, number in (("CB-1", 1), ("CB-2", 2)):
        station = online(unit, number)
        duty = station.kiosk.duty(official)
        for rating in (1, 2, 3, 4, 5, 5, 5):
            station.kiosk.vote(rating, duty=duty)
            said[official, rating] += 1
        station.send()
    _run()
    found: Counter[tuple[str, int]] = Counter()
    for row in daily_tallies():
        for rating, n in enumerate(row.counts, 1):
            found[row.official, rating] += n
    assert found == said


def test_a_rebuild_gives_the_same_rows() -> None:
    from server import pipeline

    unit = new_unit()
    feed_randomly(unit, seed=2, steps=300)
    before = derived(unit)
    pipeline.rebuild()
    assert derived(unit) == before


def test_feeding_in_pieces_gives_the_attributions_of_feeding_at_once() -> None:
    from server import pipeline
    from server.analytics.models import Block, Shown, ShownVote

    for seed in range(3, 9):
        unit = new_unit()
        feed_randomly(unit, seed=seed, steps=120)
        in_pieces = derived(unit)
        for model in (Shown, Block, ShownVote):
            model.objects.all().delete()
        pipeline.rebuild()
        at_once = derived(unit)
        for table in ("Attribution", "CounterDuty", "Tally", "Vote", "Duty"):
            assert at_once[table] == in_pieces[table], (seed, table)


def test_working_twice_changes_nothing() -> None:
    from server import pipeline
    from server.analytics.models import CountedDay
    from server.attribution.models import ChangedDay

    unit = new_unit()
    feed_randomly(unit, seed=3, steps=100)
    before = (derived(unit), list(ChangedDay.objects.values()), list(CountedDay.objects.values()))
    assert not pipeline.run_once()
    pipeline.run_until_done()
    after = (derived(unit), list(ChangedDay.objects.values()), list(CountedDay.objects.values()))
    assert after == before


def test_a_vote_of_uncertain_days_counts_where_the_period_holds_them_all() -> None:
    unit = new_unit()
    station = new_station(unit)
    station.kiosk.sync = False
    station.kiosk.vote()
    station.send(T0 + 20 * 86_400_000)  # received in the next month
    _run()
    from server.analytics.selectors import Period, unit_figures

    def n(first: date, last: date) -> int:
        period = Period(first, last)
        return unit_figures(unit=unit, period=period, today=last).total.n

    assert n(*MONTH) == 0
    assert n(date(2025, 12, 1), date(2025, 12, 31)) == 0
    assert n(date(2025, 11, 1), date(2025, 12, 31)) == 1


def test_data_as_of_is_the_oldest_line_that_is_not_counted_yet() -> None:
    from server import pipeline
    from server.analytics.selectors import Period, unit_figures
    from server.attribution.services import attribute_pending
    from server.votes.services import understand_pending

    now_ms = T0 + 10**8
    unit = new_unit()
    station = online(unit)

    def as_of() -> int:
        found = unit_figures(unit=unit, period=Period(*MONTH), today=MONTH[0], now_ms=now_ms)
        return found.as_of_ms

    assert as_of() == now_ms
    station.kiosk.vote()
    station.send(T0 + 70_000)
    pipeline.run_until_done()
    assert as_of() == now_ms
    station.kiosk.vote()
    station.send(T0 + 80_000)
    assert as_of() == T0 + 80_000
    understand_pending()
    assert as_of() == T0 + 80_000
    attribute_pending()
    assert as_of() == T0 + 70_000  # the day is counted up to here
    pipeline.run_until_done()
    assert as_of() == now_ms


def _run() -> Any:
    from server import pipeline

    pipeline.run_until_done()
