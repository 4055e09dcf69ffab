"""The pure debounce rule: raw edges in, presses and faults out; knows no pins, threads or clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

STABLE_NS = 10_000_000  # active this long without a break: a press, not a glitch
REARM_NS = 25_000_000  # released this long without a break: the next press may come
STUCK_NS = 20_000_000_000  # down this long: stuck, masked, and not in the way of the others
FREED_NS = 1_000_000_000  # a stuck button released this long counts again
# Unrest is the time in stretches too short for a finger: under REARM_NS. A hand makes 8 presses a
# second, a worn contact bounces for 15 ms at both ends: 24 % of the time. A line that is restless
# for more than a quarter of the time, until half a second of it has piled up, is noise: a loose
# wire or water (from 40 edges a second), mains hum, a flood of any speed.
CALM = 4  # so many times the unrest is needed to make up for it
UNSEEN_NS = 100_000_000  # of a stretch in which edges were lost, so much at most is unrest
NOISY_NS = 500_000_000
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
    unrest_ns: int = 0  # more than calm made up for
    restless_ns: int = 0  # when that began

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

    def turn(self, active: bool, at_ns: int, since_ns: int, lost: bool) -> bool:
        """An edge after a stretch from `since_ns`; whether the line is too restless for a hand."""
        stretch_ns = at_ns - since_ns
        unrest_ns = stretch_ns if stretch_ns < REARM_NS else min(stretch_ns, UNSEEN_NS) * lost
        if not self.unrest_ns:
            self.restless_ns = since_ns
        self.unrest_ns = max(0, self.unrest_ns + unrest_ns - stretch_ns // CALM)
        self.active, self.since_ns = active, at_ns
        self.activations += active
        return self.unrest_ns >= NOISY_NS


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

    def edge(self, button: int, active: bool, at_ns: int, *, lost: bool = False) -> list[Change]:
        """The line of `button` became active or not at `at_ns`. A repeated level is no edge,
        unless edges before it were `lost`."""
        line = self._lines[button]
        since_ns = line.since_ns
        at_ns = max(at_ns, since_ns)  # a late report cannot change what was before it
        if lost:
            line.since_ns = at_ns  # nobody knows that it was steady until now
        changes = self.advance(at_ns)
        is_edge = lost or active != line.active
        if is_edge and line.turn(active, at_ns, since_ns, lost) and not line.noisy:
            line.noisy = True
            changes.append(Change("noisy", button, line.restless_ns))
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
                line.noisy, line.unrest_ns = False, 0
                return Change(kind, button, line.since_ns)
