"""How a technician opens their page without a citizen falling into it; imports no Kivy.

With a finger in the top left corner, where no screen has a key: hold, three short taps, hold. On a
keyboard: Ctrl+Alt+T. It only watches: whatever a touch means to the screen, it goes on meaning.
"""

from collections.abc import Sequence

CORNER_U = 100
"""Side of the corner: 19 mm on a 7-inch panel."""
HOLD_FROM_S = 2.5
TAP_UNTIL_S = 0.8
PAUSE_UNTIL_S = 2.5
"""Between one contact and the next."""

_HOLDS = (True, False, False, False, True)
_LETTER = ord("t")


class Combination:
    """Recognizes the five contacts. Times are seconds of any clock that never goes back."""

    def __init__(self) -> None:
        self._so_far = 0
        self._ended_s = 0.0

    def contact(self, began_s: float, ended_s: float, *, in_corner: bool) -> bool:
        """Takes in a contact, one after the other; True if it completes the combination.

        `in_corner`: it began and ended there, and no key or face took it.
        """
        lasted_s, pause_s = ended_s - began_s, began_s - self._ended_s
        self._ended_s = ended_s
        if self._so_far and pause_s > PAUSE_UNTIL_S:
            self._so_far = 0
        held, tapped = lasted_s >= HOLD_FROM_S, lasted_s <= TAP_UNTIL_S
        if in_corner and (held if _HOLDS[self._so_far] else tapped):
            self._so_far += 1
        else:
            self._so_far = 1 if in_corner and held else 0
        if self._so_far < len(_HOLDS):
            return False
        self._so_far = 0
        return True


def is_combination_key(key: int, modifiers: Sequence[str]) -> bool:
    """Ctrl+Alt+T; `key` and `modifiers` as Kivy's window tells them."""
    return key == _LETTER and {"ctrl", "alt"} <= set(modifiers)
