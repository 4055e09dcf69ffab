"""Signing in and out at the kiosk: the PIN is checked on a thread of its own, then duty changes."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Literal

from kiosk.clock import Clock
from kiosk.duty import DutyDesk, Tries, is_right_pin
from kiosk.journal_store import Appended
from kiosk.showing import in_words
from protocol.configuration import ConfigOfficial


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody could not sign in or out."""

    why: Literal["wrong", "wait", "nobody", "failed", "no_list"]
    wait_ms: int = 0

    def words(self, locale: str) -> str:
        """One sentence for the official."""
        return in_words(self.why, locale, s=max(1, -(-self.wait_ms // 1000)))


Settled = Callable[[Refusal | Appended], None]


class SignIn:
    """Belongs to the core: all but the PIN check itself runs on the core's thread, to which
    `later` brings work back."""

    def __init__(
        self,
        desk: DutyDesk,
        *,
        kiosk: str,
        clock: Clock,
        later: Callable[[Callable[[], None]], None],
    ) -> None:
        self._desk, self._kiosk, self._clock, self._later = desk, kiosk, clock, later
        self._tries = Tries()
        self._checking = False
        self._pins = ThreadPoolExecutor(1, thread_name_prefix="pin")

    def close(self) -> None:
        """Drops a check under way: nobody was told that it went well."""
        self._pins.shutdown(wait=False, cancel_futures=True)

    def check(
        self,
        code: str,
        pin: str,
        official: ConfigOfficial | None,
        settled: Settled,
        *,
        configured: bool = True,
    ) -> None:
        """Tries a PIN, one at a time; `official` is None for an unknown code. The right one puts
        the official on duty. Without a configuration there is no code to be right or wrong."""
        if not configured:
            settled(Refusal("no_list"))
            return
        wait_ms = self._tries.wait_ms(code, self._clock.mono_ms())
        if wait_ms or self._checking:
            settled(Refusal("wait", wait_ms))
            return
        self._checking = True
        check = self._pins.submit(is_right_pin, official, kiosk=self._kiosk, pin=pin)
        check.add_done_callback(
            lambda done: self._later(partial(self._checked, official, done, settled))
        )

    def sign_out(self, settled: Settled) -> None:
        """Whoever is on duty leaves."""
        if not self._desk.end("official", self._clock.read(), settled):
            settled(Refusal("nobody"))

    def _checked(
        self, official: ConfigOfficial | None, check: "Future[bool]", settled: Settled
    ) -> None:
        self._checking = False
        at = self._clock.read()
        if official is not None and check.result():
            self._tries.right(official.code)
            self._desk.start(official, at, settled)
            return
        if official is not None:
            self._tries.wrong(official.code, at.mono_ms)
        settled(Refusal("wrong"))
