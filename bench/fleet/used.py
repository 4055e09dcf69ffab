"""What processes used: CPU in percent of the whole machine, memory as PSS."""

import os
import time
from pathlib import Path

from bench.serving import cpu_s, tree


class Used:
    """CPU of groups of process trees since this was made: `doors`, its child `pipeline`, others."""

    def __init__(self, groups: dict[str, list[int]]) -> None:
        self._groups = groups
        self._began = time.monotonic()
        self._before = self._cpu_s()

    def percent(self) -> dict[str, float]:
        """CPU of each group so far, 100: all cores of the machine all the time."""
        lasted_s = (time.monotonic() - self._began) * (os.cpu_count() or 1)
        now = self._cpu_s()
        return {name: 100 * (now[name] - self._before[name]) / lasted_s for name in now}

    def _cpu_s(self) -> dict[str, float]:
        found = {name: sum(map(cpu_s, pids)) for name, pids in self._groups.items()}
        found["doors"] -= found["pipeline"]  # which is a child of theirs
        return found


def pipeline_of(main: int) -> list[int]:
    """The process of `hailong-server run` that works the pipeline."""
    return [pid for pid in tree(main) if pid != main and "work" in command_of(pid)]


def command_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


def pss_mb(pid: int) -> dict[str, float]:
    """Proportional set size of each process of a tree, in MB (10^6 bytes)."""
    found = {}
    for each in list(tree(pid)):
        text = Path(f"/proc/{each}/smaps_rollup").read_text()
        name = "main" if each == pid else f"worker {len(found)}"
        if "work" in command_of(each):
            name = "work"
        found[name] = int(text.split("\nPss:")[1].split()[0]) * 1024 / 1e6
    return found
