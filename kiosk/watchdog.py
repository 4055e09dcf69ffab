"""Feeds the service manager's watchdog, from the main loop and only while every part answers.

A unit whose screen moves while its journal's thread is dead would thank nobody for ever: better it
starts again, from a whole journal.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.notify import tell_manager

FEED_EVERY_S = 4.0
LATE_S = 20.0  # a worn card may take many seconds for one commit; that is slow, not dead

Answer = Callable[[], None]
Ask = Callable[[Answer], None]
"""Asks a part, which calls back from its own thread; returns at once."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Part:
    name: str
    ask: Ask
    asked_at: float
    answered: bool = True


class Watchdog:
    """`feed` is for the main loop, about every FEED_EVERY_S. Times are of time.monotonic."""

    def __init__(
        self,
        tell: Callable[[str], object] = tell_manager,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell, self._now = tell, now
        self._parts: list[_Part] = []
        self._late: list[str] = []

    def watch(self, name: str, ask: Ask) -> None:
        """From now on this part has to answer."""
        self._parts.append(_Part(name, ask, self._now()))

    def feed(self) -> None:
        """Says that all is alive, if it is; asks those that have answered again."""
        for part in self._parts:
            if part.answered:
                self._ask(part)
        late = [p.name for p in self._parts if self._now() - p.asked_at > LATE_S]
        if late != self._late:
            self._late = late
            if late:
                _log.error("no answer from %s: the watchdog starts the program anew", *late[:1])
        if not late:
            self._tell("WATCHDOG=1")

    def _ask(self, part: _Part) -> None:
        def answer() -> None:
            part.answered = True

        part.asked_at, part.answered = self._now(), False
        part.ask(answer)
