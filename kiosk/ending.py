"""How a run ended, and how the program goes on from there."""

import os
from dataclasses import dataclass
from typing import Literal

RESTART_AFTER_S = 3.0
RESTARTS = "HAILONG_RESTARTS"  # how often in a row a failed screen has started the program anew
REFUSED = "HAILONG_REFUSED"  # why the technician's enrolment did not succeed, for the next start


@dataclass(frozen=True, slots=True)
class Ending:
    """For good, to start again after a screen has failed, to be enrolled by the technician, or
    because that is done."""

    why: Literal["quit", "restart", "enrol", "enrolled"] = "quit"
    server: str = ""
    code: str = ""


def restarts() -> int:
    """How often in a row a failed screen has started this program."""
    text = os.environ.get(RESTARTS, "0")
    return int(text) if text.isdigit() else 0


def refusal() -> str:
    """The sentence that this start has to show the technician; "" if there is none."""
    return os.environ.pop(REFUSED, "")
