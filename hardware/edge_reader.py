"""One thread that waits for the edges of all lines, and outlives whoever is told of them."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import select
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

MOST_EVENTS = 64  # that the kernel keeps of one line; of more the oldest are lost
# A line that filled its buffer is not read for so long: shorter than a press must be, so that no
# flood looks like one, and longer when it goes on, for by then it is known to be noise.
REST_S = 0.004
LONG_REST_S = 0.1
GOES_ON = 250  # buffers in a row: a second

log = logging.getLogger(__name__)


class Line(Protocol):
    """What we use of gpiod's LineRequest."""

    def wait_edge_events(self, timeout: float) -> bool: ...
    def read_edge_events(self, max_events: int) -> list[Any]: ...


class EdgeReader:
    """Waits in the kernel: no edge, no cost. A line that floods rests, so that the others are
    read in time and one core is enough for them all; the newest of its edges are not lost."""

    def __init__(self) -> None:
        self._lines: dict[int, tuple[Line, Callable[[Any], None]]] = {}
        self._resting: dict[int, float] = {}  # until when, time.monotonic seconds
        self._full: Counter[int] = Counter()  # buffers in a row that were full
        self._questions: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()  # nobody frees a line while it is read
        self._closed = False
        self._epoll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._thread = threading.Thread(target=self._run, name="edges", daemon=True)
        self._thread.start()

    def watch(self, fd: int, line: Line, tell: Callable[[Any], None]) -> None:
        """From now on `tell` gets each edge of `line`, whose descriptor is `fd`."""
        with self._lock:
            self._lines[fd] = line, tell
            self._epoll.register(fd, select.EPOLLIN)

    def forget(self, fd: int) -> None:
        """From now on the line is not read, and may be freed. It may be unknown."""
        with self._lock:
            self._resting.pop(fd, None)
            self._drop(fd)

    def ask(self, answer: Callable[[], None]) -> None:
        """Calls `answer` from the thread, if it lives."""
        if self._closed:
            return
        self._questions.put(answer)
        os.eventfd_write(self._wake, 1)

    def close(self) -> None:
        """Ends the thread. May be called twice."""
        if self._closed:
            return
        self._closed = True
        os.eventfd_write(self._wake, 1)
        if threading.current_thread() is not self._thread:
            self._thread.join()
            os.close(self._wake)
            self._epoll.close()

    def _run(self) -> None:
        while not self._closed:
            ready = {fd for fd, _ in self._epoll.poll(self._rest_s())}
            # Every line, and in the order the edges happened: if we come late, no line may run
            # ahead of another whose edges came while we were on the way.
            edges = [edge for fd in self._awake() for edge in self._take(fd)]
            for event, tell in sorted(edges, key=lambda edge: edge[0].timestamp_ns):
                self._call(tell, event)
            if self._wake in ready:
                self._answer()
            self._end_rests()

    def _answer(self) -> None:
        os.eventfd_read(self._wake)
        while not self._questions.empty():
            self._call(self._questions.get())

    def _awake(self) -> list[int]:
        with self._lock:
            return [fd for fd in self._lines if fd not in self._resting]

    def _take(self, fd: int) -> list[tuple[Any, Callable[[Any], None]]]:
        with self._lock:
            if fd not in self._lines:  # forgotten a moment ago
                return []
            line, tell = self._lines[fd]
            try:
                # Never a read that waits: it would hold up all others.
                events = line.read_edge_events(MOST_EVENTS) if line.wait_edge_events(0) else []
            except Exception:
                log.exception("a line cannot be read any more; the others go on")
                self._drop(fd)
                return []
            self._full[fd] = self._full[fd] + 1 if len(events) == MOST_EVENTS else 0
            if self._full[fd]:
                self._epoll.modify(fd, 0)
                rest_s = REST_S if self._full[fd] < GOES_ON else LONG_REST_S
                self._resting[fd] = time.monotonic() + rest_s
            return [(event, tell) for event in events]

    def _drop(self, fd: int) -> None:
        if self._lines.pop(fd, None) is not None:
            with contextlib.suppress(OSError):  # its chip may have gone, and the descriptor with it
                self._epoll.unregister(fd)

    def _rest_s(self) -> float | None:
        with self._lock:
            ends = list(self._resting.values())
        return max(0.0, min(ends) - time.monotonic()) if ends else None

    def _end_rests(self) -> None:
        now = time.monotonic()
        with self._lock:
            for fd in [fd for fd, end in self._resting.items() if end <= now]:
                del self._resting[fd]
                self._epoll.modify(fd, select.EPOLLIN)

    @staticmethod
    def _call(told: Callable[..., None], *about: Any) -> None:
        try:
            told(*about)
        except BaseException:
            log.exception("whoever was told of an edge failed; the lines go on")
