"""Lamps and buzzer on a thread of their own: callers only leave a wish and go on."""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

log = logging.getLogger(__name__)

ACKNOWLEDGE_S = 0.4
BEEP_S = 0.08
INVITE_S = 6.0
BLINK_S = 0.75  # an invitation changes the lamps so often: four slow blinks
INVITE_BEEPS_S = (0.0, 0.3)  # after its start
BREATH_S = 4.0  # of one breath, about a resting person's
DIMMEST = 0.3  # of a breath: never so dark that an answering dark moment is not seen
STEP_S = 0.05
PWM_HZ = 100

Wish = Literal["acknowledge", "invite", "beep", "idle lit", "idle dark", "breathe",
               "breathe no more", "duty lit", "duty dark", "stop"]  # fmt: skip


class Output(Protocol):
    """What we use of gpiozero's LED, PWMLED (it has a `frequency`) and Buzzer."""

    value: float

    def close(self) -> None: ...


class Lamps:
    """All lamps as one, always: no onlooker may learn from the light which button was pressed.

    The duty lamp stands apart: it is the official's and says only whether somebody is signed in.
    """

    def __init__(
        self,
        lamps: Sequence[Output],
        buzzer: Output | None,
        duty_lamp: Output | None = None,
        *,
        brightness: float = 1.0,
    ):
        self._lamps, self._buzzer, self._duty_lamp = lamps, buzzer, duty_lamp
        self._can_dim = bool(lamps) and all(hasattr(lamp, "frequency") for lamp in lamps)
        self._brightness = brightness if self._can_dim else 1.0
        self._rest_lit = self._duty_lit = False
        self._breathing_since: float | None = None
        # time.monotonic seconds; the beeps are (from, until)
        self._flash_until = self._invited_at = self._invite_until = 0.0
        self._beeps: list[tuple[float, float]] = []
        self._wishes: queue.SimpleQueue[Wish] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="lamps", daemon=True)
        self._thread.start()

    def wish(self, wish: Wish) -> None:
        self._wishes.put(wish)

    def close(self) -> None:
        """Everything off, then free the pins."""
        self.wish("stop")
        self._thread.join()
        for output in (*self._lamps, self._buzzer, self._duty_lamp):
            if output is not None:
                output.close()

    def _run(self) -> None:
        if self._can_dim:
            self._set_pwm()
        wish: Wish | None = None
        while wish != "stop":
            self._show(time.monotonic())
            try:
                wish = self._wishes.get(timeout=self._next_s(time.monotonic()))
            except queue.Empty:
                continue
            self._take(wish, time.monotonic())
        self._show(time.monotonic())

    def _take(self, wish: Wish, now: float) -> None:
        match wish:
            case "acknowledge":
                self._end_invitation(now)
                self._flash_until = now + ACKNOWLEDGE_S
            case "invite":
                self._invite(now)
            case "beep":
                self._beeps.append((now, now + BEEP_S))
            case "idle lit" | "idle dark":
                self._rest_lit = wish == "idle lit"
            case "breathe" | "breathe no more":
                self._breathe(wish == "breathe", now)
            case "duty lit" | "duty dark":
                self._duty_lit = wish == "duty lit"
            case "stop":
                self._breathe(False, now)
                self._rest_lit = self._duty_lit = False
                self._flash_until = self._invite_until = now
                self._beeps.clear()

    def _breathe(self, on: bool, now: float) -> None:
        if on is (self._breathing_since is not None):
            return
        self._breathing_since = now if on else None
        if self._can_dim:
            self._set_pwm()
        elif on and self._lamps:
            log.info("these pins cannot dim: the lamps rest lit instead of breathing")

    def _set_pwm(self) -> None:
        """Only where something is dimmed: pulses are made by the processor, at rest as well."""
        needed = self._brightness < 1 or self._breathing_since is not None
        for lamp in self._lamps:
            try:
                lamp.frequency = PWM_HZ if needed else None  # type: ignore[attr-defined]
                lamp.value = 0.0  # the pin forgot what it was
            except BaseException:
                log.exception("a lamp failed; all else goes on")

    def _invite(self, now: float) -> None:
        # Asked again meanwhile, an invitation lasts longer but does not sound again: whoever
        # leans on the button makes no noise.
        if self._invite_until <= now:
            self._invited_at = now
            self._beeps += [(now + s, now + s + BEEP_S) for s in INVITE_BEEPS_S]
        self._invite_until = now + INVITE_S

    def _end_invitation(self, now: float) -> None:
        if now < self._invite_until:
            self._invite_until = now
            self._beeps = [beep for beep in self._beeps if beep[0] <= now]

    def _next_s(self, now: float) -> float | None:
        """Seconds until something changes by itself; forgets the beeps that are over."""
        self._beeps = [beep for beep in self._beeps if beep[1] > now]
        times = [self._flash_until, *(t for beep in self._beeps for t in beep)]
        if now < self._invite_until:
            blinks = int((now - self._invited_at) / BLINK_S)
            times += [self._invited_at + (blinks + 1) * BLINK_S, self._invite_until]
        elif self._can_dim and self._breathing_since is not None:
            times.append(now + STEP_S)
        return min((t - now for t in times if t > now), default=None)

    def _show(self, now: float) -> None:
        for output, value in self._wanted(now):
            try:
                if output.value != value:
                    output.value = value
            except BaseException:
                log.exception("a lamp or the buzzer failed; all else goes on")

    def _wanted(self, now: float) -> Iterator[tuple[Output, float]]:
        blink = now < self._invite_until and int((now - self._invited_at) / BLINK_S) % 2 == 0
        called = blink or now < self._flash_until
        breathing_since = self._breathing_since
        # Lamps that rest lit, or breathe, answer by going dark: seen in either case.
        rests_lit = self._rest_lit or breathing_since is not None
        value = self._brightness if rests_lit != called else 0.0
        if self._can_dim and breathing_since is not None:
            value = round(value * _breath(now - breathing_since), 2)
        for lamp in self._lamps:
            yield lamp, value
        if self._buzzer is not None:
            yield self._buzzer, float(any(start <= now < end for start, end in self._beeps))
        if self._duty_lamp is not None:
            yield self._duty_lamp, float(self._duty_lit)


def _breath(after_s: float) -> float:
    """From full to dimmest and back, as a share of the brightness."""
    return DIMMEST + (1 - DIMMEST) * (1 + math.cos(2 * math.pi * after_s / BREATH_S)) / 2
