"""Measured processes: the bare window and the real kiosk, started, heard and ended."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.serving import tree
from bench.told import now_ms

DEADLINE_S = 60.0


class Process:
    """A child of ours that tells events as JSON lines."""

    def __init__(self, module: str, *arguments: str, env: Mapping[str, str]) -> None:
        self.began_ms = now_ms()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, **env}, text=True,
        )  # fmt: skip
        self.pid = self._process.pid
        self.events: list[dict[str, Any]] = []
        self._heard = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def say(self, command: str) -> None:
        """One line to its standard input."""
        assert self._process.stdin
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def wait_for(
        self, event: str, *, since: int = 0, within_s: float = DEADLINE_S, **fields: Any
    ) -> dict[str, Any]:
        """The first such event from the `since`th on. Ends the bench if it never comes."""
        wanted = {"event": event, **fields}

        def found() -> dict[str, Any] | None:
            return next((e for e in self.events[since:] if wanted.items() <= e.items()), None)

        with self._heard:
            if self._heard.wait_for(found, within_s):
                return found() or {}
        raise SystemExit(f"the process never told {wanted}; it told {self.events[-3:]}")

    def count(self, event: str) -> int:
        return sum(e["event"] == event for e in list(self.events))

    def cpu_s(self) -> float:
        """CPU seconds of all its threads: clock_getcpuclockid(3), to the nanosecond, where
        /proc/PID/stat counts in steps of 10 ms."""
        return time.clock_gettime(~self.pid << 3 | 2)

    def kib(self, what: str) -> int:
        """`Rss` or `Pss` of it and its children, in KiB."""
        texts = (Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in tree(self.pid))
        return sum(int(text.split(f"\n{what}:")[1].split()[0]) for text in texts)

    def end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            event = {"heard_ms": now_ms(), **json.loads(line)}
            with self._heard:
                self.events.append(event)
                self._heard.notify_all()


@contextmanager
def process(module: str, *arguments: str, env: Mapping[str, str]) -> Iterator[Process]:
    """The process, ended at the end."""
    started = Process(module, *arguments, env=env)
    try:
        yield started
    finally:
        started.end()


def load() -> str:
    """How busy the machine is, beside every figure."""
    return f"load {os.getloadavg()[0]:.1f}"
