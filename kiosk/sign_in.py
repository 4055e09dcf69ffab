"""Checking PINs and badges: on a thread of its own, one at a time, with waits after wrong tries."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeVar

from kiosk.clock import Clock
from kiosk.duty import Tries
from kiosk.showing import in_words

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody could not sign in or out, or open the technician's page."""

    why: Literal["wrong", "wait", "nobody", "failed", "no_list", "no_admin", "badge"]
    wait_ms: int = 0

    def words(self, locale: str) -> str:
        """One sentence for who stands there."""
        return in_words(self.why, locale, s=max(1, -(-self.wait_ms // 1000)))


class PinDesk:
    """Belongs to the core: all but the check itself runs on the core's thread, to which `later`
    brings work back."""

    def __init__(self, *, clock: Clock, later: Callable[[Callable[[], None]], None]) -> None:
        self._clock, self._later = clock, later
        self._tries = Tries()
        self._checking = False
        self._pins = ThreadPoolExecutor(1, thread_name_prefix="pin")

    def close(self) -> None:
        """Drops a check under way: nobody was told that it went well."""
        self._pins.shutdown(wait=False, cancel_futures=True)

    def check(
        self,
        code: str,
        is_right: Callable[[], bool],
        passed: Callable[[], None],
        refused: Callable[[Refusal], None],
        *,
        known: bool = True,
    ) -> None:
        """Tries a PIN under `code`, whose wrong tries are remembered if it is `known` at all."""
        wait_ms = self._tries.wait_ms(code, self._clock.mono_ms())
        if wait_ms or self._checking:
            refused(Refusal("wait", wait_ms))
            return

        def checked(right: bool) -> None:
            self._checking = False
            if right:
                self._tries.right(code)
                passed()
                return
            if known:
                self._tries.wrong(code, self._clock.mono_ms())
            refused(Refusal("wrong"))

        self._checking = True
        self.work(is_right, checked, failed=False)

    def work(self, look: Callable[[], T], then: Callable[[T], None], *, failed: T) -> None:
        """Something that takes some 40 ms of CPU: never on the press's way. What raises counts as
        `failed`, so that nobody waits for ever."""
        done = self._pins.submit(look)
        done.add_done_callback(lambda found: self._later(partial(_hand_over, found, then, failed)))


def _hand_over(found: "Future[T]", then: Callable[[T], None], failed: T) -> None:
    error = found.exception()
    if error is not None:
        _log.error("a PIN or badge could not be checked: %r", error)
    then(found.result() if error is None else failed)
