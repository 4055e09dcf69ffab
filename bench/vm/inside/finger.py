"""A finger on the contacts: a process of its own, so that its times do not hang on who listens.

A plan is a list of (GPIO, closed, seconds until the next step); the answer says when each step was
begun, in nanoseconds of CLOCK_BOOTTIME. A busy host delays steps: whoever asks looks at the times.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import pairwise

from bench.vm.inside.chip import Chip

Step = tuple[int, bool, float]
CHATTER_S = 0.001
CHATTERS = 4  # contacts before a press is steady, and after
SOUND_NS = 8_000_000  # chatter slower than this would not be chatter


class Finger:
    """Presses active-low buttons."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip

    def begin(self, plan: Sequence[Step]) -> None:
        """Lets the plan go on by itself."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(plan) + "\n")
        self._process.stdin.flush()

    def end(self) -> list[int]:
        """Waits until the plan is done; when each step was."""
        assert self._process.stdout
        return list(json.loads(self._process.stdout.readline()))

    def act(self, plan: Sequence[Step]) -> list[int]:
        self.begin(plan)
        return self.end()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def press(gpio: int, held_s: float, *, rest_s: float = 0.1, chatter: bool = False) -> list[Step]:
    """One press, by a contact that chatters at both ends or not."""
    bounce = [(gpio, True, CHATTER_S), (gpio, False, CHATTER_S)] * CHATTERS if chatter else []
    back = [(gpio, not closed, wait_s) for gpio, closed, wait_s in bounce]
    return [*bounce, (gpio, True, held_s), *back, (gpio, False, rest_s)]


def is_sound(times: Sequence[int]) -> bool:
    """Whether a chattering press came out as planned: no part of its chatter lasted too long."""
    gaps = [after - before for before, after in pairwise(times)]
    steady = len(gaps) // 2
    return all(gap < SOUND_NS for i, gap in enumerate(gaps) if i != steady)


def main() -> None:
    # Before everything else in the guest; the host's other work it cannot overtake.
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    chip = Chip()
    for line in sys.stdin:
        done = []
        for gpio, closed, wait_s in json.loads(line):
            done.append(time.clock_gettime_ns(time.CLOCK_BOOTTIME))
            chip.pull(gpio, up=not closed)
            time.sleep(wait_s)
        print(json.dumps(done), flush=True)


if __name__ == "__main__":
    main()
