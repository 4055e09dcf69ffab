"""What a kiosk tells of itself: its days, boots, faults, tests, and its answers to orders."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.server.kiosks import T0
from tests.server.votes.river import Station, new_station, new_unit, online, rows

DAY = {"uptime_s": 36_000, "suppressed": 2}
TODAY = date(2025, 11, 22)


def understand() -> None:
    from server.pipeline import run_until_done

    run_until_done()


def told(station: Station) -> dict[str, Any]:
    from server.votes.models import KioskDay, KioskEvent

    return {m.__name__: rows(m, kiosk=station.kiosk.kiosk) for m in (KioskEvent, KioskDay)}


def add_day(station: Station, day: date, counts: dict[str, int]) -> None:
    station.kiosk.add("day", {"date": day.isoformat(), "counts": counts, **DAY})


def everything(station: Station) -> None:
    add = station.kiosk.add
    add("boot", {"software": "0.1.0", "os": "o", "hardware": "h", "cause": "watchdog"})
    add("fault", {"part": "button-3", "kind": "stuck", "since_ms": T0})
    station.kiosk.vote(5)
    add("suppressed", {"count": 9, "from_mono_ms": 1, "to_mono_ms": 2, "why": "bounce"})
    add("test", {"rating": 4})
    add("fault.cleared", {"part": "button-3", "kind": "stuck", "since_ms": T0})
    add_day(station, TODAY, {"5": 1})


def test_what_a_kiosk_tells_of_itself_becomes_rows_with_their_time() -> None:
    station = online(new_unit())
    everything(station)
    station.send()
    understand()
    found = told(station)
    events = [(row["type"], row["part"], row["quality"]) for row in found["KioskEvent"]]
    assert events == [
        ("boot", "", "exact"),
        ("fault", "button-3", "exact"),
        ("suppressed", "", "exact"),
        ("test", "", "exact"),
        ("fault.cleared", "button-3", "exact"),
    ]
    assert found["KioskEvent"][0]["data"]["cause"] == "watchdog"
    (day,) = found["KioskDay"]
    assert (day["date"], day["scale"], day["n5"], day["n1"]) == (TODAY, "vn5", 1, 0)
    assert (day["uptime_s"], day["suppressed"]) == (36_000, 2)


@pytest.mark.parametrize("step", [1, 3])
def test_a_rebuild_and_any_way_of_sending_tell_the_same(step: int) -> None:
    from server.pipeline import rebuild

    station = new_station(new_unit())
    everything(station)
    station.kiosk.clock()  # it times everything before it anew
    add_day(station, TODAY + timedelta(days=1), {"1": 2})
    arrived = station.kiosk.now_ms + 2_000
    for upto in range(step, len(station.kiosk.lines) + step, step):
        station.send(arrived, upto=min(upto, len(station.kiosk.lines)))
        understand()
    before = told(station)
    assert {row["quality"] for row in before["KioskEvent"]} == {"exact"}
    rebuild()
    assert told(station) == before


def test_words_longer_than_a_column_are_cut_and_do_not_stop_the_journal() -> None:
    station = online(new_unit())
    station.kiosk.add("fault", {"part": "p" * 900, "kind": "k" * 900, "since_ms": 0})
    findings = {f"part-{n}": "x" * 30 for n in range(70)}
    data = {"order": 1, "what": "selftest", "outcome": "done", "findings": findings}
    station.kiosk.add("order", data)
    add_day(station, TODAY, {"5": 2**53 - 1})
    station.kiosk.vote(5)
    station.send()
    understand()
    found = told(station)
    assert len(found["KioskEvent"][0]["part"]) == 100
    assert len(found["KioskEvent"][1]["data"]["findings"]) == 40
    assert found["KioskDay"][0]["n5"] == 2**53 - 1


# Orders


def order(station: Station, number: int = 1, what: str = "restart") -> None:
    from server.fleet.models import Order

    Order.objects.create(kiosk_id=station.kiosk.kiosk, number=number, what=what, by="an", at_ms=1)


def answer(station: Station, outcome: str, number: int = 1, **findings: str) -> None:
    data = {"order": number, "what": "restart", "outcome": outcome, "findings": findings}
    station.kiosk.add("order", data)
    station.send()
    understand()


def answered(station: Station, number: int = 1) -> Any:
    from server.fleet.models import Order

    return Order.objects.get(kiosk=station.kiosk.kiosk, number=number)


def test_an_order_shows_what_the_journal_says_came_of_it() -> None:
    station = online(new_unit())
    order(station)
    answer(station, "taken")
    assert answered(station).outcome == "taken"
    answer(station, "done", screen="ok")
    found = answered(station)
    assert (found.outcome, found.findings) == ("done", {"screen": "ok"})
    assert found.answered_ms == station.kiosk.now_ms + 2_000  # the server's time of receipt


def test_the_first_final_answer_stays_and_a_rebuild_changes_nothing() -> None:
    from server.pipeline import rebuild

    station = online(new_unit())
    order(station)
    for outcome in ("taken", "failed", "done", "taken"):
        answer(station, outcome)
    before = answered(station)
    assert before.outcome == "failed"
    rebuild()
    again = answered(station)
    assert (again.outcome, again.answered_ms) == ("failed", before.answered_ms)


def test_an_answer_to_an_order_that_nobody_gave_changes_nothing() -> None:
    from server.fleet.models import Order

    station = online(new_unit())
    answer(station, "done", number=2**53 - 1)
    assert Order.objects.count() == 0


# A rating that nobody presses


def quiet(station: Station, **choices: Any) -> dict[str, list[int]]:
    from server.votes.selectors import never_pressed

    return never_pressed(today=TODAY, **choices)


def counted(station: Station, days: int, counts: dict[str, int], scale: str = "vn5") -> None:
    from server.votes.models import KioskDay

    numbers = {f"n{rating}": counts.get(str(rating), 0) for rating in range(1, 6)}
    first = KioskDay.objects.count() + 1_000
    KioskDay.objects.bulk_create(
        KioskDay(
            unit=station.unit, journal=station.kiosk.journal, seq=first + back,
            kiosk=station.kiosk.kiosk, date=TODAY - timedelta(days=back), scale=scale,
            uptime_s=1, suppressed=0, **numbers,
        )
        for back in range(days)
    )  # fmt: skip


BUSY = {"5": 20, "4": 8, "3": 1, "2": 1}


def test_a_level_that_nobody_pressed_on_ten_busy_days_is_named() -> None:
    station = new_station(new_unit())
    counted(station, 9, BUSY)
    assert quiet(station) == {}
    counted(station, 10, BUSY)
    assert quiet(station) == {station.kiosk.kiosk: [1]}
    assert quiet(station, kiosks=["k-other"]) == {}
    assert quiet(station, kiosks=[]) == {}


def test_days_with_few_votes_prove_nothing() -> None:
    station = new_station(new_unit())
    counted(station, 30, {"5": 29})
    assert quiet(station) == {}


@pytest.mark.parametrize(("scale", "named"), [("vn5", [1, 3]), ("vn4", [1]), ("vn3", [])])
def test_only_levels_that_the_scale_offers_are_missed(scale: str, named: list[int]) -> None:
    station = new_station(new_unit())
    counted(station, 12, {"5": 20, "4": 9, "2": 1}, scale)
    assert quiet(station) == ({station.kiosk.kiosk: named} if named else {})


def test_a_press_in_a_self_test_shows_that_the_button_works() -> None:
    station = online(new_unit())
    counted(station, 12, BUSY)
    station.kiosk.add("test", {"rating": 1})
    station.send()
    understand()
    assert quiet(station) == {}


def test_one_press_of_the_level_is_enough() -> None:
    station = new_station(new_unit())
    counted(station, 9, BUSY)
    counted(station, 1, BUSY | {"1": 1})
    assert quiet(station) == {}


def test_the_servers_count_of_a_day_is_by_the_local_date() -> None:
    from server.votes.selectors import votes_by_day

    station = online(new_unit())
    station.kiosk.vote(5)
    station.kiosk.vote(2, after_ms=16 * 3_600_000)  # 00:26 in Vietnam
    station.send()
    understand()
    held = votes_by_day(
        unit=station.unit, kiosk=station.kiosk.kiosk, since=TODAY,
        zone=ZoneInfo("Asia/Ho_Chi_Minh"),
    )  # fmt: skip
    assert {(cast.date, cast.rating): n for cast, n in held.items()} == {
        (TODAY, 5): 1,
        (TODAY + timedelta(days=1), 2): 1,
    }


def test_the_newest_vote_of_each_kiosk_is_found() -> None:
    from server.votes.selectors import last_votes

    unit = new_unit()
    first, second = online(unit, 1), online(unit, 2)
    for rating in (1, 2, 3):
        first.kiosk.vote(rating)
    first.send()
    understand()
    kiosks = [first.kiosk.kiosk, second.kiosk.kiosk]
    assert last_votes(kiosks) == {first.kiosk.kiosk: first.kiosk.now_ms}
    assert last_votes([]) == {}


def test_the_check_finds_what_a_kiosk_did_not_say(capsys: pytest.CaptureFixture[str]) -> None:
    from server.__main__ import main
    from server.votes.models import KioskDay, KioskEvent

    station = online(new_unit())
    everything(station)
    station.send()
    understand()
    assert main(["check"]) == 0
    KioskDay.objects.update(n5=2)
    assert main(["check"]) == 1
    assert "tells of itself differs" in capsys.readouterr().out
    KioskDay.objects.update(n5=1)
    KioskEvent.objects.filter(type="test").delete()
    assert main(["check"]) == 1
