"""The pure debounce rule: raw edges in, presses and faults out; knows no pins, threads or clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal

STABLE_NS = 10_000_000  # active this long without a break: a press, not a glitch
REARM_NS = 25_000_000  # released this long without a break: the next press may come
STUCK_NS = 20_000_000_000  # down this long: stuck, masked, and not in the way of the others
FREED_NS = 1_000_000_000  # a stuck button released this long counts again
# So many edges in so long are noise, where edges within SETTLE_NS of the one that counted are one.
# A hand makes 8 presses a second, and a worn button that bounces for 15 ms makes 3 such edges at
# both ends: 48 a second. Nobody keeps that up: 7 presses with 2 at both ends, 28, are much for
# 5 seconds. A loose wire, water or mains hum (100 a second) make more, and go on.
SETTLE_NS = 5_000_000
NOISE = ((100, 2_000_000_000), (175, 5_000_000_000))
QUIET_NS = 10_000_000_000  # a noisy line released this long without a break counts again

Due = Literal["press", "release", "stuck", "quiet"]  # what time alone brings
Kind = Due | Literal["noisy"]


@dataclass(frozen=True, slots=True)
class Change:
    """What the rule concluded. at_ns is when it began, which is before it could be known."""

    kind: Kind
    button: int
    at_ns: int
    others_down: bool = False  # for a press
    was_stuck: bool = False  # for a release


def _moves() -> deque[int]:
    return deque(maxlen=max(edges for edges, _ in NOISE))


@dataclass(slots=True)
class _Line:
    active: bool
    since_ns: int  # of the last raw edge
    down: bool = False  # from a press to the end of its steady release
    down_ns: int = 0
    may_stick: bool = True
    stuck: bool = False
    noisy: bool = False
    activations: int = 0
    presses: int = 0
    moves: deque[int] = field(default_factory=_moves)  # the newest edges that were no bounce

    @property
    def in_the_way(self) -> bool:
        """Down, and by a finger: a masked line is nobody's press."""
        return self.down and not self.stuck and not self.noisy

    def next_change(self, stable_ns: int) -> tuple[int, Due] | None:
        """When this line changes, and to what, if no edge comes before."""
        due: list[tuple[int, Due]] = []
        if self.noisy and not self.active:
            due.append((self.since_ns + QUIET_NS, "quiet"))
        if not self.down and self.active and not self.noisy:
            due.append((self.since_ns + stable_ns, "press"))
        if self.down and not self.active:
            due.append((self.since_ns + (FREED_NS if self.stuck else REARM_NS), "release"))
        if self.down and self.may_stick and not self.stuck and not self.noisy:
            due.append((self.down_ns + STUCK_NS, "stuck"))
        return min(due, default=None)

    def noisy_since(self, at_ns: int) -> int | None:
        """Counts an edge; if it was one too many, when the noise began."""
        if not self.moves or at_ns - self.moves[-1] >= SETTLE_NS:
            self.moves.append(at_ns)
        for edges, time_ns in NOISE:
            if len(self.moves) >= edges and at_ns - self.moves[-edges] <= time_ns:
                return self.moves[-edges]
        return None



class Debounce:
    """All buttons of one panel. All times are nanoseconds of one monotonic clock.

    A press counts once its line has been active for `stable_ns`, dated to the start of that
    stretch; the button re-arms after REARM_NS of steady release, so a held or chattering
    button is one press. A line that is stuck or noisy is masked: it presses nothing until its
    release or quiet. Changes come out in the order they fell due, whatever the polling.
    A line in `apart` is no citizen's button: it never counts among a press's others_down, and
    it may stay down as long as it likes.
    """

    def __init__(
        self,
        buttons: Iterable[int],
        *,
        now_ns: int = 0,
        held: Collection[int] = (),
        apart: Collection[int] = (),
        stable_ns: int | None = None,
    ):
        self._apart = frozenset(apart)
        self._stable_ns = STABLE_NS if stable_ns is None else stable_ns
        # A button held when we start was pressed before anyone was listening: no press.
        self._lines = {
            b: _Line(b in held, now_ns, down=b in held, down_ns=now_ns, may_stick=b not in apart)
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
            noisy_ns = line.noisy_since(at_ns)
            if noisy_ns is not None and not line.noisy:
                line.noisy = True
                changes.append(Change("noisy", button, noisy_ns))
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

    def is_noisy(self, button: int) -> bool:
        return self._lines[button].noisy

    def presses(self, button: int) -> int:
        return self._lines[button].presses

    def bounces(self, button: int) -> int:
        """Activations that were no press of their own: chatter and glitches."""
        line = self._lines[button]
        undecided = line.active and not line.down
        return line.activations - line.presses - undecided

    def _next_due(self) -> tuple[int, int, Due] | None:
        return min(
            (
                (due[0], b, due[1])
                for b, line in self._lines.items()
                if (due := line.next_change(self._stable_ns))
            ),
            default=None,
        )

    def _apply(self, button: int, kind: Due) -> Change:
        line = self._lines[button]
        match kind:
            case "press":
                line.down, line.down_ns = True, line.since_ns
                line.presses += 1
                aside = self._apart | {button}
                others = any(o.in_the_way for b, o in self._lines.items() if b not in aside)
                return Change(kind, button, line.since_ns, others_down=others)
            case "stuck":
                line.stuck = True
                return Change(kind, button, line.down_ns)
            case "release":
                was_stuck, line.down, line.stuck = line.stuck, False, False
                return Change(kind, button, line.since_ns, was_stuck=was_stuck)
            case "quiet":
                line.noisy = False
                line.moves.clear()
                return Change(kind, button, line.since_ns)
