"""What a keyboard types, from the kernel's key events; pure, knows no device and no clock."""

from __future__ import annotations

import struct
from collections.abc import Iterator

# struct input_event on 64-bit: two longs of time, type, code, value. Source: linux/input.h and
# linux/input-event-codes.h, as all numbers here.
EVENT = struct.Struct("llHHi")
EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3
RELEASED, PRESSED = 0, 1  # 2 is auto-repeat
ENTERS = (28, 96)
SHIFTS = (42, 54)
LONGEST_TEXT = 128  # characters


def _us_layout() -> dict[int, tuple[str, str]]:
    """Key code -> (character, character with shift)."""
    rows = (
        (2, "1234567890-=", "!@#$%^&*()_+"),
        (16, "qwertyuiop[]", "QWERTYUIOP{}"),
        (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
        (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
        (57, " ", " "),
        (71, "789-456+1230.", "789-456+1230."),  # keypad
    )
    return {
        first + i: pair
        for first, plain, shifted in rows
        for i, pair in enumerate(zip(plain, shifted, strict=True))
    }


CHARACTERS = _us_layout()


class Typed:
    """Collects the characters of one device until an Enter.

    A text that is longer than LONGEST_TEXT, or of which the kernel dropped a part, is no text:
    what is left of it might be somebody else's.
    """

    def __init__(self) -> None:
        self._text = ""
        self._spoilt = False
        self._shifts: set[int] = set()

    @property
    def begun(self) -> bool:
        """Whether something came since the last text ended."""
        return bool(self._text) or self._spoilt

    def feed(self, events: bytes) -> Iterator[str]:
        """The texts that end in these whole events, in order."""
        for _, _, kind, code, value in EVENT.iter_unpack(events):
            if kind == EV_SYN and code == SYN_DROPPED:
                self._spoilt = True
                self._shifts.clear()
            elif kind == EV_KEY and code in SHIFTS:
                (self._shifts.discard if value == RELEASED else self._shifts.add)(code)
            elif kind == EV_KEY and value == PRESSED:
                if code in ENTERS:
                    if (text := self.end()) is not None:
                        yield text
                elif code in CHARACTERS:
                    self._add(CHARACTERS[code][bool(self._shifts)])

    def end(self) -> str | None:
        """The text typed until now, if it is one; the next begins."""
        text = None if self._spoilt else self._text or None
        self._text, self._spoilt = "", False
        return text

    def _add(self, character: str) -> None:
        if len(self._text) == LONGEST_TEXT:
            self._spoilt = True
        else:
            self._text += character
