"""The power is cut at any instant of a kiosk's day: what was thanked is there, and it goes on."""

from collections.abc import Callable

import pytest

from kiosk.errors import KioskError
from tests.powercut.conftest import Day
from tests.powercut.survey import find_lost

Record = Callable[..., Day]
STATES = 1000
SEED = 4


def test_no_power_cut_in_a_day_loses_a_vote_that_was_thanked_or_keeps_a_kiosk_from_going_on(
    record: Record,
) -> None:
    day = record()
    opened = thanked = 0
    for promise in day.after_cuts(seed=SEED, per_step=8):
        lost = find_lost(day.folder, promise, day.server)
        assert not lost, f"state {opened} lost {lost} of {promise}"
        opened += 1
        thanked = sum(map(len, promise.votes.values()))
    assert opened >= STATES
    assert thanked == 64  # so the last state's promise is the whole day's


@pytest.mark.parametrize(
    ("careless", "told"),
    [("commits", "votes are lost"), ("files", "something is half there")],
)
def test_a_kiosk_with_a_precaution_left_out_is_caught(
    record: Record, careless: str, told: str
) -> None:
    day = record(careless=careless)
    found = set()
    for promise in day.after_cuts(seed=SEED, per_step=2):
        try:
            if find_lost(day.folder, promise, day.server):
                found.add("votes are lost")
        except (KioskError, AssertionError):
            found.add("something is half there")
    assert told in found
