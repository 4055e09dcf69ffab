"""What a citizen does at the screen besides touching a face. Every deed is done at once."""

from collections.abc import Callable
from typing import Literal, Protocol

from kiosk.ballot import Ballot
from kiosk.front import Front

LISTENS_MS = 25_000  # a prompt takes some seconds: the follow-up stays open for longer


class Now(Protocol):
    """How the core does something under its lock, with the time since boot in ms."""

    def __call__(self, deed: Callable[[int], object]) -> None: ...


class Citizen:
    """Belongs to the core; its methods may be called from any thread and return at once."""

    def __init__(
        self, now: Now, *, front: Front, ballot: Ballot, read_out: Callable[[], None]
    ) -> None:
        self._now, self._front, self._ballot = now, front, ballot
        self._voting, self._read_out = ballot.voting, read_out

    def touched(self) -> None:
        """Somebody is at the screen."""

        def stay(now: int) -> None:
            self._front.touched(now)
            self._voting.touched(now)

        self._now(stay)

    def undo(self) -> None:
        """To choose again."""
        self._now(self._voting.undo)

    def reason(self, code: str, chosen: bool) -> None:
        """A reason is marked, or not any more."""
        self._now(lambda now: self._voting.choose(code, chosen, now))

    def finish(self, outcome: Literal["answered", "skipped"]) -> None:
        """The follow-up is done with."""
        self._now(lambda now: self._ballot.do(self._voting.finish(outcome, now)))

    def dismiss(self) -> None:
        """The last thanks is tapped away."""
        self._now(self._voting.dismiss)

    def show_code(self, wanted: bool) -> None:
        """Shows the newest vote's code, or not any more."""

        def show(now: int) -> None:
            if wanted and self._voting.scene(now) == "follow_up":
                self._front.open("code", now)
                self._voting.touched(now, for_ms=LISTENS_MS)
            else:
                self._front.close("code")

        self._now(show)

    def choose_locale(self, code: str) -> None:
        """Wants this language."""
        self._now(lambda now: self._front.choose_locale(code, now))

    def choose_counter(self, code: str | None) -> None:
        """The counter that served, of several; None if it is not remembered."""
        self._now(lambda now: self._front.choose_counter(code, now))

    def disown(self, wanted: bool) -> None:
        """Another official served than the one who is shown."""
        self._now(lambda now: self._front.disown(wanted, now))

    def listen(self) -> None:
        """Wants to hear what is shown."""

        def speak(now: int) -> None:
            self._voting.touched(now, for_ms=LISTENS_MS)
            self._read_out()

        self._now(speak)
