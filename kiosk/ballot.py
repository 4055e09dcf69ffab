"""From the machine's decisions to the journal: what is appended for a press, and who is told."""

from collections.abc import Callable
from functools import partial

from kiosk.clock import Clock
from kiosk.duty import Append
from kiosk.follow_up import EndFollowUp
from kiosk.front import Front
from kiosk.hours import is_open
from kiosk.journal_store import Appended
from kiosk.showing import Counter
from kiosk.voting import Cast, Effect, Face, KeepSuppressed, Revise, Suppress, Voting
from protocol.crockford import vote_code
from protocol.rating import SCALES
from protocol.records import Suppressed, Test, Vote, VoteReasons, VoteRevised

Event = dict[str, object]


class Ballot:
    """The citizens' side of the core: belongs to it, and runs under its lock."""

    def __init__(
        self,
        counter: Counter,
        *,
        front: Front,
        clock: Clock,
        append: Append,
        duty_seq: Callable[[], Appended | None],
        on_event: Callable[[Event], None],
        on_committed: Callable[[], None],
        has_screen: bool,
    ) -> None:
        self._front, self._clock, self._append = front, clock, append
        self._duty_seq, self._on_event, self._on_committed = duty_seq, on_event, on_committed
        self._has_screen = has_screen
        self.voting = Voting(undo_s=counter.undo_s)
        self._votes: dict[int, Appended] = {}  # by token; only the newest few are needed
        self.set_counter(counter)

    def set_counter(self, counter: Counter) -> None:
        """New rules, between two citizens."""
        self._counter = counter
        self.voting.set_rules(
            undo_s=counter.undo_s,
            follow_up_s=counter.config.follow_up_s if self._has_screen else 0,
            offered=counter.offered(),
        )

    def press(self, face: Face) -> bool:
        """One press. Whether a vote or revision is on its way to the disk."""
        scale = self._counter.config.scale
        if face.rating not in SCALES[scale]:
            self.refuse(f"There is no face {face.rating} on the scale {scale}.")
            return False
        if self._front.is_open("test") and face.via != "touch":
            self._test(face)
            return False
        somebody = self.voting.scene(face.at.mono_ms) != "asking"
        effects = self.voting.press(face)
        if somebody and isinstance(effects[-1], Cast):  # that one's language is not this one's
            self._front.forget_leaving()
        self.do(effects)
        return not isinstance(effects[-1], Suppress)

    def code(self) -> str:
        """The newest vote's code; "" before it is on the disk."""
        newest = self._votes.get(max(self._votes, default=0))
        kept = newest is not None and newest.done() and newest.exception() is None
        return vote_code(newest.result().line) if newest and kept else ""

    def refuse(self, sentence: str) -> None:
        """Somebody is told that what they did is not kept."""
        self._on_event({"event": "refused", "why": sentence})

    def do(self, effects: list[Effect]) -> None:
        """Writes down what the machine decided."""
        for effect in effects:
            match effect:
                case Cast(token, face):
                    self._cast(token, face)
                case Revise(token, face):
                    then = partial(self._revision_done, token, face, self._votes[token])
                    self._append(_revision(self._votes[token], face.rating), face.at, then)
                case Suppress(why):
                    if why == "repeat" and self.code():  # it stands, and that sounds the same
                        self._on_committed()
                    self._on_event({"event": "suppressed", "why": why})
                case KeepSuppressed(count, first, last, why):
                    kept = Suppressed(count=count, from_mono_ms=first, to_mono_ms=last, why=why)
                    self._append(kept, self._clock.read())
                case EndFollowUp(token, _, _):
                    record = _reasons(self._votes[token], effect)
                    self._append(record, self._clock.read(), partial(self._reasons_done, effect))

    def _cast(self, token: int, face: Face) -> None:
        then = partial(self._vote_done, token, face)
        # A revision or a follow-up may still name the vote before; older ones are settled.
        self._votes = {t: vote for t, vote in self._votes.items() if t >= token - 1}
        self._votes[token] = self._append(self._new_vote(face), face.at, then)
        self._front.forget_citizen()

    def _new_vote(self, face: Face) -> Callable[[], Vote]:
        front, duty, scale = self._front, self._duty_seq(), self._counter.config.scale
        locale, counter, disowned = front.locale, front.counter, front.disowned
        invited, dossier = front.is_open("invitation"), front.dossier
        hours, zone = self._counter.config.hours, self._counter.zone
        outside = bool(hours) and not is_open(hours, self._clock.local(zone))
        return lambda: Vote(
            rating=face.rating,  # type: ignore[arg-type]  # on the scale, which was asked before
            scale=scale,
            via=face.via,
            locale=locale,
            duty=duty.seq if duty else None,
            counter=counter,
            not_official=disowned,
            dossier=dossier,
            invited=invited,
            outside_hours=outside,
        )

    def _vote_done(self, token: int, face: Face, vote: Appended) -> None:
        if self._kept(token, vote):
            self._on_event({"event": "thanks", "seq": vote.seq, "rating": face.rating})

    def _revision_done(self, token: int, face: Face, vote: Appended, revision: Appended) -> None:
        if self._kept(token, revision):
            self._on_event({"event": "revised", "seq": revision.seq, "vote": vote.seq,
                            "rating": face.rating})  # fmt: skip

    def _reasons_done(self, ended: EndFollowUp, line: Appended) -> None:
        if line.exception() is None:
            self._on_event({"event": "reasons", "seq": line.seq, "outcome": ended.outcome,
                            "reasons": list(ended.reasons)})  # fmt: skip

    def _kept(self, token: int, appended: Appended) -> bool:
        """Only here is anybody thanked: the line is durable."""
        failure = appended.exception()
        if failure is not None:
            self.voting.failed(token)
            self.refuse(str(failure))
            return False
        self.voting.committed(token, self._clock.mono_ms())
        self._on_committed()
        return True

    def _test(self, face: Face) -> None:
        """A button of the self-test: felt, written down as such, and no vote."""
        self._front.seen = tuple(sorted({*self._front.seen, face.rating}))
        self._append(Test(rating=face.rating), face.at)  # type: ignore[arg-type]  # on the scale


def _revision(vote: Appended, rating: int) -> Callable[[], VoteRevised]:
    return lambda: VoteRevised(vote=vote.known_seq(), rating=rating)  # type: ignore[arg-type]


def _reasons(vote: Appended, ended: EndFollowUp) -> Callable[[], VoteReasons]:
    return lambda: VoteReasons(vote=vote.known_seq(), reasons=ended.reasons, outcome=ended.outcome)
