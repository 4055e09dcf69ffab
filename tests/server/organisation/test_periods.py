"""Stretches of days are sets of days; of one thing no two are ever kept that overlap."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.organisation.periods import Days, joined
from tests.server.organisation.test_spells import undone

FIRST = date(2025, 1, 1)
SPAN = 8
days = st.builds(
    lambda low, length: Days(
        None if low == 0 else FIRST + timedelta(days=low),
        None if low + length >= SPAN else FIRST + timedelta(days=low + length),
    ),
    st.integers(0, SPAN - 1),
    st.integers(1, SPAN),
)


def held(stretch: Days | None) -> set[int]:
    """The days of a stretch, of those from FIRST on; one before and one after stand for all."""
    if stretch is None:
        return set()
    return {n for n in range(-1, SPAN + 2) if stretch.holds(FIRST + timedelta(days=n))}


@given(days, days)
def test_what_two_stretches_share(one: Days, other: Days) -> None:
    assert held(one.within(other)) == held(one) & held(other)
    assert one.overlaps(other) is bool(held(one) & held(other)) is other.overlaps(one)


@given(st.lists(days, max_size=6))
def test_joined_stretches_hold_the_same_days_and_neither_touch_nor_overlap(
    some: list[Days],
) -> None:
    found = joined(some)
    assert set().union(*map(held, found)) == set().union(*map(held, some))
    assert all(one.high < other.low for one, other in pairwise(found))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(days, min_size=2, max_size=6))
def test_whatever_is_entered_for_a_counter_an_official_or_a_seat_never_overlaps(
    server_folder: Any, some: list[Days]
) -> None:
    from server.organisation.models import CounterSpell, OfficialSpell, Seat
    from server.organisation.services import (
        OrganisationError,
        make_counter,
        make_official,
        make_unit,
        set_counter_spell,
        set_official_spell,
        set_seat,
    )

    with undone():
        unit = make_unit(code="99001", name="Xã mẫu")
        counter = make_counter(unit=unit, number=1)
        official = make_official(unit=unit, code="CB-1", name="Cán bộ mẫu")
        kept: dict[date | None, Days] = {}
        for stretch in some:
            others = [each for start, each in kept.items() if start != stretch.started_date]
            fits = not any(held(stretch) & held(each) for each in others)
            for work in (
                lambda **on: set_counter_spell(counter=counter, **on),
                lambda **on: set_official_spell(official=official, **on),
                lambda **on: set_seat(counter=counter, official=official, **on),
            ):
                try:
                    work(**stretch._asdict())
                    assert fits
                except OrganisationError as error:
                    assert error.kind == "days-overlap" and not fits
            if fits:
                kept[stretch.started_date] = stretch
        for model in (CounterSpell, OfficialSpell, Seat):
            rows = {Days(row.started_date, row.ended_date) for row in model.objects.all()}
            assert rows == set(kept.values())
