"""The input lines of a panel: their edges go on a queue, their levels are looked at."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from .debounce import Change, Debounce
from .panel import boottime_ns
from .telling import Edge, part_of

LATE_S = 0.01  # look again so soon while a level and its edges disagree
LOST_NS = 50_000_000  # after this long the edge is lost, not late
MAX_AGE_S = 10.0  # older edges than this cannot be: the driver counts time differently
MOST_WAITING = 256  # edges of one line that wait to be told; more are lost, and the level tells

log = logging.getLogger(__name__)


class Inputs:
    """Lines of `factory` by button; `put` gets their edges, and must neither wait nor raise."""

    def __init__(self, factory: Any, put: Callable[[Edge], None]):
        self._factory, self._put = factory, put
        self._lines: dict[int, Any] = {}
        self._handlers: list[object] = []  # pins keep only weak references to them
        self._waiting: Counter[int] = Counter()
        self._lost: Counter[int] = Counter()  # edges that had no room, or that the kernel lost
        self._lock = threading.Lock()
        self._astray_ns: int | None = None

    def __contains__(self, button: int) -> bool:
        return button in self._lines

    def __iter__(self) -> Any:
        return iter(self._lines)

    def add(self, button: int, line: Any, *, low: bool) -> None:
        """Listens to `line`, a gpiozero InputDevice that is pressed when low or high."""
        # The pin's own event and not a Button's: it hands us when the kernel saw the edge. With
        # the time of our being told, a busy process would see a press as a glitch.
        handler = self._edge_handler(button, line.pin, low)
        self._handlers.append(handler)
        # No debounce below ours: it would make calm presses of a loose wire's chatter, and hide
        # the rest of the chatter that tells it from a hand.
        line.pin.bounce = None
        line.pin.edges = "both"
        line.pin.when_changed = handler
        self._lines[button] = line

    def held(self) -> set[int]:
        return {button for button, line in self._lines.items() if line.is_active}

    def taken(self, button: int) -> None:
        """One edge of `button` waits no more."""
        with self._lock:
            self._waiting[button] -= 1

    def silence(self) -> None:
        """No edges from now on."""
        for line in self._lines.values():
            line.pin.when_changed = None
        self._handlers.clear()

    def look(self, rule: Debounce, now_ns: int) -> tuple[list[Change], float | None]:
        """Compares the levels with what `rule` was told. While they disagree an edge is late, and
        after LOST_NS it is lost: the rule is told. Seconds until the next look, if that is soon."""
        differ = [b for b in self._lines if self._is_active(b, rule) != rule.is_active(b)]
        astray = [b for b in differ if not rule.is_noisy(b)]
        if not astray:
            self._astray_ns = None
            # A noisy line loses edges as it likes: it is followed, and holds nobody up.
            return _follow(differ, rule, now_ns), None
        if self._astray_ns is None:
            self._astray_ns = now_ns
        if now_ns - self._astray_ns < LOST_NS:
            return [], LATE_S
        self._astray_ns = None
        log.warning("an edge of %s was lost", ", ".join(map(_name, astray)))
        return _follow(differ, rule, now_ns), None

    def _edge_handler(self, button: int, pin: Any, low: bool) -> Callable[[float, int], None]:
        told_lost = 0

        def changed(ticks: float, state: int) -> None:
            nonlocal told_lost
            # An exception here would end lgpio's only thread, and with it every button.
            try:
                if self._has_room(button):
                    lost = self._lost[button] + getattr(pin, "lost", 0)
                    at_ns = boottime_ns() - self._age_ns(ticks)
                    self._put((button, bool(state) is not low, at_ns, lost != told_lost))
                    told_lost = lost
            except BaseException:
                log.exception("an edge of %s was lost", _name(button))

        return changed

    def _has_room(self, button: int) -> bool:
        with self._lock:
            has_room = self._waiting[button] < MOST_WAITING
            self._waiting[button] += has_room
            self._lost[button] += not has_room
        return has_room

    def _age_ns(self, ticks: float) -> int:
        age_s = self._factory.ticks_diff(self._factory.ticks(), ticks)
        return int(age_s * 1e9) if 0 <= age_s <= MAX_AGE_S else 0

    def _is_active(self, button: int, rule: Debounce) -> bool:
        try:
            return bool(self._lines[button].is_active)
        except Exception as e:  # noqa: BLE001  (closing, or a driver's fault: trust the edges)
            log.debug("the level of %s cannot be read: %s", _name(button), e)
            return rule.is_active(button)


def _follow(buttons: list[int], rule: Debounce, now_ns: int) -> list[Change]:
    return [change for b in buttons for change in rule.edge(b, not rule.is_active(b), now_ns)]


def _name(button: int) -> str:
    return part_of(button).replace("-", " ")
