"""What happens by itself: periodic jobs that survive steps of the clock."""

import logging
import random
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

STEP_S = 2.0  # a wall clock that moves by more than this against the monotonic one was set
LONGEST_SLEEP_S = 5.0  # so soon a step is noticed
JITTER = 0.1  # kiosks that were switched on together do not stay together

_log = logging.getLogger(__name__)


class Every(BaseTrigger):  # type: ignore[misc]  # apscheduler is untyped
    """Next run = now + seconds, give or take; never a series of missed runs."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """When after `now`; jitter keeps a fleet apart."""
        jitter = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  (no secret)
        return now + timedelta(seconds=self.seconds * jitter)


class StepSafeScheduler(BackgroundScheduler):  # type: ignore[misc]
    """APScheduler relies on the wall clock: an hour back would stall every job for that hour, six
    years forward would spin. Here a step only makes every job run at once. (`_process_jobs` is
    private: APScheduler is pinned to 3.11, and a test holds this to it.)"""

    _wall_minus_mono: float | None = None

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self.asked: deque[Callable[[], None]] = deque()  # who wants to know that it is alive
    def _process_jobs(self) -> float:
        while self.asked:
            self.asked.popleft()()
        now_off = time.time() - time.monotonic()
        if self._wall_minus_mono is not None and abs(now_off - self._wall_minus_mono) > STEP_S:
            _log.warning("the clock was set by %.0f s", now_off - self._wall_minus_mono)
            self._run_all_now()
        self._wall_minus_mono = now_off
        wait: float | None = super()._process_jobs()
        return LONGEST_SLEEP_S if wait is None else min(wait, LONGEST_SLEEP_S)

    def _run_all_now(self) -> None:
        now = datetime.now(self.timezone)
        with self._jobstores_lock:
            for store in self._jobstores.values():
                for job in store.get_all_jobs():
                    job._modify(next_run_time=now)
                    store.update_job(job)


class Jobs:
    """Named periodic jobs in threads of their own. A job that fails is logged and runs again."""

    def __init__(self) -> None:
        self._scheduler = StepSafeScheduler(
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.start()

    def every(self, seconds: float, name: str, work: Callable[[], None]) -> None:
        """Runs `work` about every `seconds`; the same name again changes the job."""
        self._scheduler.add_job(
            _caught, Every(seconds), args=(name, work), id=name, replace_existing=True
        )

    def check_alive(self, answer: Callable[[], None]) -> None:
        """Calls back from the scheduler's thread when it next looks what is due, which it does
        every few seconds."""
        self._scheduler.asked.append(answer)

    def stop(self) -> None:
        """Waits for the job that is running, then runs no more."""
        self._scheduler.shutdown(wait=True)


def _caught(name: str, work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:  # noqa: BLE001  (logged, and the kiosk goes on)
        _log.exception("the job %s failed; it runs again", name)
