"""1 July 2025, acted out: two provinces become one, and every figure can be read both ways."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.server.votes.river import new_station

JUNE, JULY = date(2025, 6, 1), date(2025, 7, 1)
TODAY = date(2025, 8, 15)
BOTH = (JUNE, date(2025, 7, 31))


def _ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 3, tzinfo=UTC).timestamp() * 1000)


def _vote(unit: str, day: date, *ratings: int) -> None:
    """Citizens of a unit, on a day of their own kiosk."""
    station = new_station(unit, enrolled_ms=_ms(day) - 10_000)
    station.kiosk.now_ms = _ms(day)
    station.kiosk.clock()
    for number, rating in enumerate(ratings):
        station.kiosk.vote(rating, after_ms=None if number else 1_000)
    station.send()


def _work() -> None:
    from server import pipeline

    pipeline.run_until_done()


def _make(code: str, parent: Any = None, started: date | None = None) -> Any:
    from server.organisation.services import make_counter, make_unit

    unit = make_unit(code=code, name=f"Xã {code}", parent=parent, started_date=started)
    make_counter(unit=unit, number=1)
    return unit


@pytest.fixture
def country() -> None:
    """Provinces 10 and 20; on 1 July 10 goes into 20.

    10 had 101 and 102, which become 201; 103, which is split between 202 and 301 (of province 30);
    and 104, of which nobody has entered what became of it. 20 keeps 203. In each of them five
    citizens vote in June and, if it still stands or newly stands, ten in July.
    """
    from server.organisation.services import add_successor, end_unit

    old, new, other = (_make(code) for code in ("10", "20", "30"))
    gone = [_make(code, old) for code in ("101", "102", "103", "104")]
    merged, part = _make("201", new, JULY), _make("202", new, JULY)
    elsewhere, kept = _make("301", other, JULY), _make("203", new)
    for unit in (*gone, old):
        end_unit(unit=unit, on_date=JULY)
    note = "Nghị quyết"
    for before, after in (
        (gone[0], merged), (gone[1], merged), (gone[2], part), (gone[2], elsewhere), (old, new)
    ):  # fmt: skip
        add_successor(predecessor=before, successor=after, on_date=JULY, note=note)
    for unit in (*gone, kept):
        _vote(unit.code, date(2025, 6, 10), 5, 5, 4, 3, 1)
    for unit in (merged, part, elsewhere, kept):
        _vote(unit.code, date(2025, 7, 10), *[5] * 10)
    _work()


def _read(unit: str, view: str, months: tuple[date, date] = BOTH) -> Any:
    from server.analytics.selectors import Period, node_figures

    return node_figures(unit=unit, period=Period(*months), today=TODAY, view=view)  # type: ignore[arg-type]


def _n(found: Any) -> dict[str, int]:
    return {code: figure.n for code, figure in found.units.items()}


@pytest.mark.usefixtures("country")
def test_as_was_each_province_has_what_stood_beneath_it_while_it_did() -> None:
    ten, twenty = _read("10", "as-was"), _read("20", "as-was")
    assert _n(ten) == {"101": 5, "102": 5, "103": 5, "104": 5}
    assert ten.total.n == ten.total.base == 20
    assert ten.total.counts == (4, 0, 4, 4, 8)
    assert _n(twenty) == {"201": 10, "202": 10, "203": 15}
    assert twenty.total.n == 35
    assert ten.unmapped == twenty.unmapped == {}
    assert ten.unmapped_share == 0.0


@pytest.mark.usefixtures("country")
def test_as_is_the_province_of_today_has_the_past_of_both_and_says_what_it_cannot_map() -> None:
    found = _read("20", "as-is")
    assert _n(found) == {"201": 20, "202": 10, "203": 15}
    assert found.total.n == found.total.base == 45
    assert {code: (each.n, each.why) for code, each in found.unmapped.items()} == {
        "103": (5, "split"), "104": (5, "ended")
    }  # fmt: skip
    assert found.unmapped["103"].parts == ("202", "301")
    assert found.unmapped_share == pytest.approx(10 / 55)
    # Its neighbor shares in the commune that was split, and in nothing else.
    other = _read("30", "as-is")
    assert _n(other) == {"301": 10}
    assert set(other.unmapped) == {"103"}


@pytest.mark.usefixtures("country")
def test_every_vote_stands_once_in_the_country_whichever_way_it_is_read() -> None:
    was = sum(_read(unit, "as-was").total.n for unit in ("10", "20", "30"))
    found = [_read(unit, "as-is") for unit in ("20", "30")]
    lost = {code: each.n for one in found for code, each in one.unmapped.items()}
    assert was == 65 == sum(one.total.n for one in found) + sum(lost.values())


@pytest.mark.usefixtures("country")
def test_a_unit_alone_is_its_own_node() -> None:
    from server.analytics.selectors import Period, unit_figures

    for view in ("as-was", "as-is"):
        found = _read("203", view).total
        assert found == unit_figures(unit="203", period=Period(*BOTH), today=TODAY).total
    assert _read("201", "as-was").total.n == 10
    assert _read("201", "as-is").total.n == 20
    assert _read("10", "as-is").total.n == 0  # it stands no more


def test_a_unit_that_changes_hands_within_a_month_is_cut_by_days() -> None:
    from server.organisation.services import change_unit

    one, two = _make("10"), _make("20")
    unit = _make("101", one)
    for day in (9, 14, 15, 20):
        _vote("101", date(2025, 7, day), 5, 5, 5, 5, 5)
    change_unit(unit=unit, on_date=date(2025, 7, 15), parent=two)
    _work()
    assert _n(_read("10", "as-was")) == {"101": 10}
    assert _n(_read("20", "as-was")) == {"101": 10}
    assert _read("20", "as-was").total.base == 0  # a month's share belongs to neither
    assert _n(_read("20", "as-is")) == {"101": 20}
    assert _read("20", "as-is").total.base == 20
    assert _n(_read("10", "as-is")) == {}


def test_votes_of_uncertain_days_count_where_all_of_them_lie_within() -> None:
    from server.organisation.services import change_unit

    one, two = _make("10"), _make("20")
    unit = _make("101", one)
    station = new_station("101", enrolled_ms=_ms(date(2025, 7, 16)))
    station.kiosk.sync = False
    station.kiosk.now_ms = _ms(date(2025, 7, 17))
    station.kiosk.vote(5)
    station.send(_ms(date(2025, 7, 20)))
    _work()
    change_unit(unit=unit, on_date=date(2025, 7, 16), parent=two)
    assert _read("20", "as-was").total.n == 1
    assert _read("10", "as-was").total.n == 0
    other = new_station("101", enrolled_ms=_ms(date(2025, 7, 10)))
    other.kiosk.sync = False
    other.kiosk.now_ms = _ms(date(2025, 7, 17))
    other.kiosk.vote(5)
    other.send(_ms(date(2025, 7, 20)))
    _work()
    assert _read("20", "as-was").total.n == 1  # it may be of before
    assert _read("10", "as-was").total.n == 0
    assert _read("20", "as-is").total.n == 2


def test_whatever_waits_beneath_makes_the_figures_as_of_before() -> None:
    from server.analytics.selectors import Period, node_figures

    one = _make("10")
    _make("101", one)
    _vote("101", date(2025, 7, 17), 5)
    received_ms = _ms(date(2025, 7, 17))
    period = Period(*BOTH)
    found = node_figures(unit="10", period=period, today=TODAY, now_ms=_ms(TODAY))
    assert 0 < found.as_of_ms - received_ms < 10_000
    _work()
    found = node_figures(unit="10", period=period, today=TODAY, now_ms=_ms(TODAY))
    assert found.as_of_ms == _ms(TODAY)
