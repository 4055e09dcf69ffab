"""From presses to votes: who is one citizen, what is a change of mind, what is only chatter.

A pure state machine: time is handed in as milliseconds since boot, no threads, no clock. Every
press gets exactly one answer, so that presses = votes + revisions + suppressed at any moment.
A vote is named by its own token until the journal has given it a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kiosk.clock import Reading
from kiosk.follow_up import EndFollowUp, FollowUp, Outcome

Via = Literal["button", "touch", "keyboard"]
Why = Literal["bounce", "repeat", "burst"]
Scene = Literal["asking", "follow_up", "thanks"]

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


Effect = Cast | Revise | Suppress | KeepSuppressed | EndFollowUp


@dataclass(slots=True)
class _Citizen:
    token: int
    rating: int
    cast_ms: int
    closes_ms: int  # until when another face is this citizen's change of mind
    pending: list[int]  # ratings of its records on the way to the disk, oldest first
    kept: int | None = None  # the rating that is durable
    revisions: int = 0


class Voting:
    """The machine. `undo_s` = 0 makes every press a vote of its own (scripts only); without
    `follow_up_s` there is no follow-up (no screen). `offered` are the reasons by rating."""

    def __init__(
        self,
        *,
        undo_s: float,
        follow_up_s: float = 0,
        offered: Mapping[int, tuple[str, ...]] | None = None,
    ) -> None:
        self.set_rules(undo_s=undo_s, follow_up_s=follow_up_s, offered=offered or {})
        self._citizen: _Citizen | None = None
        self._follow_up: FollowUp | None = None
        self._tokens = 0
        self._gesture_ms: int | None = None
        self._pressed_ms = 0  # presses of several sources may overtake each other by some ms
        self._latest_ms = 0
        self._thanks_until_ms = 0
        self._suppressed: dict[Why, KeepSuppressed] = {}
        self._keep_by_ms: int | None = None

    def set_rules(
        self, *, undo_s: float, follow_up_s: float, offered: Mapping[int, tuple[str, ...]]
    ) -> None:
        """New rules, between two citizens."""
        self.undo_ms, self.follow_up_ms = round(undo_s * 1000), round(follow_up_s * 1000)
        self._offered = dict(offered)

    # What is seen -------------------------------------------------------------------------

    def scene(self, now: int) -> Scene:
        """What the screen says at `now`."""
        follow_up = self._follow_up
        if follow_up is not None:
            return "asking" if follow_up.paused or now >= follow_up.closes_ms else "follow_up"
        return "thanks" if now < self._thanks_until_ms else "asking"

    def offered(self, now: int) -> tuple[str, ...]:
        """The reasons that the follow-up offers at `now`."""
        return self._follow_up.offered if self._is_following_up(now) and self._follow_up else ()

    def chosen(self) -> frozenset[str]:
        """Those of them chosen so far."""
        return frozenset(self._follow_up.chosen) if self._follow_up else frozenset()

    def can_undo(self, now: int) -> bool:
        """Whether `undo` would do anything at `now`."""
        citizen = self._citizen
        return (
            self._is_following_up(now)
            and citizen is not None
            and not citizen.pending
            and citizen.revisions < MAX_REVISIONS
            and now < citizen.closes_ms
        )

    def is_choosing_again(self, now: int) -> bool:
        """Whether the faces are up for a citizen whose vote is kept already."""
        follow_up = self._follow_up
        return follow_up is not None and follow_up.paused and now < follow_up.closes_ms

    def is_between_citizens(self, now: int) -> bool:
        """True when nothing of an earlier citizen is open: settings may change."""
        open_window = self._citizen is not None and now < self._citizen.closes_ms
        return self.scene(now) == "asking" and self._follow_up is None and not open_window

    def next_ms(self) -> int | None:
        """When `tick` has something to do next; None if nothing is pending."""
        times = [] if self._keep_by_ms is None else [self._keep_by_ms]
        if self._follow_up is not None:
            times.append(self._follow_up.closes_ms)
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
        if self._follow_up is not None:  # never over while another face would still revise
            self._follow_up.stay(citizen.closes_ms)
        if face.rating == citizen.rating:
            if not citizen.pending:  # it stands durably already: say so again
                self._thank(citizen, now)
            return [self._suppress("repeat", face)]
        if citizen.revisions >= MAX_REVISIONS:
            return [self._suppress("burst", face)]
        citizen.rating, citizen.revisions = face.rating, citizen.revisions + 1
        citizen.pending.append(face.rating)
        return [Revise(citizen.token, face)]

    def undo(self, now: int) -> bool:
        """Back to the faces for the same citizen, with the undo time anew; False if too late."""
        if not self.can_undo(now) or self._citizen is None or self._follow_up is None:
            return False
        self._latest_ms = max(self._latest_ms, now)
        self._pressed_ms = max(self._pressed_ms, now)
        self._gesture_ms = now
        self._citizen.closes_ms = self._window(self._citizen, now)
        self._follow_up.paused = True
        self._follow_up.closes_ms = self._citizen.closes_ms
        return True

    def touched(self, now: int, *, for_ms: int = 0) -> None:
        """Somebody is at the screen: the follow-up stays open, for `for_ms` at least."""
        if self._is_following_up(now) and self._follow_up is not None:
            self._follow_up.stay(now + max(self.follow_up_ms, for_ms))

    def choose(self, code: str, wanted: bool, now: int) -> None:
        """A reason is chosen, or not any more."""
        if self._is_following_up(now) and self._follow_up is not None:
            self._follow_up.choose(code, wanted)
            self.touched(now)

    def finish(self, outcome: Literal["answered", "skipped"], now: int) -> list[Effect]:
        """The citizen is done: the last thanks, and whoever presses next is the next citizen.
        Not while another face is on its way to the disk: its own reasons come up then."""
        if not self._is_following_up(now) or (self._citizen and self._citizen.pending):
            return []
        self._citizen = None
        self._thanks_until_ms = now + THANKS_MS
        self._latest_ms = max(self._latest_ms, now)
        return self._end_follow_up(outcome)

    def dismiss(self, now: int) -> None:
        """The last thanks is tapped away."""
        if self.scene(now) == "thanks":
            self._thanks_until_ms = now

    def committed(self, token: int, now: int) -> None:
        """The vote or its revision is durable: now, and only now, there is thanks."""
        citizen = self._citizen
        if citizen is None or citizen.token != token:
            return  # the next citizen is there already; that screen is theirs
        citizen.kept = citizen.pending.pop(0)
        self._thank(citizen, now)

    def failed(self, token: int) -> None:
        """A record could not be kept: nobody is thanked for it. Without its vote the next press
        starts afresh; without a revision the vote stands as it was."""
        citizen = self._citizen
        if citizen is None or citizen.token != token:
            return
        citizen.pending.pop(0)
        if citizen.kept is None:
            self._citizen = None
        else:
            citizen.rating = citizen.pending[-1] if citizen.pending else citizen.kept

    def tick(self, now: int) -> list[Effect]:
        """Time passed: leaves what has timed out."""
        self._latest_ms = max(self._latest_ms, now)
        over = self._citizen is not None and now >= self._citizen.closes_ms
        due = self._keep_by_ms is not None and now >= self._keep_by_ms
        ended: list[Effect] = []
        if self._follow_up is not None and now >= self._follow_up.closes_ms:
            ended = self._end_follow_up("timeout")
        return [*ended, *self.keep_suppressed()] if over or due else ended

    def end_all(self) -> list[Effect]:
        """At quit: what is open ends now."""
        return [*self._end_follow_up("timeout"), *self.keep_suppressed()]

    def keep_suppressed(self) -> list[Effect]:
        """The suppressed presses not yet handed out as records."""
        kept: list[Effect] = [*self._suppressed.values()]
        self._suppressed.clear()
        self._keep_by_ms = None
        return kept

    # How ----------------------------------------------------------------------------------

    def _is_following_up(self, now: int) -> bool:
        return self.scene(now) == "follow_up"

    def _thank(self, citizen: _Citizen, now: int) -> None:
        """The thanks, with the follow-up beneath it for as long as somebody may be there."""
        self._thanks_until_ms = max(self._thanks_until_ms, now + THANKS_MS)
        if not self.follow_up_ms:
            return
        offered = self._offered.get(citizen.rating, ())
        asked = self._follow_up
        if asked is None or (asked.token, asked.offered) != (citizen.token, offered):
            self._follow_up = asked = FollowUp(citizen.token, offered, now)
        asked.paused = False
        asked.stay(max(now + self.follow_up_ms, citizen.closes_ms))

    def _end_follow_up(self, outcome: Outcome) -> list[Effect]:
        ended, self._follow_up = self._follow_up, None
        return [] if ended is None else [*ended.end(outcome)]

    def _chatter(self, face: Face, now: int) -> Why | None:
        if face.others_down:
            return "bounce"
        recent = self._gesture_ms is not None and now - self._gesture_ms < GESTURE_MS
        return "bounce" if recent and self.undo_ms else None

    def _cast(self, face: Face, now: int) -> list[Effect]:
        kept = self.end_all()
        self._tokens += 1
        self._citizen = _Citizen(self._tokens, face.rating, now, 0, [face.rating])
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
