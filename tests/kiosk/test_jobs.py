"""Jobs go on when somebody sets the clock, and one that fails runs again."""

import threading
import time as real_time
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from kiosk import jobs as jobs_module
from kiosk.jobs import Every, Jobs


def test_the_next_run_is_counted_from_now_never_from_a_series() -> None:
    now = datetime.fromisoformat("2026-11-22T08:00:00+07:00")
    trigger = Every(60)
    long_ago = now - timedelta(days=2000)
    for _ in range(50):
        wait = trigger.get_next_fire_time(long_ago, now) - now
        assert timedelta(seconds=54) <= wait <= timedelta(seconds=66)


@pytest.mark.parametrize("step_s", [-3600, 3600, 6 * 365 * 86400])
def test_a_step_of_the_wall_clock_runs_every_job_at_once(
    monkeypatch: pytest.MonkeyPatch, step_s: int
) -> None:
    step = 0.0
    clock = SimpleNamespace(time=lambda: real_time.time() + step, monotonic=real_time.monotonic)
    monkeypatch.setattr(jobs_module, "time", clock)
    ran = threading.Event()
    jobs = Jobs()
    try:
        jobs.every(1000, "heartbeat", ran.set)
        assert not ran.is_set()
        step = step_s
        jobs._scheduler.wakeup()  # within 5 s it would wake by itself
        assert ran.wait(60)
    finally:
        jobs.stop()


def test_a_job_that_fails_runs_again() -> None:
    runs = threading.Semaphore(0)

    def work() -> None:
        runs.release()
        raise RuntimeError("mishap")

    jobs = Jobs()
    try:
        jobs.every(0.01, "mishap", work)
        assert all(runs.acquire(timeout=60) for _ in range(3))
    finally:
        jobs.stop()


def test_the_same_name_changes_the_job() -> None:
    first, second = threading.Event(), threading.Event()
    jobs = Jobs()
    try:
        jobs.every(1000, "heartbeat", first.set)
        jobs.every(0.01, "heartbeat", second.set)
        assert second.wait(60)
        assert not first.is_set()
    finally:
        jobs.stop()
