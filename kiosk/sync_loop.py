"""The sending thread: wakes for a line or a heartbeat, waits when it was told to."""

import logging
import threading
import time
from collections.abc import Callable

from kiosk.sync import Sender

THANKED_S = 0.3  # from a vote's commit to its sending
_log = logging.getLogger(__name__)


class SyncLoop:
    """The thread that owns the Sender: sends when woken, unless it is told to wait. After a round
    that went well it does what else goes through the door."""

    def __init__(
        self,
        sender: Sender,
        besides: Callable[[], None] = lambda: None,
        on_failure: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        self._sender, self._besides, self._on_failure = sender, besides, on_failure
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    def start(self) -> None:
        """First contact is made at once."""
        self._woken.set()
        self._thread.start()

    def wake(self) -> None:
        """There is a line to send, or a heartbeat is due. From any thread, returns at once."""
        self._woken.set()

    def stop(self, *, within_s: float) -> bool:
        """One last try to send, at most so long; whether the thread has ended. If it has not, it
        is left behind: an unfinished send harms nothing."""
        self._stopping.set()
        self._woken.set()
        self._thread.join(within_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        due = False
        while not self._stopping.is_set():
            pause = self._sender.not_before - time.monotonic()
            if self._woken.wait(max(0.0, pause) if due else None):
                # The citizen is being thanked: signing and sending would compete with the screen.
                self._stopping.wait(THANKED_S)
                self._woken.clear()
                due = True
            if due and not self._stopping.is_set() and time.monotonic() >= self._sender.not_before:
                due = not self._send()
        self._send()

    def _send(self) -> bool:
        try:
            done = self._sender.round()
            if done and not self._stopping.is_set():
                self._besides()
            return done
        except Exception as error:  # noqa: BLE001  (logged, and the kiosk goes on)
            _log.exception("sending failed; it is tried again in a minute")
            self._on_failure(error)
            self._sender.not_before = time.monotonic() + 60
            return False
