"""Shares and bars move in whole fives: no two reads tell one vote's rating (models.Shown)."""

import random
from datetime import date
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.kiosks import T0
from tests.server.votes.river import Station, new_unit, online

if TYPE_CHECKING:
    from server.analytics.selectors import Figure, UnitFigures

PERIODS = {
    "nov": (date(2025, 11, 1), date(2025, 11, 30)),
    "dec": (date(2025, 12, 1), date(2025, 12, 31)),
    "both": (date(2025, 11, 1), date(2025, 12, 31)),
}

event = st.tuples(
    st.sampled_from(["vote"] * 6 + ["revise", "change"]),
    st.integers(0, 1),  # which kiosk
    st.integers(1, 5),
    st.sampled_from([1_000, 1_000, 1_000, 5 * 86_400_000]),
)


class View(dict[tuple[str, str, str], "Figure"]):
    """Figures by (period, kind, code); those that do not exist are figures of no votes."""

    def __missing__(self, key: tuple[str, str, str]) -> "Figure":
        from server.analytics.selectors import Figure

        return Figure()


def _figures(unit: str, name: str) -> "UnitFigures":
    from server.analytics.selectors import Period, unit_figures

    return unit_figures(unit=unit, period=Period(*PERIODS[name]), today=date(2025, 11, 22))


def _read(unit: str) -> View:
    """Every figure that a supervisor can open."""
    view = View()
    for name in PERIODS:
        found = _figures(unit, name)
        view[name, "total", ""] = found.total
        view |= {(name, "counter", code): figure for code, figure in found.counters.items()}
        view |= {(name, "official", code): figure for code, figure in found.officials.items()}
    return view


def _check_pair(one: "Figure", other: "Figure") -> None:
    """Either the same votes behind both, or at least five more behind one of them."""
    if one.base == other.base:
        assert one.counts == other.counts
    else:
        assert abs(one.base - other.base) >= 5


def _check_view(view: View) -> None:
    for (name, kind, code), figure in view.items():
        assert figure.base % 5 == 0
        assert figure.base <= figure.n
        assert (figure.counts is None) == (figure.share is None) == (figure.base == 0)
        if figure.n < 5:
            assert figure.share is None
        if figure.counts is not None:
            assert sum(figure.counts) == figure.base
        # What holds another: the period of both months, and the unit that holds its counters.
        _check_pair(view["both", kind, code], figure)
        if kind == "counter":
            _check_pair(view[name, "total", ""], figure)


def _happen(stations: list[Station], duties: list[int], what: tuple[Any, ...]) -> None:
    """One event at a kiosk, received and worked at once."""
    from server import pipeline

    type, index, rating, after_ms = what
    station = stations[index]
    kiosk = station.kiosk
    votes = [seq for seq, line in enumerate(kiosk.lines, 1) if b'"type":"vote",' in line]
    if type == "vote":
        # Citizens, not a thumb: what mashes is held (tests/server/flags).
        pace = after_ms if after_ms > 60_000 else None
        kiosk.vote(rating, duty=duties[index], after_ms=pace)
    elif type == "revise" and votes:
        kiosk.add("vote.revised", {"vote": votes[-1], "rating": rating})
    elif type == "change":
        duties[index] = kiosk.duty(f"CB-{index + 1}" if rating > 2 else "CB-9")
    station.send(kiosk.now_ms + 10)
    pipeline.run_until_done()


def _start() -> tuple[str, list[Station], list[int]]:
    unit = new_unit(("CB-1", "CB-2"))
    stations = [online(unit, 1), online(unit, 2)]
    return unit, stations, [station.kiosk.duty(f"CB-{i}") for i, station in enumerate(stations, 1)]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(event, min_size=6, max_size=18))
def test_no_two_successive_reads_differ_by_fewer_than_five_votes(
    events: list[tuple[Any, ...]],
) -> None:
    unit, stations, duties = _start()
    before = _read(unit)
    for what in events:
        _happen(stations, duties, what)
        after = _read(unit)
        _check_view(after)
        for key in before.keys() | after.keys():
            _check_pair(before[key], after[key])
        before = after


def test_a_hundred_votes_one_by_one() -> None:
    dice = random.Random(1)
    unit, stations, duties = _start()
    before = _read(unit)
    steps: set[int] = set()
    for _ in range(110):
        type = dice.choices(["vote", "revise", "change"], [12, 2, 1])[0]
        after_ms = dice.choice([1_000, 1_000, 43_200_000])
        _happen(stations, duties, (type, dice.randrange(2), dice.randint(1, 5), after_ms))
        after = _read(unit)
        _check_view(after)
        for key in before.keys() | after.keys():
            one, other = before[key], after[key]
            _check_pair(one, other)
            steps.add(other.base - one.base)
        before = after
    assert before["both", "total", ""].base > 50
    assert steps == {0, 5}


def test_the_fifth_vote_opens_the_share_and_a_late_revision_waits_for_the_tenth() -> None:
    unit, stations, duties = _start()
    for rating in (5, 5, 5, 5):
        _happen(stations, duties, ("vote", 0, rating, 1_000))
    assert _read(unit)["nov", "official", "CB-1"].share is None
    _happen(stations, duties, ("vote", 0, 4, 1_000))
    assert _read(unit)["nov", "official", "CB-1"].counts == (0, 0, 0, 1, 4)
    _happen(stations, duties, ("revise", 0, 1, 1_000))
    figure = _read(unit)["nov", "official", "CB-1"]
    assert (figure.counts, figure.share) == ((0, 0, 0, 1, 4), 1.0)
    for _ in range(5):
        _happen(stations, duties, ("vote", 0, 5, 1_000))
    figure = _read(unit)["nov", "official", "CB-1"]
    assert (figure.n, figure.counts, figure.share) == (10, (1, 0, 0, 0, 9), 0.9)
    assert figure.low is not None and figure.high is not None
    assert figure.low < 0.9 < figure.high


def test_ratings_are_those_of_the_moment_however_late_they_are_counted() -> None:
    from server import pipeline

    unit, stations, duties = _start()
    station = stations[0]
    for _ in range(5):
        station.kiosk.vote(5, duty=duties[0])
    station.send(T0 + 60_000)
    station.kiosk.add("vote.revised", {"vote": len(station.kiosk.lines), "rating": 1})
    station.send(T0 + 61_000)  # understood together with the votes, but received later
    pipeline.run_until_done()
    assert _read(unit)["nov", "official", "CB-1"].counts == (0, 0, 0, 0, 5)


def test_a_late_sign_in_takes_votes_away_by_whole_fives() -> None:
    from server import pipeline

    unit = new_unit(("CB-1", "CB-2"))
    first, second = online(unit), online(unit)
    for n, rating in enumerate((5, 5, 5, 5, 5, 1, 1, 1, 1, 1, 4, 4)):
        second.kiosk.vote(rating, after_ms=60_000 + (-1) ** n * 2_000)  # no clock
    second.send()
    pipeline.run_until_done()
    before = _read(unit)
    assert before["nov", "counter", f"{unit}-1"].base == 10
    first.kiosk.now_ms += 11 * 60_000 + 30_000
    first.kiosk.mono_ms += 11 * 60_000 + 30_000
    first.kiosk.duty("CB-1")
    first.send(second.kiosk.now_ms + 5_000)
    pipeline.run_until_done()
    after = _read(unit)
    assert after["nov", "official", "CB-1"].n == 1
    for key in before:
        _check_pair(before[key], after[key])


def test_figures_never_touch_the_votes() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    unit, stations, duties = _start()
    _happen(stations, duties, ("vote", 0, 5, 1_000))
    with CaptureQueriesContext(connection) as queries:
        _figures(unit, "nov")
    assert len(queries) <= 8
    for query in queries:
        assert "votes_vote" not in query["sql"]
        assert "attribution_attribution " not in query["sql"]


def test_unattributed_votes_are_counted_by_their_reason() -> None:
    unit, stations, _ = _start()
    kiosk = stations[0].kiosk
    ended = kiosk.duty("CB-9")
    kiosk.vote(5, duty=ended)
    kiosk.add("duty.ended", {"duty": ended, "by": "idle"})
    kiosk.vote(5)
    kiosk.vote(5)
    stations[0].send()
    from server import pipeline

    pipeline.run_until_done()
    found = _figures(unit, "nov")
    assert found.unattributed == {"unknown-official": 1, "nobody-signed-in": 2}
    assert found.today == {f"{unit}-1": 3}
    assert found.counters[f"{unit}-1"].n == found.total.n == 3
