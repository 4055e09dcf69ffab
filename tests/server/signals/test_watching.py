"""The watch as the pipeline runs it: over real tables, night by night, and after corrections."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.clock import midnight_ms
from tests.server.signals.made import FIRST, calm, of_ratings, part, write

DAYS = 90


def evening(day: int) -> int:
    """Three o'clock in the morning after the day of this place, in Việt Nam."""
    from zoneinfo import ZoneInfo

    after = FIRST + timedelta(days=day + 1)
    return midnight_ms(after, ZoneInfo("Asia/Ho_Chi_Minh")) + 3 * 3_600_000


def troubled(seed: int = 3) -> Any:
    """Complaints treble at one counter, another falls silent."""
    days = calm(seed, DAYS, 3)
    rng = np.random.default_rng(seed)
    for day in range(45, DAYS):
        n = days.ratings[day, 1].sum()
        days.ratings[day, 1] = rng.multinomial(n, [0.12, 0.14, 0.1, 0.3, 0.34])
    days.ratings[70:74, 2] = 0
    return of_ratings(rng, days.ratings, days.served)


def unit_of(name: str = "W1") -> str:
    from server.organisation.services import make_counter, make_unit

    unit = make_unit(code=name, name="Xã thử")
    for number in range(3):
        make_counter(unit=unit, number=number + 1)
    return unit.code


def watched(now_ms: int) -> bool:
    from server.signals.services import watch_pending

    return watch_pending(now_ms=now_ms)


def states() -> list[tuple[Any, ...]]:
    from server.signals.models import WatchedUnit

    fields = ("unit", "gen", "through", "volume", "budget", "served", "state")
    return list(WatchedUnit.objects.order_by("unit").values_list(*fields))


def signals() -> list[tuple[Any, ...]]:
    from server.signals.models import Signal

    fields = ("unit", "kind", "side", "counter", "official", "procedure", "reason", "since_date",
              "found_date", "statistic_m", "threshold_m", "arl", "stands", "state")  # fmt: skip
    return sorted(Signal.objects.values_list(*fields))


def forget() -> None:
    from server.signals.models import Signal, WatchedUnit

    Signal.objects.all().delete()
    WatchedUnit.objects.all().delete()


def test_a_year_from_scratch_finds_what_the_nights_found_one_by_one() -> None:
    unit, days = unit_of(), troubled()
    for gen, (first, last) in enumerate([(0, 30), (30, 31), (31, 60), (60, 89), (89, 90)], 1):
        write(unit, part(days, first, last), gen)
        assert watched(evening(last - 1))
        assert not watched(evening(last - 1))
    nights = states(), signals()
    assert {"complaints", "silence"} <= {row[1] for row in nights[1]}
    forget()
    assert watched(evening(89))
    assert (states(), signals()) == nights


@settings(max_examples=3)
@given(st.lists(st.tuples(st.sampled_from(["W1", "W2"]), st.integers(0, 59), st.integers(1, 30)),
                min_size=1, max_size=4))  # fmt: skip
def test_whatever_comes_late_the_end_is_as_from_scratch(late: list[tuple[str, int, int]]) -> None:
    """Days of two units come in order but for some, which are written anew later on."""
    from server.analytics.models import Tally
    from server.attribution.models import ChangedDay

    forget()
    units = {name: unit_of(name) for name in ("W1", "W2")}
    made = {"W1": part(troubled(), 0, 60), "W2": part(calm(4, 60, 3), 0, 60)}
    gen = 1
    for first in range(0, 60, 20):
        for name, days in made.items():
            write(units[name], part(days, first, first + 20), gen)
        watched(evening(first + 19))
    for name, day, n in late:
        gen += 1
        on = FIRST + timedelta(days=day)
        Tally.objects.filter(unit=name, first_day=on).update(n1=n)
        ChangedDay.objects.filter(unit=name, first_day=on).update(gen=gen)
        from server.analytics.models import CountedUnit

        CountedUnit.objects.filter(unit=name).update(gen=gen)
        watched(evening(60 + gen))
    end = states(), signals()
    forget()
    watched(evening(60 + gen))
    assert (states(), signals()) == end
    for model in (Tally, ChangedDay):
        model.objects.all().delete()


def test_a_days_votes_are_watched_once_the_day_is_over() -> None:
    unit = unit_of()
    write(unit, part(calm(1), 0, 20))
    assert watched(evening(18))
    (row,) = states()
    assert row[2] == FIRST + timedelta(days=18)
    assert watched(evening(19))


def test_votes_that_come_all_day_do_not_make_the_past_be_watched_again() -> None:
    unit, days = unit_of(), calm(1)
    write(unit, part(days, 0, 20))
    watched(evening(19))
    write(unit, part(days, 20, 21), gen=2)
    assert not watched(evening(19) + 9 * 3_600_000)


def test_a_kiosk_that_sends_an_old_year_is_watched_again_every_ten_minutes_only() -> None:
    from server.analytics.models import CountedUnit
    from server.attribution.models import ChangedDay

    unit = unit_of()
    write(unit, part(calm(1), 0, 20))
    watched(evening(19))
    for gen, minutes, again in ((2, 1, False), (3, 11, True), (4, 12, False), (5, 22, True)):
        ChangedDay.objects.filter(unit=unit, first_day=FIRST).update(gen=gen)
        CountedUnit.objects.filter(unit=unit).update(gen=gen)
        assert watched(evening(19) + minutes * 60_000) is again


def test_transactions_imported_late_are_taken_up_the_next_night() -> None:
    from server.dossiers.models import Transactions

    unit, days = unit_of(), troubled()
    write(unit, part(days, 0, 89))
    late = list(Transactions.objects.all())
    Transactions.objects.all().delete()
    watched(evening(88))
    assert "silence" not in {row[1] for row in signals()}
    Transactions.objects.bulk_create(late)
    write(unit, part(days, 89, 90), gen=2)
    watched(evening(89))
    assert "silence" in {row[1] for row in signals()}
    end = states(), signals()
    forget()
    watched(evening(89))
    assert (states(), signals()) == end


def test_impossible_counts_of_citizens_break_nothing() -> None:
    from server.dossiers.models import Transactions

    unit = unit_of()
    write(unit, troubled())
    for number, n in ((1, -7), (2, 0), (0, 2**31 - 1)):
        Transactions.objects.filter(counter=f"{unit}-{number}").update(n=n)
    assert watched(evening(DAYS))
    assert "nan" not in states()[0][6].lower() and "inf" not in states()[0][6].lower()


def test_a_corrected_past_forgets_what_nobody_looked_at_and_keeps_what_somebody_did() -> None:
    from server.analytics.models import CountedUnit, Tally
    from server.attribution.models import ChangedDay
    from server.signals.models import Signal
    from server.signals.services import look_at

    unit = unit_of()
    write(unit, troubled())
    watched(evening(DAYS))
    about = Signal.objects.filter(unit=unit, kind="complaints", counter=f"{unit}-1").get()
    look_at(unit=unit, number=about.number, by="thanh tra", now_ms=1)
    silent = Signal.objects.filter(unit=unit, kind="silence").get()
    Tally.objects.filter(unit=unit).update(n1=0, n2=0)
    ChangedDay.objects.filter(unit=unit).update(gen=2)
    CountedUnit.objects.filter(unit=unit).update(gen=2)
    watched(evening(DAYS + 1))
    about.refresh_from_db()
    assert (about.state, about.stands) == ("looked", False)
    assert Signal.objects.get(unit=unit, kind="silence").number == silent.number
    assert Signal.objects.filter(unit=unit, kind="complaints", counter__gt="").count() == 1


def test_another_budget_means_other_thresholds_for_every_unit() -> None:
    from server.signals.models import Signal
    from server.signals.services import set_budget

    write(unit_of(), troubled())
    watched(evening(DAYS))
    before = dict(Signal.objects.values_list("kind", "threshold_m"))
    set_budget(alarms=1_000, by="admin", now_ms=1)
    assert watched(evening(DAYS + 1))
    after = dict(Signal.objects.values_list("kind", "threshold_m"))
    assert all(after[kind] < limit for kind, limit in before.items())


def test_half_of_a_backlog_does_not_say_that_the_other_half_stayed_away() -> None:
    from server.attribution.models import ChangedUnit

    unit = unit_of()
    write(unit, troubled())
    ChangedUnit.objects.filter(unit=unit).update(gen=2)
    assert not watched(evening(DAYS))
    ChangedUnit.objects.filter(unit=unit).update(gen=1)
    assert watched(evening(DAYS))
    ChangedUnit.objects.filter(unit=unit).update(gen=2)
    assert not watched(evening(DAYS + 1))
    assert watched(evening(DAYS + 3)), "what never ends must not end the watch"


def test_during_a_rebuild_nobody_is_missed() -> None:
    from server.analytics.services import begin_rebuild, end_rebuild

    write(unit_of(), troubled())
    begin_rebuild(tallies_only=False)
    assert not watched(evening(DAYS))
    end_rebuild()
    assert watched(evening(DAYS))


def test_to_look_and_to_close_are_deeds_and_an_outcome_says_something() -> None:
    from server.signals.errors import SignalError
    from server.signals.models import Signal
    from server.signals.services import close, look_at
    from tests.server.attribution.scene import deeds

    unit = unit_of()
    write(unit, troubled())
    watched(evening(DAYS))
    number = Signal.objects.filter(unit=unit).order_by("number").values_list("number", flat=True)[0]
    with pytest.raises(SignalError, match="begin to"):
        close(unit=unit, number=number, outcome="nothing amiss", by="a", now_ms=4)
    look_at(unit=unit, number=number, by="a", now_ms=5)
    look_at(unit=unit, number=number, by="b", now_ms=6)
    with pytest.raises(SignalError):
        close(unit=unit, number=number, outcome="  ", by="a", now_ms=7)
    close(unit=unit, number=number, outcome="A new procedure began.", by="a", now_ms=8)
    row = Signal.objects.get(unit=unit, number=number)
    assert (row.state, row.looked_by, row.outcome) == ("closed", "a", "A new procedure began.")
    assert [(each["what"], each["by"]) for each in deeds("signal")] == [
        ("looked", "a"), ("looked", "b"), ("closed", "a"),
    ]  # fmt: skip
    with pytest.raises(SignalError, match="no signal 99"):
        look_at(unit=unit, number=99, by="a", now_ms=9)


def test_a_unit_without_any_vote_is_no_work() -> None:
    unit_of()
    assert not watched(evening(1))


def test_check_finds_a_signal_closed_by_hand_or_taken_away() -> None:
    from server.signals.audit import find_differences
    from server.signals.models import Signal
    from server.signals.services import close, look_at

    unit = unit_of()
    write(unit, troubled())
    watched(evening(DAYS))
    first, second = Signal.objects.order_by("number").values_list("number", flat=True)[:2]
    look_at(unit=unit, number=first, by="a", now_ms=5)
    look_at(unit=unit, number=first, by="b", now_ms=6)
    close(unit=unit, number=first, outcome="A new procedure.", by="b", now_ms=8)
    close(unit=unit, number=first, outcome="A broken queue.", by="a", now_ms=9)
    assert find_differences() == []
    row = Signal.objects.get(unit=unit, number=first)
    Signal.objects.filter(number=first).update(outcome="Nothing.")
    Signal.objects.filter(number=second).update(state="closed", looked_by="c", closed_by="c")
    assert find_differences() == [
        f"Signal {first} of unit W1 is closed, but not as the log says: closed by a.",
        f"Signal {second} of unit W1 is closed, but not as the log says: new.",
    ]
    Signal.objects.filter(number__in=(first, second)).delete()
    assert find_differences() == [f"Signal {first} of unit W1 is in the log, but not in its table."]
    row.save(force_insert=True)
    assert find_differences() == []
