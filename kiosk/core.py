"""The unit's one mind: every press, PIN and outcome passes here in turn, screen or no screen."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue
from time import CLOCK_BOOTTIME, clock_gettime_ns
from typing import Literal, Protocol

from kiosk.ballot import Ballot, Event
from kiosk.citizen import Citizen
from kiosk.clock import Clock, Reading
from kiosk.faults import Faults
from kiosk.front import IN_USE_MS, Front, Thing
from kiosk.journal_file import Journal
from kiosk.journal_store import Appended, NewRecord, Then, Writer
from kiosk.officials import Officials
from kiosk.screens.view import Technician, View
from kiosk.showing import Counter, Situation, compose
from kiosk.sync import OLD_COPY, Health
from kiosk.voting import Face, Via
from protocol.records import Boot, Fault

TRY_AGAIN_MS = 5_000  # while out of order
LOOK_AT_CLOCK_S = 1.0  # how late the end of opening hours may be noticed
LAST_LINES_S = 10.0

_log = logging.getLogger(__name__)


Lights = Literal["ready", "resting", "dark"]
"""The panel's lamps while nobody presses; dark: a vote could not be kept."""


class Senses(Protocol):
    """What the unit does besides showing: lamps, sound, voice. Every call returns at once."""

    def thank(self) -> None: ...
    def invite(self, locale: str) -> None: ...
    def duty(self, signed_in: bool) -> None: ...
    def light(self, how: "Lights") -> None: ...
    def listen(self, view: View) -> None: ...
    def hush(self) -> None: ...


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
        senses: Senses,
        on_event: Callable[[Event], None],
        on_lines: Callable[[], None],
        has_screen: bool = True,
        facts: Callable[[str], Technician] = lambda _locale: Technician(),
    ) -> None:
        self._counter, self._writer, self._clock = counter, writer, clock
        self._on_event, self._on_lines = on_event, on_lines
        self._health, self._senses, self._facts = health, senses, facts
        self._lock = threading.Lock()
        self.presses = 0  # of this run, whatever became of them
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="core", daemon=True)
        self._unfinished = 0  # appends and PIN checks under way
        self._stopping = False
        self._faults = Faults()
        self._lights: Lights | None = None
        self._out_of_order = ""  # a word of the catalogue, under "message."
        self._full = self._filling = self._screen_failed = False
        self._at_rest: list[Callable[[], None]] = []
        self._is_at_rest = True
        self._try_at: int | None = None
        self._front = Front(counter.locales)
        self._officials = Officials(
            counter, front=self._front, clock=clock, append=self._append, later=self._inbox.put,
            on_event=on_event, has_screen=has_screen,
        )  # fmt: skip
        self._ballot = Ballot(
            counter, front=self._front, clock=clock, append=self._append,
            duty_seq=self._officials.duty_seq, on_event=on_event, on_committed=senses.thank,
            has_screen=has_screen,
        )  # fmt: skip
        self._voting = self._ballot.voting
        self.citizen = Citizen(
            self._now, front=self._front, ballot=self._ballot,
            read_out=lambda: senses.listen(self._view),
        )  # fmt: skip
        self._next_counter: Counter | None = None
        self._on_view: Callable[[View], None] = lambda _: None
        self._technician: Technician | None = None
        self._found: Technician | None = None
        self._someone_was_there = self._was_signed_in = False
        self._situation = self._look(clock.mono_ms())
        self._view = compose(self._situation)

    # From any thread ----------------------------------------------------------------------

    def start(self, journal: Journal, boot: Boot) -> None:
        """Writes down that the program started, ends a duty left open, and listens."""
        at = self._clock.read()
        with self._lock:
            self._append(boot, at)
            self._officials.begin(journal, at)
            self._officials.obey_server()
            self._light(self._view)
        self._thread.start()

    def stop(self) -> None:
        """Finishes what was pressed until now; every line is durable when this returns."""
        self._inbox.put(self._stop)
        self._thread.join(LAST_LINES_S + 5)
        self._officials.close()

    @property
    def view(self) -> View:
        """What is shown now."""
        return self._view

    def after_a_vote(self) -> tuple[View, ...]:
        """What may be shown then, to be prepared ahead."""
        offers = dict.fromkeys(self._counter.offered().values())
        follow_ups = [self._situation._replace(scene="follow_up", offered=o) for o in offers]
        return tuple(map(compose, [*follow_ups, self._situation._replace(scene="thanks")]))

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

    def invite(self, dossier: str | None = None) -> None:
        """The official has ended a transaction: light and sound; the next vote is invited."""

        def ask(now: int) -> None:
            if self._counter.config.invite and not self._front.is_open("test"):
                self._front.invite(dossier, now)
                self._senses.invite(self._front.locale)
                self._on_event({"event": "invited", "dossier": dossier})

        self._now(ask)

    def open(self, thing: Thing) -> None:
        """Opens a page of the officials or the technician."""
        self._now(lambda now: self._front.open(thing, now))

    def close(self, thing: Thing) -> None:
        """Closes it."""
        self._now(lambda _: self._front.close(thing))

    def sign_in(self, code: str, pin: str) -> "Future[str]":
        """An official signs in; the future holds "" or the sentence of a refusal, once that is
        settled and on the disk."""
        settled: Future[str] = Future()
        self._inbox.put(partial(self._officials.sign_in, code, pin, settled))
        return settled

    def sign_out(self, pin: str | None = None) -> "Future[str]":
        """Whoever is on duty leaves, with their PIN; without one only for scripts. As sign_in."""
        settled: Future[str] = Future()
        self._inbox.put(partial(self._officials.sign_out, pin, settled))
        return settled

    def badge(self, text: str, by: Literal["badge", "qr"]) -> None:
        """A badge or an official's QR was read."""
        self._inbox.put(partial(self._officials.badge, text, by))

    def unlock(self, pin: str) -> "Future[str]":
        """Opens the technician's page; as sign_in."""
        settled: Future[str] = Future()
        self._inbox.put(partial(self._officials.unlock, pin, settled))
        return settled

    def tell_technician(self, sentence: str) -> None:
        """The page opens with what came of the technician's last deed."""

        def tell(now: int) -> None:
            self._front.open("technician", now)
            self._front.say(sentence)

        self._now(tell)

    def choose_place(self, place: str) -> None:
        """Where this mobile kiosk stands from now on."""
        self._inbox.put(partial(self._officials.choose_place, place))

    def self_test(self, wanted: bool) -> None:
        """Buttons are felt and not counted while the technician tests them."""

        def test(now: int) -> None:
            if wanted and self._front.unlocked:
                self._front.open("test", now)
            else:
                self._front.close("test")

        self._now(test)

    def screen_failed(self) -> None:
        """A screen failed: out of order until the program has started again."""

        def take(_: int) -> None:
            self._screen_failed = True

        self._now(take)

    def set_full(self, full: bool) -> None:
        """Whether the card has too little room for another vote to be safe."""

        def take(_: int) -> None:
            self._full = full

        self._now(take)

    def set_filling(self, filling: bool) -> None:
        """Whether the card has less room than a technician would like; votes go on."""

        def take(_: int) -> None:
            self._filling = filling

        self._now(take)

    def between_citizens(self, deed: Callable[[], None]) -> None:
        """Calls `deed` once, from the core's thread, when nobody is there; it returns at once."""

        def wait() -> None:
            self._at_rest.append(deed)

        self._inbox.put(wait)

    @property
    def is_free(self) -> bool:
        """Whether nobody was there when the core last looked: a good moment for chores."""
        return self._is_at_rest

    @property
    def counter(self) -> Counter:
        """The configuration in force."""
        return self._counter

    @property
    def broken(self) -> str:
        """Why nothing is asked, as a key under "message."; "" if something is."""
        return self._situation.out_of_order

    def set_health(self, health: Health) -> None:
        """How sending goes."""

        def take(_: int) -> None:
            self._health = health

        self._now(take)

    def set_counter(self, counter: Counter) -> None:
        """A new configuration; it comes into force between two citizens."""

        def take(_: int) -> None:
            self._next_counter = counter

        self._now(take)

    def report_fault(self, part: str, kind: str, since_ns: int, *, cleared: bool) -> None:
        """A part such as button-3 is broken, or whole again."""
        since_ms = self._clock.at(since_ns).wall_ms

        def take() -> None:
            fault = self._faults.take(part, kind, since_ms, cleared=cleared)
            self._append(fault, self._clock.read())

        self._inbox.put(take)

    def faults(self) -> tuple[tuple[str, str], ...]:
        """(part, kind) of all that is broken now."""
        return self._faults.known()

    def known_faults(self) -> tuple[Fault, ...]:
        """The same as records, with since when."""
        return self._faults.all()

    def check_alive(self, answer: Callable[[], None]) -> None:
        """Calls back from the core's own thread, with the lock taken."""
        self._inbox.put(answer)

    def _now(self, deed: Callable[[int], object]) -> None:
        """At once, not in turn: the press that follows must find it done."""
        with self._lock:
            deed(self._clock.mono_ms())
        self._inbox.put(void)

    # The core's thread --------------------------------------------------------------------

    def _run(self) -> None:
        give_up_at = None
        while not self._stopping or self._unfinished:
            if self._stopping:
                give_up_at = give_up_at or self._clock.mono_ms() + LAST_LINES_S * 1000
                if self._clock.mono_ms() > give_up_at:
                    return
            with self._lock:
                pause_s = self._pause_s()
            try:
                work = self._inbox.get(timeout=pause_s)
            except Empty:
                work = void
            self._look_up()
            try:
                with self._lock:
                    work()
                    self._tick(self._clock.mono_ms())
            except Exception:  # noqa: BLE001  (the buttons must not die of one mishap)
                _log.exception("something in the kiosk failed; it goes on")

    def _pause_s(self) -> float:
        is_waited = self._next_counter is not None or self._at_rest
        waiting = self._clock.mono_ms() + IN_USE_MS if is_waited else None
        times = (self._voting.next_ms(), self._front.next_ms(), self._try_at, waiting)
        due = min((t for t in times if t is not None), default=None)
        pause_s = 60.0 if due is None else max(0, due - self._clock.mono_ms()) / 1000
        looks = self._officials.may_close() or self._front.is_open("technician")
        if looks or self._clock.may_jump:
            pause_s = min(pause_s, LOOK_AT_CLOCK_S)
        return min(pause_s, 0.1) if self._stopping else pause_s

    def _tick(self, now: int) -> None:
        self._ballot.do(self._voting.tick(now))
        self._front.tick(now)
        self._officials.tick()
        self._notice_leaving(now)
        if self._try_at is not None and now >= self._try_at:
            self._try_at = now + TRY_AGAIN_MS
            self._unfinished += 1
            self._writer.try_out(partial(self._done, None))
        between = self._voting.is_between_citizens(now) and not self._front.is_in_use(now)
        if self._next_counter is not None and between:
            self._apply(self._next_counter)
        self._is_at_rest = between
        while between and self._at_rest:
            self._at_rest.pop(0)()
        self._show(now)

    def _notice_leaving(self, now: int) -> None:
        """What one citizen chose is not the next one's."""
        there = self._voting.scene(now) != "asking" or self._voting.is_choosing_again(now)
        if self._someone_was_there and not there:
            self._front.forget_leaving()
            self._senses.hush()
        self._someone_was_there = there

    def _show(self, now: int) -> None:
        self._technician = self._page()
        situation = self._look(now)
        if situation == self._situation:
            return
        self._situation = situation
        signed_in = situation.on_duty is not None
        if signed_in != self._was_signed_in:
            self._was_signed_in = signed_in
            self._senses.duty(signed_in)
        self._view = compose(situation)
        self._light(self._view)
        self._on_view(self._view)

    def _light(self, view: View) -> None:
        lights: Lights = "resting" if view.resting else "ready"
        if view.state in ("out_of_order", "needs_enrolment"):
            lights = "dark"
        if lights != self._lights:
            self._lights = lights
            self._senses.light(lights)

    def _stop(self) -> None:
        self._ballot.do(self._voting.end_all())
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
            self._out_of_order = "out_of_order"
            self._try_at = self._clock.mono_ms() + TRY_AGAIN_MS

    def _press(self, face: Face) -> bool:
        """Whether a vote or revision is on its way to the disk."""
        if self._health.state == "old-copy":
            self._ballot.refuse(OLD_COPY)
        elif self._full:
            self._ballot.refuse("The memory card is almost full; nothing is taken any more.")
        else:
            return self._ballot.press(face)
        return False

    # The screen ---------------------------------------------------------------------------

    def _apply(self, counter: Counter) -> None:
        self._counter, self._next_counter = counter, None
        self._ballot.set_counter(counter)
        self._officials.set_counter(counter)
        self._front.offer_locales(counter.locales)

    def _look_up(self) -> None:
        """The technician's facts, anew each second that the page is open; not under the lock, as
        files are read for it."""
        if not (self._front.is_open("technician") and self._front.unlocked):
            return
        try:
            self._found = self._facts(self._front.locale)
        except Exception:  # noqa: BLE001  (a page without facts is better than none)
            _log.exception("the technician's facts cannot be told")
            self._found = Technician()

    def _page(self) -> Technician | None:
        if not self._front.is_open("technician"):
            self._found = None
            return None
        if not self._front.unlocked:
            return Technician()
        if self._found is None:
            self._inbox.put(void)  # the page has just been unlocked: look at once
        return self._officials.dress(self._found or Technician())

    def _look(self, now: int) -> Situation:
        front, voting, officials = self._front, self._voting, self._officials
        broken = "screen" if self._screen_failed else "full" if self._full else self._out_of_order
        return Situation(
            counter=self._counter,
            scene=voting.scene(now),
            choosing_again=voting.is_choosing_again(now),
            can_undo=voting.can_undo(now),
            offered=voting.offered(now),
            chosen=voting.chosen(),
            locale=front.locale,
            resting=front.is_resting(now),
            invited=front.is_open("invitation"),
            counter_asked=front.is_open("choice"),
            counter_chosen=front.counter,
            disowned=front.disowned,
            code=self._ballot.code() if front.is_open("code") else "",
            on_duty=officials.on_duty,
            last_official=officials.last,
            signing_in=front.is_open("sign_in"),
            picked_official=front.picked_official,
            choosing_place=front.is_open("place"),
            place=officials.place,
            technician=self._technician,
            out_of_order=broken,
            health=self._health,
            faulty=bool(self._faults.known()),
            filling=self._filling,
            message=front.message,
        )


def void(_: object = None) -> None:
    """Nothing, for those who want a call without a result."""
