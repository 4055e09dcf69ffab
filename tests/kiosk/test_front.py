"""What is open before the kiosk closes by itself, and nothing of one citizen stays for the next."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.front import LASTS_MS, RESTS_AFTER_MS, STAYS, Front, Thing

THINGS = get_args(Thing)


def test_a_language_goes_back_by_itself() -> None:
    front = Front(("vi", "en"))
    front.choose_locale("en", 0)
    front.choose_locale("xx", 0)
    front.tick(LASTS_MS["locale"] - 1)
    assert front.locale == "en"
    front.tick(LASTS_MS["locale"])
    assert front.locale == "vi"


@pytest.mark.parametrize("thing", THINGS)
def test_everything_closes_by_itself(thing: Thing) -> None:
    front = Front(("vi",))
    front.open(thing, 0)
    assert front.next_ms() == LASTS_MS[thing]
    front.tick(LASTS_MS[thing])
    assert not front.is_open(thing)
    assert front.next_ms() is None


@pytest.mark.parametrize("thing", STAYS)
def test_a_touch_keeps_it_open(thing: Thing) -> None:
    front = Front(("vi",))
    front.open(thing, 0)
    front.unlocked = thing == "technician"
    front.touched(LASTS_MS[thing] - 1)
    front.tick(LASTS_MS[thing])
    assert front.is_open(thing)


def test_what_one_citizen_chose_is_forgotten_with_the_vote() -> None:
    front = Front(("vi",))
    front.choose_counter("99001-2", 0)
    front.disown(True, 0)
    front.invite("H29", 0)
    front.forget_citizen()
    assert (front.counter, front.disowned, front.dossier) == (None, False, None)
    assert not front.is_open("choice") and not front.is_open("invitation")


def test_closing_the_technicians_page_locks_it_and_ends_the_self_test() -> None:
    front = Front(("vi",))
    front.open("technician", 0)
    front.unlocked = True
    front.open("test", 0)
    front.seen = (1,)
    front.tick(LASTS_MS["technician"])
    assert (front.unlocked, front.seen, front.is_open("test")) == (False, (), False)


def test_a_technicians_pin_pad_does_not_hide_the_faces_for_long() -> None:
    front = Front(("vi",))
    front.open("technician", 0)
    front.touched(29_000)
    front.tick(LASTS_MS["technician"])
    assert not front.is_open("technician")


def test_it_rests_a_minute_after_the_last_touch() -> None:
    front = Front(("vi",))
    assert front.is_resting(0)
    front.touched(1_000)
    assert not front.is_resting(1_000 + RESTS_AFTER_MS - 1)
    front.tick(1_000 + RESTS_AFTER_MS)
    assert front.is_resting(1_000 + RESTS_AFTER_MS)


@given(st.lists(st.tuples(st.sampled_from(THINGS), st.integers(0, 200_000)), max_size=20))
def test_every_path_ends_at_rest(steps: list[tuple[Thing, int]]) -> None:
    front, now = Front(("vi", "en")), 0
    for thing, pause in steps:
        now += pause
        front.tick(now)
        front.open(thing, now)
        front.touched(now)
    for _ in range(len(THINGS) + 2):
        now = max(now, front.next_ms() or 0)
        front.tick(now)
    assert front.next_ms() is None and front.is_resting(now)
    assert not any(front.is_open(thing) for thing in THINGS)
