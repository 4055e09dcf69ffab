"""Badge readers and QR scanners: USB keyboards, read before any console sees what they type."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from .evdev import EventReader
from .typed import Typed

PAUSE_S = 0.3  # a reader that sends no Enter is silent this long after its text
FORGET_S = 3.0  # else half a text, its Enter lost, would spoil the next badge

OnBadge = Callable[[str], None]
log = logging.getLogger(__name__)


class BadgeReader(EventReader):
    """Tells `on_badge`, on a thread of its own, each text that `device` types up to its Enter.

    With `by_pause` a pause of PAUSE_S ends a text as well. A device that is absent or unplugged
    is said in the log and looked for again. The texts themselves are secrets and never logged.
    """

    what = "badge reader"

    def __init__(self, device: Path, on_badge: OnBadge, *, by_pause: bool = False):
        super().__init__(device)
        self._on_badge, self._by_pause = on_badge, by_pause
        self._typed = Typed()
        self._deadline: float | None = None  # time.monotonic

    def begin(self, fd: int) -> None:
        self._typed, self._deadline = Typed(), None

    def patience_s(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def be_silent(self) -> None:
        text, self._deadline = self._typed.end(), None
        if self._by_pause and text is not None:
            self._tell(text)

    def take(self, events: bytes) -> None:
        for text in self._typed.feed(events):
            self._tell(text)
        patience_s = PAUSE_S if self._by_pause else FORGET_S
        self._deadline = time.monotonic() + patience_s if self._typed.begun else None

    def _tell(self, text: str) -> None:
        try:
            self._on_badge(text)
        except BaseException:
            log.exception("whoever was told of a badge failed; the reader goes on")
