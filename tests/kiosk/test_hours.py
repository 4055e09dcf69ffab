"""Opening hours and volume by local time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.hours import closing_after, is_open, volume_at
from protocol.configuration import ConfigHours, ConfigVolume

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = datetime(2026, 11, 23, tzinfo=ZONE)
WEEK = (
    ConfigHours(days=(1, 2, 3, 4, 5), start="07:30", end="11:30"),
    ConfigHours(days=(1, 2, 3, 4, 5), start="13:30", end="17:00"),
    ConfigHours(days=(6,), start="07:30", end="24:00"),
)


def at(text: str, day: datetime = MONDAY) -> datetime:
    hour, minute = (int(part) for part in text.split(":"))
    return day + timedelta(hours=hour, minutes=minute)


@pytest.mark.parametrize(
    ("when", "opened"),
    [("07:29", False), ("07:30", True), ("11:29", True), ("11:30", False), ("17:00", False)],
)
def test_a_stretch_is_half_open(when: str, opened: bool) -> None:
    assert is_open(WEEK, at(when)) is opened


def test_other_days_are_other_hours_and_no_hours_are_always_open() -> None:
    saturday, sunday = MONDAY + timedelta(days=5), MONDAY + timedelta(days=6)
    assert is_open(WEEK, at("23:59", saturday))
    assert not is_open(WEEK, at("08:00", sunday))
    assert is_open((), at("03:00"))


@pytest.mark.parametrize(
    ("began", "closes"),
    [("07:00", "11:30"), ("11:29", "11:30"), ("11:30", "17:00"), ("17:00", "24:00")],
)
def test_a_duty_ends_at_the_next_closing_of_its_day(began: str, closes: str) -> None:
    assert closing_after(WEEK, at(began)) == at(closes)


def test_without_hours_nothing_closes() -> None:
    assert closing_after((), at("08:00")) is None


@given(st.integers(0, 7 * 24 * 60 - 1))
def test_nobody_stays_on_duty_overnight(minutes: int) -> None:
    began = MONDAY + timedelta(minutes=minutes)
    closing = closing_after(WEEK, began)
    assert closing is not None
    assert began < closing <= began.replace(hour=0, minute=0) + timedelta(days=1)


def test_of_several_volumes_the_last_one_that_holds_counts() -> None:
    volumes = (
        ConfigVolume(start="07:00", end="17:00", percent=80),
        ConfigVolume(start="11:30", end="13:30", percent=20),
    )
    assert [volume_at(volumes, 50, at(t)) for t in ("06:59", "07:00", "12:00", "17:00")] == [
        50, 80, 20, 50,
    ]  # fmt: skip
