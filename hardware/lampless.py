"""Panels without lamps and sound: a USB numeric keypad, or nothing but the touch screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .panel import OnFault, OnInvite, OnPress, Panel
from .telling import Teller


class LamplessPanel(Panel):
    """What such panels share: a teller, and outputs without effect."""

    def __init__(self, buttons: Sequence[int], teller: Teller):
        self.buttons = tuple(buttons)
        self.has_buzzer = False
        self.simulated = False
        self._teller = teller
        self._closed = False

    def on_press(self, callback: OnPress) -> None:
        self._teller.on_press(callback)

    def on_fault(self, callback: OnFault) -> None:
        self._teller.on_fault(callback)

    def on_invite(self, callback: OnInvite) -> None:
        """There is no invite input."""

    def acknowledge(self) -> None:
        """No lamps."""

    def invite(self) -> None:
        """No lamps, no sound."""

    def duty(self, signed_in: bool) -> None:
        """No duty lamp."""

    def idle(self, lit: bool) -> None:
        """No lamps."""

    def breathe(self, on: bool) -> None:
        """No lamps."""

    def beep(self) -> None:
        """No sound."""

    def check_alive(self, answer: Callable[[], None]) -> None:
        self._teller.put(answer)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._teller.end()
