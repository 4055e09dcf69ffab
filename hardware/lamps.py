"""Lamps and buzzer on a thread of their own: callers only leave a wish and go on."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Sequence
from typing import Literal, Protocol

log = logging.getLogger(__name__)

ACKNOWLEDGE_S = 0.4
BEEP_S = 0.08

Wish = Literal["acknowledge", "beep", "idle lit", "idle dark", "stop"]


class Output(Protocol):
    """What we use of gpiozero's LED, PWMLED and Buzzer."""

    value: float

    def close(self) -> None: ...


class Lamps:
    """All lamps as one, always: no onlooker may learn from the light which button was pressed."""

    def __init__(self, lamps: Sequence[Output], buzzer: Output | None, *, brightness: float = 1.0):
        self._lamps, self._buzzer, self._brightness = lamps, buzzer, brightness
        self._rest_lit = False
        self._flash_until = self._sound_until = 0.0  # time.monotonic seconds
        self._wishes: queue.SimpleQueue[Wish] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="lamps", daemon=True)
        self._thread.start()

    def wish(self, wish: Wish) -> None:
        self._wishes.put(wish)

    def close(self) -> None:
        """Everything off, then free the pins."""
        self.wish("stop")
        self._thread.join()
        for output in (*self._lamps, *([self._buzzer] if self._buzzer else [])):
            output.close()

    def _run(self) -> None:
        wish: Wish | None = None
        while wish != "stop":
            try:
                self._show(time.monotonic())
            except BaseException:
                log.exception("a lamp or the buzzer failed; the buttons go on")
            try:
                wish = self._wishes.get(timeout=self._next_s(time.monotonic()))
            except queue.Empty:
                continue
            self._take(wish, time.monotonic())
        try:
            self._show(time.monotonic())
        except BaseException:
            log.exception("a lamp or the buzzer could not be switched off")

    def _take(self, wish: Wish, now: float) -> None:
        if wish == "acknowledge":
            self._flash_until = now + ACKNOWLEDGE_S
        elif wish == "beep":
            self._sound_until = now + BEEP_S
        else:
            self._rest_lit = wish == "idle lit"
        if wish == "stop":
            self._flash_until = self._sound_until = now

    def _next_s(self, now: float) -> float | None:
        ends = [t - now for t in (self._flash_until, self._sound_until) if t > now]
        return min(ends, default=None)

    def _show(self, now: float) -> None:
        # Lamps that rest lit flash dark: seen in either case.
        lit = self._rest_lit != (now < self._flash_until)
        for lamp in self._lamps:
            _write(lamp, self._brightness if lit else 0.0)
        if self._buzzer is not None:
            _write(self._buzzer, float(now < self._sound_until))


def _write(output: Output, value: float) -> None:
    if output.value != value:
        output.value = value
