"""Who is on duty, how it ends, the badge, the technician's PIN, the place of a mobile kiosk."""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk import front, officials
from protocol.configuration import ConfigHours, ConfigOnDuty, ConfigPlace
from protocol.verifiers import pin_verifier
from tests.kiosk.stand import OFFICIALS, ZONE, Stand, counter

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
HOURS = (
    ConfigHours(days=EVERY_DAY, start="07:30", end="11:30"),
    ConfigHours(days=EVERY_DAY, start="13:30", end="17:00"),
)
PLACES = (
    ConfigPlace(place="nha-van-hoa", name="Nhà văn hóa"),
    ConfigPlace(place="cho", name="Chợ"),
)


@pytest.fixture
def stands(tmp_path: Path) -> Iterator[Any]:
    opened: list[Stand] = []

    def stand(local: tuple[int, ...] = (), *, has_screen: bool = True,
              **changes: Any) -> Stand:  # fmt: skip
        new = Stand(tmp_path, counter(**changes), has_screen=has_screen)
        today = datetime.now(ZONE)
        new.set_local(*local or (today.year, today.month, today.day, 8, 0))
        opened.append(new)
        return new.start()

    yield stand
    for each in opened:
        each.close()


def sign_in(stand: Stand, code: str = "CB-0101") -> None:
    assert stand.core.sign_in(code, code[-4:]).result(60) == ""


@pytest.mark.parametrize(
    ("began", "closed"),
    [((8, 0), (11, 30)), ((12, 0), (17, 0)), ((14, 0), (17, 0)), ((18, 0), (24, 0))],
    ids=str,
)
def test_each_end_of_opening_hours_ends_a_duty_lunch_included(
    stands: Any, began: tuple[int, int], closed: tuple[int, int]
) -> None:
    stand = stands((2026, 11, 23, *began), hours=HOURS)
    sign_in(stand)
    assert stand.until(lambda: stand.view.signed_in)
    hour, minute = (closed[0] - 1, 59) if closed[1] == 0 else (closed[0], closed[1] - 1)
    step_to(stand, began, hour * 60 + minute)
    stand.core.citizen.touched()
    stand.press(4)
    step_to(stand, (hour, minute), closed[0] * 60 + closed[1])
    assert stand.until(lambda: not stand.view.signed_in)
    stand.press(5, 30_000)
    stand.core.stop()
    assert stand.of("duty.ended") == [{"duty": 2, "by": "closing"}]
    assert [vote["duty"] for vote in stand.of("vote")] == [2, None]
    assert stand.onlooker.noticed.count("duty False") == 1


def step_to(stand: Stand, old: tuple[int, int], minutes: int) -> None:
    """The time goes on, for the duty's beginning too: as if the kiosk had stood there so long."""
    passed_ms = (minutes - (old[0] * 60 + old[1])) * 60_000
    duty = stand.core._officials._desk.current
    assert duty is not None and stand.clock.offset_ms is not None
    began = type(duty.at)(
        duty.at.boot, duty.at.mono_ms - passed_ms, duty.at.wall_ms, duty.at.sync
    )  # fmt: skip
    stand.clock.offset_ms += passed_ms
    stand.core._officials._desk.current = type(duty)(duty.official, duty.started, began)


def test_a_vote_outside_opening_hours_counts_and_says_so(stands: Any) -> None:
    stand = stands((2026, 11, 23, 11, 29), hours=HOURS)
    stand.press(4)
    stand.set_local(2026, 11, 23, 12, 0)
    stand.press(5, 30_000)
    stand.core.stop()
    inside, outside = stand.of("vote")
    assert "outside_hours" not in inside
    assert outside["outside_hours"] is True


def test_without_opening_hours_only_people_end_a_duty(stands: Any) -> None:
    stand = stands()
    sign_in(stand)
    step_to(stand, (8, 0), 3 * 24 * 60)
    stand.core.citizen.touched()
    time.sleep(0.1)
    stand.core.stop()
    assert stand.of("duty.ended") == []


def test_after_lunch_the_same_official_goes_on_with_the_pin_alone(stands: Any) -> None:
    stand = stands(hours=HOURS)
    assert stand.view.last_official == ""
    sign_in(stand)
    step_to(stand, (8, 0), 11 * 60 + 30)
    assert stand.until(lambda: stand.view.last_official == "CB-0101")
    sign_in(stand)
    assert stand.until(lambda: stand.view.signed_in and not stand.view.last_official)


def test_after_a_restart_too(stands: Any) -> None:
    first = stands()
    sign_in(first)
    first.close()
    second = stands()
    assert second.until(lambda: second.view.last_official == "CB-0101")
    second.core.stop()
    assert second.of("duty.ended") == [{"duty": 2, "by": "restart"}]


def test_signing_out_wants_the_pin_of_who_is_on_duty(stands: Any) -> None:
    stand = stands()
    sign_in(stand)
    assert "PIN" in stand.core.sign_out("0102").result(60)
    assert stand.core.sign_out("0101").result(60) == ""
    stand.core.stop()
    assert stand.of("duty.ended") == [{"duty": 2, "by": "official"}]


def test_wrong_tries_lock_that_officials_code_only(stands: Any) -> None:
    stand = stands()
    for _ in range(5):
        stand.core.sign_in("CB-0101", "9999").result(60)
    assert "chờ" in stand.core.sign_in("CB-0101", "0101").result(60)
    sign_in(stand, "CB-0102")


def test_buttons_vote_while_a_pin_pad_is_open(stands: Any) -> None:
    stand = stands()
    stand.core.open("sign_in")
    assert stand.until(lambda: stand.view.state == "sign_in")
    stand.press(1)
    stand.core.stop()
    assert len(stand.of("vote")) == 1


# Badges -----------------------------------------------------------------------------------------


def test_at_a_screen_a_badge_names_its_official_and_the_pin_is_asked_for(stands: Any) -> None:
    stand = stands()
    stand.core.badge("badge CB-0102", "badge")
    assert stand.until(lambda: stand.view.picked_official == "CB-0102")
    assert stand.view.state == "sign_in"
    sign_in(stand, "CB-0102")
    stand.core.stop()
    assert stand.of("duty.started") == [{"official": "CB-0102", "by": "badge"}]


@pytest.fixture
def slow_swipes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if more time lay between two swipes."""
    monkeypatch.setattr(officials, "SWIPE_MS", 0)


@pytest.mark.usefixtures("slow_swipes")
def test_a_qr_is_told_from_a_badge_and_another_official_from_the_one_named(stands: Any) -> None:
    stand = stands()
    stand.core.badge("badge CB-0102", "qr")
    assert stand.until(lambda: stand.view.picked_official == "CB-0102")
    sign_in(stand, "CB-0102")
    stand.core.badge("badge CB-0102", "qr")
    assert stand.until(lambda: stand.view.picked_official == "CB-0102")
    sign_in(stand, "CB-0101")
    stand.core.stop()
    assert [duty["by"] for duty in stand.of("duty.started")] == ["qr", "pin"]


@pytest.mark.usefixtures("slow_swipes")
def test_without_a_screen_a_badge_signs_in_and_out(stands: Any) -> None:
    stand = stands(has_screen=False)
    for count in (1, 2):
        stand.core.badge("badge CB-0101", "badge")
        stand.until(lambda n=count: len([e for e in stand.events if e["event"] == "duty"]) == n)
    stand.core.stop()
    assert stand.of("duty.started") == [{"official": "CB-0101", "by": "badge"}]
    assert stand.of("duty.ended") == [{"duty": 2, "by": "official"}]


def test_a_double_swipe_is_one(stands: Any) -> None:
    stand = stands(has_screen=False)
    for _ in range(2):
        stand.core.badge("badge CB-0101", "badge")
    stand.until(lambda: stand.of("duty.started"))
    assert "PIN" in stand.core.sign_in("CB-0102", "0000").result(60)  # comes after both
    stand.core.stop()
    assert stand.of("duty.ended") == []


@pytest.mark.usefixtures("slow_swipes")
def test_a_badge_signs_out_though_the_officials_record_has_changed(stands: Any) -> None:
    stand = stands(has_screen=False)
    stand.core.badge("badge CB-0101", "badge")
    stand.until(lambda: stand.of("duty.started"))
    renamed = tuple(msgspec.structs.replace(o, title="Công chức") for o in OFFICIALS)
    stand.core.set_counter(counter(officials=renamed))
    stand.core.badge("badge CB-0101", "badge")
    stand.until(lambda: stand.of("duty.ended"))
    stand.core.stop()
    assert len(stand.of("duty.started")) == 1


def test_an_official_who_is_no_longer_on_the_roster_is_no_longer_on_duty(stands: Any) -> None:
    stand = stands()
    sign_in(stand)
    stand.core.set_counter(counter(officials=OFFICIALS[1:]))
    assert stand.until(lambda: stand.of("duty.ended") == [{"duty": 2, "by": "closing"}])
    assert stand.until(lambda: not stand.view.signed_in)


def test_a_new_pin_signs_out_and_the_old_one_does_not(stands: Any) -> None:
    stand = stands()
    sign_in(stand)
    pin = pin_verifier(kiosk="k", official="CB-0101", pin="777777")
    changed = (msgspec.structs.replace(OFFICIALS[0], pin=pin), OFFICIALS[1])
    stand.core.set_counter(counter(officials=changed))
    assert stand.until(lambda: stand.core._counter.config.officials == changed)
    assert "PIN" in stand.core.sign_out("0101").result(60)
    assert stand.core.sign_out("777777").result(60) == ""


def test_a_strangers_badge_is_refused(stands: Any) -> None:
    stand = stands(has_screen=False)
    stand.core.badge("0000", "badge")
    stand.until(lambda: [e for e in stand.events if e["event"] == "refused"])
    stand.core.stop()
    assert stand.of("duty.started") == []


# From the server --------------------------------------------------------------------------------


def order(stand: Stand, official: str | None, minutes_ago: int = 0) -> ConfigOnDuty:
    now_ms = round(stand.clock.local(stand.core._counter.zone).timestamp() * 1000)
    return ConfigOnDuty(official=official, at_ms=now_ms - minutes_ago * 60_000)


def test_a_unit_without_a_screen_is_told_by_the_server_who_serves(stands: Any) -> None:
    stand = stands(has_screen=False, hours=HOURS)
    stand.core.set_counter(counter(hours=HOURS, on_duty=order(stand, "CB-0101")))
    stand.until(lambda: stand.of("duty.started"))
    stand.core.set_counter(counter(hours=HOURS, on_duty=order(stand, None)))
    stand.until(lambda: stand.of("duty.ended"))
    stand.core.stop()
    assert stand.of("duty.started") == [{"official": "CB-0101", "by": "remote"}]
    assert stand.of("duty.ended") == [{"duty": 2, "by": "official"}]


def test_an_order_from_before_closing_time_has_lapsed(stands: Any) -> None:
    stand = stands((2026, 11, 23, 13, 45), has_screen=False, hours=HOURS)
    stand.core.set_counter(counter(hours=HOURS, on_duty=order(stand, "CB-0101", 180)))
    stand.core.citizen.touched()
    time.sleep(0.1)
    stand.core.stop()
    assert stand.of("duty.started") == []


def test_who_signs_out_here_is_not_put_back_by_an_older_order(stands: Any) -> None:
    stand = stands(has_screen=False)
    # Of yesterday: lines have the real time, which before 8 in the morning is before the stand's.
    told = counter(on_duty=order(stand, "CB-0101", 24 * 60))
    stand.core.set_counter(told)
    stand.until(lambda: stand.of("duty.started"))
    assert stand.core.sign_out().result(60) == ""
    stand.close()
    again = stands(has_screen=False, on_duty=told.config.on_duty)
    again.core.stop()
    assert len(again.of("duty.started")) == 1


def test_an_order_that_comes_late_does_not_end_a_newer_duty(stands: Any) -> None:
    stand = stands(has_screen=False)
    sign_in(stand)
    stand.core.set_counter(counter(on_duty=order(stand, None, 60)))
    stand.core.set_counter(counter(on_duty=order(stand, "CB-0102", 30)))
    sign_in(stand, "CB-0101")  # comes after both
    stand.core.stop()
    assert [duty["by"] for duty in stand.of("duty.ended")] == ["next"]


def test_the_same_order_is_obeyed_once_and_again_after_a_restart(stands: Any) -> None:
    stand = stands(has_screen=False)
    told = counter(on_duty=order(stand, "CB-0101"))
    for _ in range(2):
        stand.core.set_counter(told)
    stand.until(lambda: stand.of("duty.started"))
    stand.close()
    again = stands(has_screen=False, on_duty=told.config.on_duty)
    again.core.stop()
    assert [name for name, _ in again.records()].count("duty.started") == 2


# The technician, and the mobile counter ----------------------------------------------------------


def test_the_technicians_page_opens_with_its_own_pin_and_shows_facts(stands: Any) -> None:
    stand = stands()
    stand.core.open("technician")
    assert stand.until(lambda: stand.view.state == "technician")
    assert not stand.view.technician.unlocked and not stand.view.technician.facts
    assert "PIN" in stand.core.unlock("0101").result(60)
    assert stand.core.unlock("246810").result(60) == ""
    assert stand.until(lambda: stand.view.technician.facts == (("disk", "1 GB"),))
    assert stand.view.technician.unlocked
    stand.core.close("technician")
    assert stand.until(lambda: stand.view.state == "asking")
    stand.core.open("technician")
    assert stand.until(lambda: stand.view.state == "technician")
    assert not stand.view.technician.unlocked


def test_without_a_technicians_pin_the_page_stays_shut(stands: Any) -> None:
    stand = stands(admin_pin=None)
    stand.core.open("technician")
    assert stand.core.unlock("246810").result(60) != ""
    assert stand.until(lambda: stand.view.message)
    assert not stand.view.technician.unlocked


def test_buttons_of_the_self_test_are_felt_and_are_no_votes(stands: Any) -> None:
    stand = stands()
    stand.core.self_test(True)  # nobody has unlocked the page: nothing happens
    stand.press(3)
    stand.core.open("technician")
    stand.core.unlock("246810").result(60)
    stand.core.self_test(True)
    stand.press(4, 30_000)
    stand.press(1, 1_000)
    assert stand.until(lambda: stand.view.technician.seen == (1, 4))
    stand.core.self_test(False)
    stand.press(5, 30_000)
    stand.core.stop()
    assert stand.of("test") == [{"rating": 4}, {"rating": 1}]
    assert [vote["rating"] for vote in stand.of("vote")] == [3, 5]


def test_the_self_test_ends_however_often_somebody_presses(
    stands: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(front.LASTS_MS, "test", 400)
    stand = stands()
    stand.core.open("technician")
    stand.core.unlock("246810").result(60)
    stand.core.self_test(True)

    def press() -> list[Any]:
        stand.core.press(4, "button", time.clock_gettime_ns(time.CLOCK_BOOTTIME))
        time.sleep(0.05)
        return stand.of("vote")

    assert stand.until(press)
    assert stand.of("test")


def test_facts_that_cannot_be_told_leave_the_page_and_the_kiosk_whole(stands: Any) -> None:
    def broken(_: str) -> Any:
        raise OSError("no such disk")

    stand = stands()
    stand.core._facts = broken
    stand.core.open("technician")
    stand.core.unlock("246810").result(60)
    assert stand.until(lambda: stand.view.technician.unlocked)
    sign_in(stand)
    stand.core.close("technician")
    assert stand.until(lambda: stand.view.state == "asking")


def test_a_pin_that_cannot_be_checked_locks_nobody(
    stands: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> bool:
        raise MemoryError

    stand = stands()
    with monkeypatch.context() as patched:
        patched.setattr(officials, "is_right_pin", broken)
        assert "PIN" in stand.core.sign_in("CB-0101", "0101").result(60)
    sign_in(stand)


def test_buttons_vote_while_the_technicians_page_is_open(stands: Any) -> None:
    stand = stands()
    stand.core.open("technician")
    stand.press(2)
    stand.core.stop()
    assert len(stand.of("vote")) == 1


def test_a_mobile_kiosk_asks_for_its_place_in_the_morning_and_keeps_it_all_day(
    stands: Any,
) -> None:
    stand = stands(places=PLACES)
    assert stand.view.state == "asking"  # always live, place or no place
    sign_in(stand)
    assert stand.until(lambda: stand.view.state == "choose_place")
    stand.core.choose_place("nowhere")
    stand.core.choose_place("cho")
    assert stand.until(lambda: stand.view.state == "asking")
    assert stand.view.counter == "Chợ"
    stand.core.stop()
    assert stand.of("place") == [{"place": "cho", "name": "Chợ"}]
    stand.close()
    again = stands(places=PLACES)
    sign_in(again)
    again.core.citizen.touched()
    time.sleep(0.1)
    assert again.view.state == "asking"


def test_yesterdays_place_is_not_todays_without_a_restart_either(stands: Any) -> None:
    stand = stands(places=PLACES)
    sign_in(stand)
    stand.until(lambda: stand.view.state == "choose_place")
    stand.core.choose_place("cho")
    assert stand.until(lambda: stand.view.counter == "Chợ")
    stand.clock.offset_ms += 24 * 3_600_000
    stand.core.citizen.touched()
    assert stand.until(lambda: stand.view.counter == "Quầy số 1")


def test_no_place_is_chosen_while_nobody_asks(stands: Any) -> None:
    stand = stands(places=PLACES)
    stand.core.choose_place("cho")
    stand.core.stop()
    assert stand.of("place") == []


def test_the_next_morning_it_is_asked_anew(stands: Any) -> None:
    stand = stands(places=PLACES)
    sign_in(stand)
    stand.until(lambda: stand.view.state == "choose_place")
    stand.core.choose_place("cho")
    stand.until(lambda: stand.of("place"))
    stand.close()
    tomorrow = stands((2126, 11, 24, 8, 0), places=PLACES)
    sign_in(tomorrow)
    assert tomorrow.until(lambda: tomorrow.view.state == "choose_place")
