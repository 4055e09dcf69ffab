"""The watch of a unit on arrays: what it finds, what it does not, and that a day is a day."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.signals.base import Base
from server.signals.days import UnitDays
from server.signals.fold import nothing_known, watch
from server.signals.kinds import KINDS, MASKED, Key
from server.signals.limits import Limits, rounded, volume_of
from server.signals.sums import FRESH, Alarm, Sums
from tests.server.signals.made import calm, of_ratings, part

pytestmark = pytest.mark.one_database
LIMITS = Limits(volume_of(200_000))
FROM = 60  # the day on which something begins


def found(days: UnitDays) -> list[Alarm]:
    return watch(days, nothing_known(), LIMITS)[1]


def told(alarms: list[Alarm]) -> set[tuple[str, str, str]]:
    return {(each.key.kind, each.key.counter or each.key.level, each.key.side) for each in alarms}


def altered(seed: int, alter: Callable[[Any, Any, Any], None]) -> UnitDays:
    """A calm unit whose ratings (days × counters × 5) and citizens somebody changes."""
    days = calm(seed, 150)
    rng = np.random.default_rng(seed + 1)
    alter(rng, days.ratings, days.served)
    return of_ratings(rng, days.ratings, days.served)


def test_of_a_calm_unit_nothing_is_said() -> None:
    assert [found(calm(seed)) for seed in (2,)] == [[]]


@settings(max_examples=5)
@given(st.lists(st.integers(1, 149), max_size=5, unique=True), st.integers(0, 20))
def test_a_year_at_once_and_each_evening_alone_give_the_very_same(
    cuts: list[int], seed: int
) -> None:
    from server.signals.keeping import read, written

    days = altered(seed, complain)
    days.served[100:110, 1] = 0
    whole = watch(part(days, 0, 150), nothing_known(), LIMITS)
    state, alarms = nothing_known(), []
    for first, last in zip([0, *sorted(cuts)], [*sorted(cuts), 150], strict=True):
        state, more = watch(part(days, first, last), state, LIMITS)
        state = read(written(state)) or state
        alarms += more
    assert written(state) == written(whole[0])
    assert alarms == whole[1] != []


def complain(rng: Any, ratings: Any, served: Any) -> None:
    for day in range(FROM, 150):
        n = ratings[day, 1].sum()
        ratings[day, 1] = rng.multinomial(n, [0.1, 0.12, 0.1, 0.3, 0.38])


def test_a_counter_whose_complaints_treble_is_found_with_when_it_began() -> None:
    alarms = [each for each in found(altered(3, complain)) if each.key.counter == "c1"]
    first = alarms[0]
    began = calm(3).days[FROM]
    assert first.key.kind == "complaints"
    assert abs(first.since - began) <= 7 and first.day - began <= 30
    assert first.x / first.n > 2 * first.p0


def test_votes_stuffed_slowly_are_found_by_the_rate_of_response() -> None:
    def stuff(rng: Any, ratings: Any, served: Any) -> None:
        ratings[FROM:, 2, 4] += 4

    assert ("response", "c2", "up") in told(found(altered(4, stuff)))


def test_who_keeps_the_displeased_from_voting_is_found_by_score_and_response_together() -> None:
    def suppress(rng: Any, ratings: Any, served: Any) -> None:
        ratings[FROM:, 0, :3] = 0
        ratings[FROM:, 0, 3:] = rng.binomial(ratings[FROM:, 0, 3:], 0.7)

    assert ("up-while-down", "c0", "up") in told(found(altered(5, suppress)))


def test_a_kiosk_unplugged_for_days_is_found_by_the_votes_that_stay_away() -> None:
    def unplug(rng: Any, ratings: Any, served: Any) -> None:
        ratings[FROM : FROM + 5, 3] = 0

    (alarm,) = [each for each in found(altered(6, unplug)) if each.key.kind == "silence"]
    began = calm(6).days[FROM]
    assert alarm.key.counter == "c3"
    assert began - 1 <= alarm.since <= began and alarm.day <= began + 3


def test_a_day_without_citizens_is_no_silence() -> None:
    def close(rng: Any, ratings: Any, served: Any) -> None:
        ratings[FROM : FROM + 20, 3] = 0
        served[FROM : FROM + 20, 3] = 0

    assert found(altered(6, close)) == []


def test_a_button_that_is_never_pressed_is_found_whether_it_ever_worked_or_not() -> None:
    def stick(rng: Any, ratings: Any, served: Any) -> None:
        ratings[:, 0, 2], ratings[FROM:, 1, 2] = 0, 0

    days = altered(7, stick)
    assert {("never-pressed", "c0", "3"), ("never-pressed", "c1", "3")} <= told(found(days))


def test_a_button_that_the_scale_does_not_have_is_not_missed() -> None:
    def four(rng: Any, ratings: Any, served: Any) -> None:
        ratings[:, 0, 2] = 0

    days = altered(7, four)
    days.offered[:, 0] = 0b110110
    assert not [each for each in found(days) if each.key.kind == "never-pressed"]


def test_a_kiosk_gone_at_rush_hours_is_found_and_one_gone_at_odd_hours_is_not() -> None:
    def gone(bits: int) -> set[tuple[str, str, str]]:
        days = calm(8)
        days.gone[FROM::2, 1] = bits
        days.hours[FROM::2, 1] &= ~bits
        return told(found(days))

    assert ("gone", "c1", "up") in gone(1 << 8 | 1 << 9)
    assert "gone" not in {kind for kind, _, _ in gone(1 << 15 | 1 << 16)}


def test_revisions_upwards_are_found_of_the_counter_and_of_the_official() -> None:
    days = calm(9, 200, a_day=25)
    days.ups[FROM:, 2] = days.of_official[FROM:, 2, 5] = np.maximum(1, days.lows[FROM:, 2]) // 2
    days.lows[FROM:, 2] = days.of_official[FROM:, 2, 4] = np.maximum(1, days.lows[FROM:, 2])
    about = {each.key[1:3] for each in found(days) if each.key.kind == "revised-up"}
    assert about == {("c2", ""), ("", "o2")}


def test_nobody_is_named_by_a_handful_of_votes_however_odd_these_are() -> None:
    limits = Limits(volume_of(1_000))
    of_person = Key("revised-up", official="o1", side="up")
    of_place = Key("revised-up", counter="c1", side="up")
    sums = Sums([of_person, of_place], [FRESH, FRESH], limits)
    for at in range(2):
        sums.set_base(at, Base(0.02, 1.0))
    one = np.array([1.0, 1.0])
    alarms = [each for day in range(20) for each in sums.step(day, one, one)]
    assert {each.key: each.n for each in alarms} == {of_place: 3, of_person: 10}


def test_an_official_whose_invited_are_too_pleased_is_found() -> None:
    days = calm(10, 200, a_day=25)
    n, good, invited, pleased = (days.of_official[:, 1, at] for at in range(4))
    for day in range(20, 200):
        worse = int(n[day] * 0.3)
        good[day] -= min(worse, good[day] - pleased[day])
        pleased[day] = min(invited[day], good[day])
    alarms = [each for each in found(days) if each.key.kind == "invited"]
    assert [(each.key.official, each.key.side) for each in alarms] == [("o1", "score")]


def test_a_change_that_stays_is_told_once() -> None:
    alarms = [each for each in found(altered(3, complain)) if each.key.kind == "complaints"]
    keys = [each.key for each in alarms]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("counters", [1, 2])
def test_nothing_seen_all_alike_or_impossible_is_defined(counters: int) -> None:
    for fill in ("nothing", "all good", "all bad", "more votes than citizens", "negative"):
        days = calm(11, 60, counters)
        if fill == "nothing":
            for name in ("ratings", "pressed", "served", "lows", "ups", "invited", "of_official"):
                getattr(days, name)[:] = 0
        elif fill in ("all good", "all bad"):
            n = days.ratings.sum(axis=2)
            days.ratings[:] = 0
            days.ratings[:, :, 4 if fill == "all good" else 0] = n
        elif fill == "negative":
            days.served[:] = -5
        else:
            days.served[:] = 1
        state, alarms = watch(days, nothing_known(), LIMITS)
        numbers = [value for part_ in state[:4] for row in part_.values() for value in row]
        assert np.isfinite(numbers).all(), fill
        assert all(np.isfinite([each.statistic, each.threshold]).all() for each in alarms)


def test_no_day_at_all_is_defined() -> None:
    assert watch(part(calm(1, 10), 0, 0), nothing_known(), LIMITS)[1] == []


def test_the_parts_of_the_budget_are_the_whole_of_it() -> None:
    parts = [kind.part for key, kind in KINDS.items() if key != (MASKED, "counter", "down")]
    assert sum(parts) == pytest.approx(1)


@given(st.floats(0, 1))
def test_a_base_rate_is_rounded_away_from_the_change_that_is_sought(p: float) -> None:
    for kind in KINDS.values():
        near = rounded(p, kind)
        assert kind.lowest <= near <= kind.highest
        if kind.lowest < near < kind.highest:
            assert (near >= p) if kind.odds > 1 else (near <= p * (1 + 1e-9))


def complained(seed: int, units: int, days: int, doubled_from: int) -> list[int | None]:
    """Of six counters in each unit, twelve votes a day: the day of the first complaint alarm."""
    rng, found = np.random.default_rng(seed), []
    keys = [Key("complaints", f"c{at}", side="up") for at in range(6)]
    for _ in range(units):
        calm_p = rng.beta(12, 180, 6)
        sums, first = Sums(keys, [FRESH] * 6, LIMITS), {}
        for day in range(days):
            n = rng.binomial(30, 0.4, 6).astype(float)
            p = calm_p if day < doubled_from else 2 * calm_p / (1 + calm_p)
            for alarm in sums.step(day, rng.binomial(n.astype(int), p).astype(float), n):
                first.setdefault(alarm.key, alarm.day)
        found += [first.get(key) for key in keys]
    return found


def test_where_nothing_changes_alarms_keep_within_the_budget() -> None:
    """One a month for a province of 1,074 counters: a twelfth of a year of 36 of them, at most."""
    false = [day for day in complained(1, 6, 250, 999) if day is not None]
    assert len(false) <= 1


def test_twice_the_complaints_are_found_within_three_months_at_most_counters() -> None:
    found = complained(2, 8, 163, 100)
    in_time = [day for day in found if day is not None and day >= 100]
    assert len(in_time) >= 0.5 * len(found)
