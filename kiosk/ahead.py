"""The test clock: lets days pass for a kiosk whose panel is simulated, and for no other."""

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

from kiosk.errors import KioskError
from protocol.envelope import MAX_INT

VARIABLE = "HAILONG_TEST_CLOCK"
_log = logging.getLogger(__name__)


def ahead_of_time(*, simulated: bool) -> Callable[[], int] | None:
    """How many milliseconds both clocks are ahead, read anew from the file that HAILONG_TEST_CLOCK
    names at each call; None without one. KioskError unless the panel is simulated: a unit at a
    counter must not lie about when a vote was cast."""
    name = os.environ.get(VARIABLE)
    if not name:
        return None
    if not simulated:
        raise KioskError(f"{VARIABLE} is for a simulated panel; unset it, or use --panel stdin.")
    return _File(Path(name)).read


def is_wanted() -> bool:
    """Whether this process was given a test clock."""
    return bool(os.environ.get(VARIABLE))


class _File:
    """`{"ahead_ms": N}`, replaced by renaming. KioskError if it cannot be read at first; later the
    last number stands."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._ahead_ms = self._parse()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KioskError(
                f'The test clock {path} cannot be read ({error}); write {{"ahead_ms": 0}} into it.'
            ) from None

    def read(self) -> int:
        """The number as the file has it now."""
        try:
            self._ahead_ms = self._parse()
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("the test clock cannot be read: %s", error)
        return self._ahead_ms

    def _parse(self) -> int:
        ahead_ms = json.loads(self._path.read_bytes())["ahead_ms"]
        if not isinstance(ahead_ms, int) or isinstance(ahead_ms, bool) or abs(ahead_ms) > MAX_INT:
            raise ValueError(f"ahead_ms is {ahead_ms!r}, no whole number of milliseconds")
        return ahead_ms
