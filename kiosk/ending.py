"""How a run ended, and how the program goes on from there."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

RESTART_AFTER_S = 3.0
LONGEST_RESTART_S = 300.0
RESTARTS = "HAILONG_RESTARTS"  # how often in a row a failed screen has started the program anew
REFUSED = "HAILONG_REFUSED"  # why the technician's enrolment did not succeed, for the next start


@dataclass(frozen=True, slots=True)
class Ending:
    """For good, to start again after a screen has failed, because somebody far away has ordered
    it, to be enrolled by the technician, or because that is done."""

    why: Literal["quit", "restart", "ordered", "enrol", "enrolled"] = "quit"
    server: str = ""
    code: str = ""


def ended_by_watchdog() -> bool:
    """Whether the service manager ended the run before this one because it was not fed; its unit
    writes the result of each run into the runtime folder."""
    folder = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    try:
        return bool(folder) and (Path(folder) / "result").read_text().strip() == "watchdog"
    except OSError:
        return False


def restarts() -> int:
    """How often in a row a failed screen has started this program."""
    text = os.environ.get(RESTARTS, "0")
    return int(text) if text.isdigit() else 0


class Restart:
    """The program is to start anew, later each time that this happens in a row."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self._timer: threading.Timer | None = None

    def begin(self) -> bool:
        """Ends the run after a while; False if that is on its way already."""
        if self._timer is not None:
            return False
        wait_s = min(LONGEST_RESTART_S, RESTART_AFTER_S * 2.0 ** min(restarts(), 10))
        self._timer = threading.Timer(wait_s, self._end)
        self._timer.daemon = True
        self._timer.start()
        return True

    def cancel(self) -> None:
        """Somebody ends the program, for good or at once."""
        if self._timer is not None:
            self._timer.cancel()


def refusal() -> str:
    """The sentence that this start has to show the technician; "" if there is none."""
    return os.environ.pop(REFUSED, "")
