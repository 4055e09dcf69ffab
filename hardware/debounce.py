"""The pure debounce rule: raw edges in, presses out; knows no pins, threads or clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

STABLE_NS = 10_000_000  # active this long without a break: a press, not a glitch
REARM_NS = 25_000_000  # released this long without a break: the next press may come
STUCK_NS = 30_000_000_000  # down this long: stuck, and no longer in the way of the others

Kind = Literal["press", "release", "stuck"]


@dataclass(frozen=True, slots=True)
class Change:
    """What the rule concluded. at_ns is when it began, which is before it could be known."""

    kind: Kind
    button: int
    at_ns: int
    others_down: bool = False  # for a press
    was_stuck: bool = False  # for a release


@dataclass(slots=True)
class _Line:
    active: bool
    since_ns: int  # of the last raw edge
    down: bool = False  # from a press to the end of its steady release
    down_ns: int = 0
    stuck: bool = False
    activations: int = 0
    presses: int = 0

    def next_change(self) -> tuple[int, Kind] | None:
        """When this line changes, and to what, if no edge comes before."""
        if not self.down:
            return (self.since_ns + STABLE_NS, "press") if self.active else None
        due: list[tuple[int, Kind]] = []
        if not self.active:
            due.append((self.since_ns + REARM_NS, "release"))
        if not self.stuck:
            due.append((self.down_ns + STUCK_NS, "stuck"))
        return min(due, default=None)


class Debounce:
    """All buttons of one panel. All times are nanoseconds of one monotonic clock.

    A press counts once its line has been active for STABLE_NS, dated to the start of that
    stretch; the button re-arms after REARM_NS of steady release, so a held or chattering
    button is one press. Changes come out in the order they fell due, whatever the polling.
    A line in `apart` is no citizen's button: it never counts among a press's others_down.
    """

    def __init__(
        self,
        buttons: Iterable[int],
        *,
        now_ns: int = 0,
        held: Collection[int] = (),
        apart: Collection[int] = (),
    ):
        self._apart = frozenset(apart)
        # A button held when we start was pressed before anyone was listening: no press.
        self._lines = {
            b: _Line(active=b in held, since_ns=now_ns, down=b in held, down_ns=now_ns)
            for b in buttons
        }

    def edge(self, button: int, active: bool, at_ns: int) -> list[Change]:
        """The line of `button` became active or not at `at_ns`. A repeated level is no edge."""
        line = self._lines[button]
        at_ns = max(at_ns, line.since_ns)  # a late report cannot change what was before it
        changes = self.advance(at_ns)
        if active != line.active:
            line.active, line.since_ns = active, at_ns
            line.activations += active
        return changes

    def advance(self, now_ns: int) -> list[Change]:
        """What became certain by `now_ns` because no edge came."""
        changes = []
        while (due := self._next_due()) is not None and due[0] <= now_ns:
            changes.append(self._apply(due[1], due[2]))
        return changes

    def deadline(self) -> int | None:
        """When advance() next has something to say, or None as long as no edge comes."""
        due = self._next_due()
        return due[0] if due else None

    def is_active(self, button: int) -> bool:
        """The raw level as last reported."""
        return self._lines[button].active

    def presses(self, button: int) -> int:
        return self._lines[button].presses

    def bounces(self, button: int) -> int:
        """Activations that were no press of their own: chatter and glitches."""
        line = self._lines[button]
        undecided = line.active and not line.down
        return line.activations - line.presses - undecided

    def _next_due(self) -> tuple[int, int, Kind] | None:
        return min(
            ((due[0], b, due[1]) for b, line in self._lines.items() if (due := line.next_change())),
            default=None,
        )

    def _apply(self, button: int, kind: Kind) -> Change:
        line = self._lines[button]
        if kind == "press":
            line.down, line.down_ns = True, line.since_ns
            line.presses += 1
            aside = self._apart | {button}
            others = any(o.down and not o.stuck for b, o in self._lines.items() if b not in aside)
            return Change("press", button, line.since_ns, others_down=others)
        if kind == "stuck":
            line.stuck = True
            return Change("stuck", button, line.down_ns)
        was_stuck, line.down, line.stuck = line.stuck, False, False
        return Change("release", button, line.since_ns, was_stuck=was_stuck)
