"""From presses to votes: who is one citizen, what is a change of mind, what is only chatter.

A pure state machine: time is handed in as milliseconds since boot, no threads, no clock. Every
press gets exactly one answer, so that presses = votes + revisions + suppressed at any moment.
A vote is named by its own token until the journal has given it a number.
"""

from dataclasses import dataclass
from typing import Literal

from kiosk.clock import Reading

Via = Literal["button", "touch", "keyboard"]
Why = Literal["bounce", "repeat", "burst"]
Scene = Literal["asking", "thanks"]

GESTURE_MS = 300  # two contacts closer than this are one gesture, whatever reported them
REVISION_LIMIT_MS = 60_000  # protocol.md 3: a later vote.revised would not count
MAX_REVISIONS = 5  # by one citizen; more is play
THANKS_MS = 3_000
KEEP_WITHIN_MS = 1_000  # a suppressed press is on disk about this soon


@dataclass(frozen=True, slots=True)
class Face:
    """A press of a face or its button, with the clocks as they stood at the press."""

    rating: int
    at: Reading
    via: Via
    others_down: bool = False


@dataclass(frozen=True, slots=True)
class Cast:
    """A citizen's vote: append it, then call `committed` or `failed` with its token."""

    token: int
    face: Face


@dataclass(frozen=True, slots=True)
class Revise:
    """The same citizen chose another face: append a revision of that vote."""

    token: int
    face: Face


@dataclass(frozen=True, slots=True)
class Suppress:
    """This press is no vote; it is counted and a `KeepSuppressed` follows."""

    why: Why
    face: Face


@dataclass(frozen=True, slots=True)
class KeepSuppressed:
    """Append a `suppressed` record with these fields."""

    count: int
    from_mono_ms: int
    to_mono_ms: int
    why: Why


Effect = Cast | Revise | Suppress | KeepSuppressed


@dataclass(slots=True)
class _Citizen:
    token: int
    rating: int
    cast_ms: int
    closes_ms: int  # until when another face is this citizen's change of mind
    revisions: int = 0
    uncommitted: int = 1  # its records on the way to the disk


class Voting:
    """The machine. `undo_s` = 0 makes every press a vote of its own (scripts only)."""

    def __init__(self, *, undo_s: float) -> None:
        self.undo_ms = round(undo_s * 1000)
        self._citizen: _Citizen | None = None
        self._tokens = 0
        self._gesture_ms: int | None = None
        self._pressed_ms = 0  # presses of several sources may overtake each other by some ms
        self._latest_ms = 0
        self._thanks_until_ms = 0
        self._suppressed: dict[Why, KeepSuppressed] = {}
        self._keep_by_ms: int | None = None

    # What is seen -------------------------------------------------------------------------

    def scene(self, now: int) -> Scene:
        """What the screen says at `now`."""
        return "thanks" if now < self._thanks_until_ms else "asking"

    def can_undo(self, now: int) -> bool:
        """Whether `undo` would do anything at `now`."""
        citizen = self._citizen
        return (
            self.scene(now) == "thanks"
            and citizen is not None
            and not citizen.uncommitted
            and citizen.revisions < MAX_REVISIONS
            and now < citizen.closes_ms
        )

    def is_between_citizens(self, now: int) -> bool:
        """True when nothing of an earlier citizen is open: settings may change."""
        open_window = self._citizen is not None and now < self._citizen.closes_ms
        return self.scene(now) == "asking" and not open_window

    def next_ms(self) -> int | None:
        """When `tick` has something to do next; None if nothing is pending."""
        times = [] if self._keep_by_ms is None else [self._keep_by_ms]
        if self._thanks_until_ms > self._latest_ms:
            times.append(self._thanks_until_ms)
        if self._citizen is not None and self._citizen.closes_ms > self._latest_ms:
            times.append(self._citizen.closes_ms)
        return min(times, default=None)

    # What happens -------------------------------------------------------------------------

    def press(self, face: Face) -> list[Effect]:
        """One press. Its own time decides, however late it is handed in."""
        now = self._pressed_ms = max(self._pressed_ms, face.at.mono_ms)
        self._latest_ms = max(self._latest_ms, now)
        why = self._chatter(face, now)
        if why:
            return [self._suppress(why, face)]
        self._gesture_ms = now
        citizen = self._citizen
        if citizen is None or now >= citizen.closes_ms:
            return self._cast(face, now)
        citizen.closes_ms = self._window(citizen, now)
        if face.rating == citizen.rating:
            if not citizen.uncommitted:  # it stands durably already: say so again
                self._thank(now)
            return [self._suppress("repeat", face)]
        if citizen.revisions >= MAX_REVISIONS:
            return [self._suppress("burst", face)]
        citizen.rating, citizen.revisions = face.rating, citizen.revisions + 1
        citizen.uncommitted += 1
        return [Revise(citizen.token, face)]

    def undo(self, now: int) -> bool:
        """Back to the faces for the same citizen, with the undo time anew; False if too late."""
        if not self.can_undo(now) or self._citizen is None:
            return False
        self._latest_ms = max(self._latest_ms, now)
        self._pressed_ms = max(self._pressed_ms, now)
        self._thanks_until_ms, self._gesture_ms = 0, now
        self._citizen.closes_ms = self._window(self._citizen, now)
        return True

    def committed(self, token: int, now: int) -> None:
        """The vote or its revision is durable: now, and only now, there is thanks."""
        if self._citizen is not None and self._citizen.token == token:
            self._citizen.uncommitted -= 1
        self._thank(now)

    def failed(self, token: int) -> None:
        """The vote could not be kept: nobody is thanked, the next press starts afresh."""
        if self._citizen is not None and self._citizen.token == token:
            self._citizen = None

    def tick(self, now: int) -> list[Effect]:
        """Time passed: leaves what has timed out."""
        self._latest_ms = max(self._latest_ms, now)
        over = self._citizen is not None and now >= self._citizen.closes_ms
        due = self._keep_by_ms is not None and now >= self._keep_by_ms
        return self.keep_suppressed() if over or due else []

    def keep_suppressed(self) -> list[Effect]:
        """The suppressed presses not yet handed out as records (also called at quit)."""
        kept: list[Effect] = [*self._suppressed.values()]
        self._suppressed.clear()
        self._keep_by_ms = None
        return kept

    # How ----------------------------------------------------------------------------------

    def _thank(self, now: int) -> None:
        self._thanks_until_ms = max(self._thanks_until_ms, now + max(THANKS_MS, self.undo_ms))

    def _chatter(self, face: Face, now: int) -> Why | None:
        if face.others_down:
            return "bounce"
        recent = self._gesture_ms is not None and now - self._gesture_ms < GESTURE_MS
        return "bounce" if recent and self.undo_ms else None

    def _cast(self, face: Face, now: int) -> list[Effect]:
        kept = self.keep_suppressed()
        self._tokens += 1
        self._citizen = _Citizen(self._tokens, face.rating, now, 0)
        self._citizen.closes_ms = self._window(self._citizen, now)
        return [*kept, Cast(self._tokens, face)]

    def _window(self, citizen: _Citizen, now: int) -> int:
        return min(now + self.undo_ms, citizen.cast_ms + REVISION_LIMIT_MS)

    def _suppress(self, why: Why, face: Face) -> Suppress:
        at = face.at.mono_ms
        old = self._suppressed.get(why) or KeepSuppressed(0, at, at, why)
        self._suppressed[why] = KeepSuppressed(
            old.count + 1, min(old.from_mono_ms, at), max(old.to_mono_ms, at), why
        )
        if self._keep_by_ms is None:
            self._keep_by_ms = self._latest_ms + KEEP_WITHIN_MS
        return Suppress(why, face)
