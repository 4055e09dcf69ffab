"""Who is on duty: sign-in by PIN, the wait after wrong tries, and the open duty's number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from kiosk.clock import Reading
from kiosk.journal_file import Journal
from kiosk.journal_store import Appended, NewRecord, Then
from protocol.configuration import ConfigOfficial
from protocol.records import DutyEnded, DutyStarted, understand
from protocol.verifiers import check_pin

FREE_TRIES = 5
FIRST_WAIT_MS = 60_000
LONGEST_WAIT_MS = 15 * 60_000


StartedBy = Literal["pin", "badge", "qr", "remote"]
EndedBy = Literal["official", "next", "closing"]


class Append(Protocol):
    """How the core appends: at once; `then` is called with the settled line, under the lock."""

    def __call__(self, record: NewRecord, at: Reading, then: Then | None = None) -> Appended: ...


class Tries:
    """Wrong PINs by official's code. Time is handed in as milliseconds since boot."""

    def __init__(self) -> None:
        self._wrong: dict[str, int] = {}
        self._free_at_ms: dict[str, int] = {}

    def wait_ms(self, code: str, now: int) -> int:
        """How long this code has to wait before its next try; 0 if it need not."""
        return max(0, self._free_at_ms.get(code, now) - now)

    def wrong(self, code: str, now: int) -> None:
        """A wrong PIN: from the fifth on each one costs a wait, twice as long as the one before."""
        count = self._wrong[code] = self._wrong.get(code, 0) + 1
        if count >= FREE_TRIES:
            wait = min(FIRST_WAIT_MS << min(count - FREE_TRIES, 8), LONGEST_WAIT_MS)
            self._free_at_ms[code] = now + wait

    def right(self, code: str) -> None:
        """The right PIN: nothing is remembered against this code."""
        self._wrong.pop(code, None)
        self._free_at_ms.pop(code, None)


@dataclass(frozen=True, slots=True)
class Duty:
    """The duty under way. Its number may still be on the way to the disk."""

    official: ConfigOfficial
    started: Appended
    at: Reading


class DutyDesk:
    """The one open duty of this kiosk, written down through `append`."""

    def __init__(self, append: Append) -> None:
        self._append = append
        self.current: Duty | None = None
        self.last = ""  # the official who was on duty last, to go on with the PIN alone

    def start(
        self, official: ConfigOfficial, at: Reading, then: Then, by: StartedBy = "pin"
    ) -> None:
        """This official is on duty from `at` on; whoever was before is not."""
        self.end("next", at)
        started = self._append(
            DutyStarted(official=official.code, by=by), at, lambda done: self._begun(done, then)
        )
        self.current = Duty(official, started, at)
        self.last = official.code

    def end(self, by: EndedBy, at: Reading, then: Then | None = None) -> bool:
        """Nobody is on duty from `at` on; False if nobody was."""
        duty, self.current = self.current, None
        if duty is None:
            return False
        self._append(lambda: DutyEnded(duty=duty.started.known_seq(), by=by), at, then)
        return True

    def _begun(self, started: Appended, then: Then) -> None:
        if started.exception() and self.current is not None and self.current.started is started:
            self.current = None  # it could not be written down, so it has not begun
        then(started)

    def end_left_open(self, journal: Journal, at: Reading) -> int:
        """A duty that the run before left open ended when that run did. Before any sign-in.

        Returns the wall clock's ms of the newest sign-in or sign-out: an order of the server from
        before has lapsed, but for the order that the open duty itself came from (-1, as none).
        """
        started, ended = journal.newest("duty.started"), journal.newest("duty.ended")
        if started is None:
            return -1
        record = understand(started.type, started.data)
        by = record.by if isinstance(record, DutyStarted) else ""
        self.last = record.official if isinstance(record, DutyStarted) else ""
        if ended is None or ended.seq < started.seq:
            self._append(DutyEnded(duty=started.seq, by="restart"), at)
            return -1 if by == "remote" else started.wall_ms
        return ended.wall_ms


def find_official(officials: Sequence[ConfigOfficial], code: str) -> ConfigOfficial | None:
    """Who may sign in here under this code, if anyone."""
    return next((o for o in officials if o.code == code), None)


def is_right_pin(official: ConfigOfficial | None, *, kiosk: str, pin: str) -> bool:
    """Whether this is that official's PIN. Takes some 40 ms of CPU: never on the press's way."""
    if official is None or official.pin is None:
        return False
    return check_pin(official.pin, kiosk=kiosk, official=official.code, pin=pin)
