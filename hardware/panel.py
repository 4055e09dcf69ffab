"""The contract every panel keeps: presses come in, lamps and sound go out, nothing blocks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Source = Literal["button", "keyboard"]
FaultKind = Literal["stuck", "noisy", "missing"]


class HardwareError(Exception):
    """Root of this package's errors; str(e) is one sentence for a person."""


class NoGpio(HardwareError):
    """No usable GPIO pins on this machine."""


@dataclass(frozen=True, slots=True)
class Press:
    """One deliberate press, however long it was held and however much the contact chattered."""

    button: int  # the number on the wiring; by convention the rating 1..5
    mono_ns: int  # CLOCK_BOOTTIME nanoseconds at the start of the stable contact
    others_down: bool  # another (not stuck) button was down at that moment
    source: Source = "button"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something on the panel is broken, or (cleared) whole again."""

    part: str  # "button-3", "lamp-3", "invite", "buzzer", "duty-lamp", "keypad", "panel"
    kind: FaultKind  # held too long; chatters by itself; cannot be had
    since_ns: int  # CLOCK_BOOTTIME nanoseconds
    cleared: bool = False


OnPress = Callable[[Press], None]
OnFault = Callable[[Fault], None]
OnInvite = Callable[[int], None]  # CLOCK_BOOTTIME nanoseconds at the start of the contact


class Panel(Protocol):
    """Buttons, lamps, a buzzer; for the official an invite input and a duty lamp, if wired.

    Callbacks come on the panel's own thread, one at a time. What is not wired has no effect.
    """

    buttons: tuple[int, ...]
    has_buzzer: bool
    simulated: bool

    def on_press(self, callback: OnPress) -> None:
        """Whom to tell of presses; what is pressed before that is dropped."""

    def on_fault(self, callback: OnFault) -> None:
        """Whom to tell of faults and their end, what is broken already at once; replaces the one
        told before."""

    def on_invite(self, callback: OnInvite) -> None:
        """Whom to tell that the official, or a queue system's contact, invites a citizen."""

    def acknowledge(self) -> None:
        """All lamps together for a short time, so that no onlooker learns which button it was.

        Ends an invitation.
        """

    def invite(self) -> None:
        """Light and sound that invite a citizen: all lamps blink slowly, two short beeps."""

    def duty(self, signed_in: bool) -> None:
        """What the duty lamp says to the official; no citizen's lamp changes."""

    def idle(self, lit: bool) -> None:
        """Whether the lamps rest lit or dark."""

    def breathe(self, on: bool) -> None:
        """Whether resting lamps breathe slowly; where they cannot dim they rest lit."""

    def beep(self) -> None:
        """One short sound, the same for every button."""

    def check_alive(self, answer: Callable[[], None]) -> None:
        """`answer` is called soon, from the panel's own thread after its driver's reader (if there
        is one) has answered; not at all if either has died."""

    def close(self) -> None:
        """Deliver what was pressed until now, then free the pins. May be called twice."""


def boottime_ns() -> int:
    """CLOCK_BOOTTIME in nanoseconds: goes on in suspend, untouched by clock steps."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
