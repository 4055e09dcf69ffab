"""The sending thread: wakes for a line or a heartbeat, waits when it was told to."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from kiosk.quarantine import NEVER
from kiosk.sync import Sender

THANKED_S = 0.3  # from a vote's commit to its sending
BESIDES_EVERY = 20  # batches of a long drain: then pictures and the kiosk's state have their turn
_log = logging.getLogger(__name__)


class Aside(Protocol):
    """What is done in small steps while the journal has nothing to send: kiosk.quarantine,
    kiosk.proving. `look` says at `due_at` (time.monotonic) when the next step is in place."""

    due_at: float

    def look(self) -> None: ...
    def step(self) -> None: ...
    def close(self) -> None: ...


class SyncLoop:
    """The thread that owns the Sender: sends when woken, unless it is told to wait. After a round
    that got an answer, whatever it said, it does what else goes through the door; and when the
    journal has nothing to send, what waits aside has its turn."""

    def __init__(
        self,
        sender: Sender,
        besides: Callable[[], None] = lambda: None,
        on_failure: Callable[[Exception], None] = lambda _: None,
        asides: tuple[Aside, ...] = (),
    ) -> None:
        self._sender, self._besides, self._on_failure = sender, besides, on_failure
        self._asides = asides
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._until = NEVER
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    def start(self) -> None:
        """First contact is made at once."""
        self._woken.set()
        self._thread.start()

    def wake(self) -> None:
        """There is a line to send, or a heartbeat is due. From any thread, returns at once."""
        self._woken.set()

    def try_now(self) -> None:
        """The server has said that it takes lines again. On the sending thread."""
        self._sender.not_before = 0.0
        self._woken.set()

    def stop(self, *, within_s: float) -> bool:
        """One last try to send, at most so long; whether the thread has ended. If it has not, it
        is left behind: an unfinished send harms nothing."""
        self._until = time.monotonic() + within_s / 2  # no batch is begun later
        self._stopping.set()
        self._woken.set()
        if self._thread.ident is None:  # the program ends before it has begun to send
            return True
        self._thread.join(within_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        due = False
        while not self._stopping.is_set():
            if self._woken.wait(self._pause_s(due)):
                self._let_thank()
                due = True
                self._look_aside()
            if self._stopping.is_set():
                break
            if due and time.monotonic() >= self._sender.not_before:
                due = not self._send()
            elif time.monotonic() >= self._aside_at():
                self._guarded(min(self._asides, key=lambda aside: aside.due_at).step)
        if time.monotonic() < self._until:
            self._send()
        for aside in self._asides:
            aside.close()

    def _pause_s(self, due: bool) -> float | None:
        """Until there is something to do without being woken; None: never."""
        first = min(self._sender.not_before if due else NEVER, self._aside_at())
        return None if first == NEVER else max(0.0, first - time.monotonic())

    def _aside_at(self) -> float:
        """When something aside has its turn: never before the live journal has got through."""
        if self._sender.health.offline:
            return NEVER
        return min((aside.due_at for aside in self._asides), default=NEVER)

    def _let_thank(self) -> None:
        """The citizen is being thanked: signing and sending would compete with the screen."""
        self._stopping.wait(THANKED_S)
        self._woken.clear()

    def _send(self) -> bool:
        """One round; whether the server then has everything."""
        step = self._guarded(self._sender.step)
        batches = 0
        while step == "more" and time.monotonic() < self._until:
            batches += 1
            if self._woken.is_set():
                self._let_thank()
            if batches % BESIDES_EVERY == 0:
                self._do_besides()
            step = self._guarded(self._sender.step)
        self._do_besides()
        return step == "done"

    def _do_besides(self) -> None:
        """Only where the server has just answered: the network is there, and it has time."""
        if self._sender.heard and not self._stopping.is_set():
            self._guarded(self._besides)
            self._look_aside()

    def _look_aside(self) -> None:
        # An answer that is not final, such as `closed`, is no reason not to hand over.
        if self._sender.contact_ms is not None:
            for aside in self._asides:
                self._guarded(aside.look)

    def _guarded(self, work: Callable[[], object]) -> object:
        try:
            return work()
        except Exception as error:  # noqa: BLE001  (logged, and the kiosk goes on)
            if self._stopping.is_set():  # and everything is being closed
                _log.info("sending ended: %s", error)
                return None
            _log.exception("sending failed; it is tried again in a minute")
            self._on_failure(error)
            self._sender.not_before = time.monotonic() + 60
            for aside in self._asides:
                aside.due_at = NEVER
            return None
