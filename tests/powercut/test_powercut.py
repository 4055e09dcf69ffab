"""The power is cut at any instant of a kiosk's day: what was thanked is there, and it goes on."""

from collections.abc import Callable

import pytest

from kiosk.errors import KioskError
from tests.powercut.conftest import Day
from tests.powercut.day import OTHER_CODE, Office, Recorder
from tests.powercut.survey import find_lost

Record = Callable[..., Day]
STATES = 1000
SEED = 4


def presses(count: int) -> list[str]:
    return [word for n in range(count) for word in (f"press {n % 5 + 1}", "wait 20")]


def whole_day(kiosk: Recorder, server: Office) -> None:
    """Enrolled, configured twice, killed, enrolled with another code: 64 presses."""
    kiosk.enrol()
    kiosk.run(presses(12), presses(12), kill=True)
    kiosk.run(presses(25))
    server.give_out(OTHER_CODE)
    kiosk.enrol()
    kiosk.run(presses(12), presses(3))


def short_day(kiosk: Recorder, _: Office) -> None:
    kiosk.enrol()
    kiosk.run(presses(20), presses(3))


def day_with_a_worn_card(kiosk: Recorder, _: Office) -> None:
    """The damage is found when the kiosk starts again: 8 presses go into a new journal."""
    kiosk.enrol()
    kiosk.run(presses(3))
    kiosk.wear_out()
    kiosk.run(presses(8))


def test_no_power_cut_in_a_day_loses_a_vote_that_was_thanked_or_keeps_a_kiosk_from_going_on(
    record: Record,
) -> None:
    day = record(whole_day)
    opened = thanked = 0
    for promise in day.after_cuts(seed=SEED, per_step=9):
        lost = find_lost(day.folder, promise, day.server, starts_first=opened % 2 == 0)
        assert not lost, f"state {opened} lost {lost} of {promise}"
        opened += 1
        thanked = sum(map(len, promise.votes.values()))
    assert opened >= STATES
    assert thanked == 64  # so the last state's promise is the whole day's


def test_no_power_cut_while_a_damaged_journal_is_set_aside_loses_evidence_or_a_vote(
    record: Record,
) -> None:
    day = record(day_with_a_worn_card)
    opened = 0
    for promise in day.after_cuts(seed=SEED, per_step=4):
        lost = find_lost(day.folder, promise, day.server)
        assert not lost, f"state {opened} lost {lost} of {promise}"
        opened += promise.damaged
    assert opened >= STATES / 10
    assert len(promise.votes[promise.journal]) == 8


@pytest.mark.parametrize(
    ("careless", "told"),
    [("commits", "votes are lost"), ("files", "something is half there")],
)
def test_a_kiosk_with_a_precaution_left_out_is_caught(
    record: Record, careless: str, told: str
) -> None:
    day = record(short_day, careless=careless)
    found = set()
    for promise in day.after_cuts(seed=SEED, per_step=2):
        try:
            if find_lost(day.folder, promise, day.server):
                found.add("votes are lost")
        except (KioskError, AssertionError):
            found.add("something is half there")
    assert told in found
