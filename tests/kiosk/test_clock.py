"""The clocks of a press are those at the press."""

import time
import uuid

from kiosk.clock import Clock


def test_a_reading_is_of_the_moment_asked_for() -> None:
    clock = Clock()
    second_ago = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - 1_000_000_000
    then, now = clock.at(second_ago), clock.read()
    assert then.mono_ms == second_ago // 1_000_000
    assert abs((now.wall_ms - then.wall_ms) - (now.mono_ms - then.mono_ms)) <= 2
    assert then.boot == str(uuid.UUID(then.boot))


def test_a_battery_clock_counts_as_synchronised() -> None:
    assert Clock(rtc=True).read().sync is True
    assert Clock().read().sync in (True, False)
