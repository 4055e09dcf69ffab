"""The wall clock is set while buttons are held: presses do not notice."""

import time
from datetime import UTC, datetime

from bench.vm.inside.finger import press
from bench.vm.inside.stand import Stand
from bench.vm.inside.told import row, wait_until

YEARS = (2031, 1970)
LATE_NS = 100_000_000  # the host may stall


def set_clock(year: int) -> None:
    """Sets CLOCK_REALTIME to a day of that year."""
    time.clock_settime(time.CLOCK_REALTIME, datetime(year, 1, 2, tzinfo=UTC).timestamp())


def steps(at: Stand) -> None:
    for year in YEARS:
        right = sum(_press_over_step(at, button, year) for button in at.wiring.buttons)
        row(f"five presses while the clock is set to {year}", "5 told once, dated right",
            f"{right} told once, dated right")  # fmt: skip


def _press_over_step(at: Stand, button: int, year: int) -> bool:
    """Whether it was told once, and dated between its first contact and its being told."""
    before = len(at.heard.presses)
    at.finger.begin(press(at.gpio(button), 0.3))
    time.sleep(0.1)
    set_clock(year)
    closed_ns, _opened_ns = at.finger.end()
    wait_until(lambda: len(at.heard.presses) > before, 10)
    time.sleep(0.1)
    told = at.heard.presses[before:]
    return [p.button for p, _ in told] == [button] and all(
        closed_ns <= p.mono_ns <= told_ns and p.mono_ns - closed_ns < LATE_NS for p, told_ns in told
    )
