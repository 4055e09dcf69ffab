"""The panel's own thread: takes edges and errands off one queue, and tells who asked to be told."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable

from .debounce import Change, Debounce
from .panel import Fault, OnFault, OnInvite, OnPress, Press, Source, boottime_ns

INVITE = 0  # stands for the invite input among the buttons; no rating has this number
LOOK_S = 1.0  # look at the levels this often, in case an edge was lost

Edge = tuple[int, bool, int, bool]  # button, active, CLOCK_BOOTTIME ns, edges before it were lost
Errand = Callable[[], None]
# Looks at the levels: changes so found, and seconds until it wants to look again, or None where
# the levels agree with the edges and time may pass.
Look = Callable[[int], tuple[list[Change], float | None]]

log = logging.getLogger(__name__)


def part_of(button: int) -> str:
    """The name of an input in faults and sentences."""
    return "invite" if button == INVITE else f"button-{button}"


class Teller:
    """Everything that panels conclude and tell, one after the other, whatever the told ones raise.

    What is put before start() waits. Without `look` it sleeps until something comes; `taken` is
    called for each edge that no longer waits.
    """

    def __init__(self, source: Source = "button", *, taken: Callable[[int], None] | None = None):
        self._rule = Debounce(())
        self._source: Source = source
        self._look: Look | None = None
        self._taken = taken
        self._again_s: float | None = None
        self._faults: dict[tuple[str, str], Fault] = {}
        self._on_press: OnPress | None = None
        self._on_fault: OnFault | None = None
        self._on_invite: OnInvite | None = None
        self._inbox: queue.SimpleQueue[Edge | Errand] = queue.SimpleQueue()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="buttons", daemon=True)

    def start(
        self, rule: Debounce, *, look: Look | None = None, faults: Iterable[Fault] = ()
    ) -> None:
        """Begins to conclude by `rule`, which nobody else uses from now on."""
        self._rule, self._look = rule, look
        self._faults = {(fault.part, fault.kind): fault for fault in faults}
        self._thread.start()

    def on_press(self, callback: OnPress) -> None:
        self._on_press = callback

    def on_invite(self, callback: OnInvite) -> None:
        self._on_invite = callback

    def on_fault(self, callback: OnFault) -> None:
        """Tells what is broken already, then all that comes."""

        def begin() -> None:
            self._on_fault = callback
            for fault in tuple(self._faults.values()):
                self._call(callback, fault)

        self.put(begin)

    def put(self, item: Edge | Errand) -> None:
        """An edge to be concluded from, or something to be done on this thread. Never waits."""
        self._inbox.put(item)

    def tell_fault(self, fault: Fault) -> None:
        """A fault that was found elsewhere, or its end; what is known already is not told again."""

        def tell() -> None:
            key = fault.part, fault.kind
            if fault.cleared and self._faults.pop(key, None) is None:
                return
            if not fault.cleared and self._faults.setdefault(key, fault) is not fault:
                return
            if self._on_fault:
                self._call(self._on_fault, fault)

        if threading.current_thread() is self._thread:
            tell()
        else:
            self.put(tell)

    def end(self) -> None:
        """Tells what was pressed until now, then nothing more."""
        self.put(self._finish)  # behind every edge seen until now
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended:
            try:
                item = self._inbox.get(timeout=self._wait_s())
            except queue.Empty:
                self._conclude(self._let_time_pass)
                continue
            if callable(item):
                self._call(item)
            else:
                self._take(*item)

    def _take(self, button: int, active: bool, at_ns: int, lost: bool) -> None:
        if self._taken:
            self._taken(button)
        self._conclude(lambda: self._rule.edge(button, active, at_ns, lost=lost))

    def _finish(self) -> None:
        self._conclude(lambda: self._rule.advance(boottime_ns()))
        self._ended = True

    def _wait_s(self) -> float | None:
        if self._again_s is not None:
            return self._again_s
        deadline = self._rule.deadline()
        look_s = LOOK_S if self._look else None
        if deadline is None:
            return look_s
        left_s = max(0, deadline - boottime_ns()) / 1e9
        return left_s if look_s is None else min(look_s, left_s)

    def _let_time_pass(self) -> list[Change]:
        """Nothing came. Time passes only if the levels agree: else an edge is late, or lost."""
        now_ns = boottime_ns()
        if self._look is not None:
            changes, self._again_s = self._look(now_ns)
            if changes or self._again_s is not None:
                return changes
        return self._rule.advance(now_ns)

    def _conclude(self, conclude: Callable[[], list[Change]]) -> None:
        try:
            changes = conclude()
        except BaseException:
            log.exception("the debounce rule failed; the buttons go on")
            return
        for change in changes:
            self._tell(change)

    def _tell(self, change: Change) -> None:
        button, at_ns, part = change.button, change.at_ns, part_of(change.button)
        match change.kind:
            case "press" if button == INVITE:
                if self._on_invite:
                    self._call(self._on_invite, at_ns)
            case "press":
                if self._on_press:
                    press = Press(button, at_ns, change.others_down, self._source)
                    self._call(self._on_press, press)
            case "stuck" | "noisy":
                self.tell_fault(Fault(part, change.kind, at_ns))
            case "release" if change.was_stuck:
                self.tell_fault(Fault(part, "stuck", at_ns, cleared=True))
            case "quiet":
                self.tell_fault(Fault(part, "noisy", at_ns, cleared=True))

    @staticmethod
    def _call(told: Callable[..., None], *about: object) -> None:
        try:
            told(*about)
        except BaseException:
            # Not which button: logs are read by more people than votes.
            log.exception("whoever was told of the panel failed; the buttons go on")
