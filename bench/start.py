"""Cold start: from exec to the first face that can take a vote, beside a bare window's first frame.

The two start in turn. Compiled modules and files are in the page cache for both.
"""

import argparse
import statistics
from typing import NamedTuple

from bench.display import display
from bench.enrolled import RUN, enrolled
from bench.process import Process, load, process

STARTS = 12
MOST = 1.3


class Started(NamedTuple):
    """Seconds from exec, and CPU seconds until then."""

    wall_s: float
    cpu_s: float


def run(args: argparse.Namespace) -> bool:
    """Print the medians and their ratio; True if it is at most MOST."""
    bare: list[Started] = []
    ours: list[Started] = []
    with enrolled() as kiosk, display() as shown:
        for number in range(1 + (3 if args.quick else STARTS)):
            with process("bench.bare", env=shown) as window:
                yard = _until(window, "drawn")
            with process("kiosk", *RUN, env={**kiosk, **shown}) as unit:
                took = _until(unit, "ready")
            if number:  # the first pair warms the page cache
                bare.append(yard)
                ours.append(took)
    ratio, cpu_ratio = (_median(ours, what) / _median(bare, what) for what in ("wall_s", "cpu_s"))
    print(
        f"cold start to the first face: median {_median(ours, 'wall_s'):.2f} s, bare window "
        f"{_median(bare, 'wall_s'):.2f} s: {ratio:.2f} times (at most {MOST}); of CPU "
        f"{_median(ours, 'cpu_s'):.2f} s and {_median(bare, 'cpu_s'):.2f} s: {cpu_ratio:.2f} times;"
        f" {load()}{'' if ratio <= MOST else '  NOT MET'}"
    )
    return ratio <= MOST


def _until(started: Process, event: str) -> Started:
    heard_ms = started.wait_for(event)["heard_ms"]
    return Started((heard_ms - started.began_ms) / 1000, started.cpu_s())


def _median(starts: list[Started], what: str) -> float:
    return statistics.median(getattr(start, what) for start in starts)
