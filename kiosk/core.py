"""The unit's one mind: every press, PIN and outcome passes here in turn, screen or no screen."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue
from time import CLOCK_BOOTTIME, clock_gettime_ns

from kiosk.clock import Clock, Reading
from kiosk.duty import DutyDesk, find_official
from kiosk.journal_file import Journal
from kiosk.journal_store import Appended, NewRecord, Then, Writer
from kiosk.screens.view import View
from kiosk.showing import Counter, Front, Situation, compose, in_words
from kiosk.sign_in import Refusal, SignIn
from kiosk.sync import OLD_COPY, Health
from kiosk.voting import Cast, Effect, Face, KeepSuppressed, Revise, Suppress, Via, Voting
from protocol.rating import SCALES
from protocol.records import Boot, Fault, FaultCleared, Suppressed, Vote, VoteRevised

TRY_AGAIN_MS = 5_000  # while out of order
LAST_LINES_S = 10.0

Event = dict[str, object]
_log = logging.getLogger(__name__)


class Core:
    """Public methods may be called from any thread and return at once. What follows from them
    happens one at a time, under the lock: presses on the caller's thread, outcomes of commits on
    the writer's, all else and the passing of time on the core's own."""

    def __init__(
        self,
        *,
        counter: Counter,
        writer: Writer,
        clock: Clock,
        health: Health,
        on_event: Callable[[Event], None],
        on_committed: Callable[[], None],
        on_lines: Callable[[], None],
    ) -> None:
        self._counter, self._writer, self._clock = counter, writer, clock
        self._on_event, self._on_committed, self._on_lines = on_event, on_committed, on_lines
        self._health = health
        self._lock = threading.Lock()
        self.presses = 0  # of this run, whatever became of them
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="core", daemon=True)
        self._voting = Voting(undo_s=counter.undo_s)
        self._desk = DutyDesk(self._append)
        self._signing = SignIn(self._desk, kiosk=counter.kiosk, clock=clock, later=self._inbox.put)
        self._vote = Appended()  # the newest, for its revisions
        self._unfinished = 0  # appends and PIN checks under way
        self._stopping = False
        self._out_of_order = ""
        self._try_at: int | None = None
        self._front = Front(counter.locales)
        self._next_counter: Counter | None = None
        self._on_view: Callable[[View], None] = lambda _: None
        self._situation = self._look(clock.mono_ms())
        self._view = compose(self._situation)

    # From any thread ----------------------------------------------------------------------

    def start(self, journal: Journal, boot: Boot) -> None:
        """Writes down that the program started, ends a duty left open, and listens."""
        at = self._clock.read()
        with self._lock:
            self._append(boot, at)
            self._desk.end_left_open(journal, at)
        self._thread.start()

    def stop(self) -> None:
        """Finishes what was pressed until now; every line is durable when this returns."""
        self._inbox.put(self._stop)
        self._thread.join(LAST_LINES_S + 5)
        self._signing.close()

    @property
    def view(self) -> View:
        """What is shown now."""
        return self._view

    def show_on(self, on_view: Callable[[View], None]) -> None:
        """Whom to tell of every new view, from the core's thread."""
        self._on_view = on_view
        on_view(self._view)

    def press(self, rating: int, via: Via, mono_ns: int, *, others_down: bool = False) -> None:
        """A face or its button, pressed at that CLOCK_BOOTTIME nanosecond. Handled on the caller's
        own thread, as every hop to another costs a tenth of a durable commit."""
        face = Face(rating, self._clock.at(mono_ns), via, others_down)
        with self._lock:
            self.presses += 1
            kept = self._press(face)
        if not kept:  # else the commit's outcome comes by
            self._inbox.put(void)

    def touch(self, rating: int, via: Via) -> None:
        """A face pressed just now."""
        self.press(rating, via, clock_gettime_ns(CLOCK_BOOTTIME))

    def undo(self) -> None:
        """The citizen wants to choose again."""
        with self._lock:  # now, not in turn: the face that follows must find it done
            self._voting.undo(self._clock.mono_ms())
        self._inbox.put(void)

    def choose_locale(self, code: str) -> None:
        """The citizen wants this language."""
        with self._lock:  # now, as undo
            self._front.choose_locale(code, self._clock.mono_ms())
        self._inbox.put(void)

    def show_sign_in(self, wanted: bool) -> None:
        """Opens or closes the sign-in screen."""
        opened = partial(self._front.open_sign_in, self._clock.mono_ms())
        self._inbox.put(opened if wanted else self._front.close_sign_in)

    def sign_in(self, code: str, pin: str) -> "Future[str]":
        """An official signs in; the future holds "" or the sentence of a refusal, once that is
        settled and on the disk."""
        settled: Future[str] = Future()
        self._inbox.put(partial(self._sign_in, code, pin, settled))
        return settled

    def sign_out(self) -> "Future[str]":
        """Whoever is on duty leaves; as sign_in."""
        settled: Future[str] = Future()
        self._inbox.put(partial(self._sign_out, settled))
        return settled

    def set_health(self, health: Health) -> None:
        """How sending goes."""
        self._inbox.put(lambda: setattr(self, "_health", health))

    def set_counter(self, counter: Counter) -> None:
        """A new configuration; it comes into force between two citizens."""
        self._inbox.put(lambda: setattr(self, "_next_counter", counter))

    def report_fault(self, part: str, kind: str, since_ns: int, *, cleared: bool) -> None:
        """A button is stuck, or whole again."""
        since_ms = self._clock.at(since_ns).wall_ms
        record = FaultCleared if cleared else Fault
        fault = record(part=part, kind=kind, since_ms=since_ms)
        self._inbox.put(lambda: void(self._append(fault, self._clock.read())))

    # The core's thread --------------------------------------------------------------------

    def _run(self) -> None:
        give_up_at = None
        while not self._stopping or self._unfinished:
            if self._stopping:
                give_up_at = give_up_at or self._clock.mono_ms() + LAST_LINES_S * 1000
                if self._clock.mono_ms() > give_up_at:
                    return
            try:
                work = self._inbox.get(timeout=self._pause_s())
            except Empty:
                work = void
            try:
                with self._lock:
                    work()
                    self._tick(self._clock.mono_ms())
            except Exception:  # noqa: BLE001  (the buttons must not die of one mishap)
                _log.exception("something in the kiosk failed; it goes on")

    def _pause_s(self) -> float:
        times = (self._voting.next_ms(), self._front.next_ms(), self._try_at)
        due = min((t for t in times if t is not None), default=None)
        pause_s = 60.0 if due is None else max(0, due - self._clock.mono_ms()) / 1000
        return min(pause_s, 0.1) if self._stopping else pause_s

    def _tick(self, now: int) -> None:
        self._do(self._voting.tick(now))
        self._front.tick(now)
        if self._try_at is not None and now >= self._try_at:
            self._try_at = now + TRY_AGAIN_MS
            self._unfinished += 1
            self._writer.try_out(partial(self._done, None))
        if self._next_counter is not None and self._voting.is_between_citizens(now):
            self._apply(self._next_counter)
        situation = self._look(now)
        if situation != self._situation:
            self._situation = situation
            self._view = compose(situation)
            self._on_view(self._view)

    def _stop(self) -> None:
        self._do(self._voting.keep_suppressed())
        self._stopping = True

    def _append(self, record: NewRecord, at: Reading, then: Then | None = None) -> Appended:
        self._unfinished += 1
        return self._writer.append(record, at, partial(self._done, then))

    def _done(self, then: Then | None, appended: Appended) -> None:
        """An append is settled. On the writer's thread: thanks must not wait for another hop."""
        with self._lock:
            self._unfinished -= 1
            self._journal_answers(appended)
            if then is not None:
                then(appended)
        if not appended.exception():
            self._on_lines()
        self._inbox.put(void)

    def _journal_answers(self, appended: Appended) -> None:
        failure = appended.exception()
        if failure is None:
            self._out_of_order, self._try_at = "", None
        elif not self._out_of_order:
            _log.error("out of order: %s", failure)
            self._out_of_order = in_words("out_of_order", self._front.locale)
            self._try_at = self._clock.mono_ms() + TRY_AGAIN_MS

    # Votes --------------------------------------------------------------------------------

    def _press(self, face: Face) -> bool:
        """Whether a vote or revision is on its way to the disk."""
        if face.rating not in SCALES[self._counter.scale]:
            self._refuse(f"There is no face {face.rating} on the scale {self._counter.scale}.")
            return False
        if self._health.state == "old-copy":
            self._refuse(OLD_COPY)
            return False
        effects = self._voting.press(face)
        self._do(effects)
        return not isinstance(effects[-1], Suppress)

    def _do(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Cast(token, face):
                    then = partial(self._vote_done, token, face)
                    self._vote = self._append(self._new_vote(face), face.at, then)
                case Revise(token, face):
                    then = partial(self._revision_done, token, face, self._vote)
                    self._append(_revision(self._vote, face.rating), face.at, then)
                case Suppress(why):
                    self._on_event({"event": "suppressed", "why": why})
                case KeepSuppressed(count, first, last, why):
                    kept = Suppressed(count=count, from_mono_ms=first, to_mono_ms=last, why=why)
                    self._append(kept, self._clock.read())

    def _new_vote(self, face: Face) -> Callable[[], Vote]:
        duty, scale, locale = self._desk.current, self._counter.scale, self._front.locale
        return lambda: Vote(
            rating=face.rating,  # type: ignore[arg-type]  # on the scale, which was asked before
            scale=scale,
            via=face.via,
            locale=locale,
            duty=duty.started.seq if duty else None,
            counter=None,
            not_official=False,
            dossier=None,
            invited=False,
        )

    def _vote_done(self, token: int, face: Face, vote: Appended) -> None:
        if self._kept(token, vote):
            self._on_event({"event": "thanks", "seq": vote.seq, "rating": face.rating})

    def _revision_done(self, token: int, face: Face, vote: Appended, revision: Appended) -> None:
        if self._kept(token, revision):
            self._on_event({"event": "revised", "seq": revision.seq, "vote": vote.seq,
                            "rating": face.rating})  # fmt: skip

    def _kept(self, token: int, appended: Appended) -> bool:
        """Only here is anybody thanked: the line is durable."""
        failure = appended.exception()
        if failure is not None:
            self._voting.failed(token)
            self._refuse(str(failure))
            return False
        now = self._clock.mono_ms()
        self._voting.committed(token, now)
        self._on_committed()
        return True

    def _refuse(self, sentence: str) -> None:
        self._on_event({"event": "refused", "why": sentence})

    # Officials ----------------------------------------------------------------------------

    def _sign_in(self, code: str, pin: str, settled: "Future[str]") -> None:
        official = find_official(self._counter.officials, code)
        self._signing.check(
            code, pin, official, self._settled("sign_in", code, settled),
            configured=self._counter.configured,
        )  # fmt: skip

    def _sign_out(self, settled: "Future[str]") -> None:
        self._signing.sign_out(self._settled("sign_out", None, settled))

    def _settled(
        self, what: str, code: str | None, settled: "Future[str]"
    ) -> Callable[[Refusal | Appended], None]:
        """What is done once a sign-in or sign-out is refused or on the disk."""

        def tell(outcome: Refusal | Appended) -> None:
            if isinstance(outcome, Appended) and not outcome.exception():
                number = {"seq": outcome.seq} if what == "sign_in" else {}
                self._on_event({"event": "duty", **number, "official": code})
                self._front.close_sign_in()
                settled.set_result("")
                return
            if isinstance(outcome, Appended):
                outcome = Refusal("failed")
            sentence = outcome.words(self._front.locale)
            self._front.say(sentence)
            self._refuse(outcome.words("en"))
            settled.set_result(sentence)

        return tell

    # The screen ---------------------------------------------------------------------------

    def _apply(self, counter: Counter) -> None:
        self._counter, self._next_counter = counter, None
        self._voting.undo_ms = round(counter.undo_s * 1000)
        self._front.offer_locales(counter.locales)

    def _look(self, now: int) -> Situation:
        duty = self._desk.current
        return Situation(
            self._counter, self._voting.scene(now), self._voting.can_undo(now),
            self._front.locale, duty.official if duty else None, self._front.signing_in,
            self._out_of_order, self._health, self._front.message,
        )  # fmt: skip


def _revision(vote: Appended, rating: int) -> Callable[[], VoteRevised]:
    return lambda: VoteRevised(vote=vote.known_seq(), rating=rating)  # type: ignore[arg-type]


def void(_: object = None) -> None:
    """Nothing, for those who want a call without a result."""
