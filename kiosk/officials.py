"""The officials' side of the core: who is on duty, how it ends, where a mobile kiosk stands."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Literal

from kiosk.ballot import Event
from kiosk.clock import Clock, Reading
from kiosk.duty import Append, DutyDesk, StartedBy, find_official, is_right_pin
from kiosk.front import Front
from kiosk.hours import closing_after
from kiosk.journal_file import Journal
from kiosk.journal_store import Appended
from kiosk.screens.view import Technician
from kiosk.showing import Counter
from kiosk.sign_in import PinDesk, Refusal
from protocol.configuration import ConfigOfficial
from protocol.records import Place, understand
from protocol.verifiers import ADMIN, badge_verifier, check_pin

Settled = Future[str]
SWIPE_MS = 3_000  # the same badge twice within this is one swipe
_log = logging.getLogger(__name__)


class Officials:
    """Belongs to the core, and runs on its thread."""

    def __init__(
        self,
        counter: Counter,
        *,
        front: Front,
        clock: Clock,
        append: Append,
        later: Callable[[Callable[[], None]], None],
        on_event: Callable[[Event], None],
        has_screen: bool,
    ) -> None:
        self._counter, self._front, self._clock, self._append = counter, front, clock, append
        self._on_event, self._has_screen = on_event, has_screen
        self._desk = DutyDesk(append)
        self._pins = PinDesk(clock=clock, later=later)
        self._obeyed_ms = -1  # no order of the server from before this counts any more
        self._placed: tuple[str, date] | None = None
        self._badge_ms: dict[str, int] = {}  # verifier: when it was read last

    def begin(self, journal: Journal, at: Reading) -> None:
        """What the run before left: a duty to end, the place of today."""
        self._obeyed_ms = self._desk.end_left_open(journal, at)
        line = journal.newest_place() if self._counter.config.places else None
        record = understand(line.type, line.data) if line else None
        if isinstance(record, Place) and line:
            day = datetime.fromtimestamp(line.wall_ms / 1000, self._counter.zone).date()
            self._placed = (record.place, day)

    def close(self) -> None:
        """Ends the checks under way."""
        self._pins.close()

    def set_counter(self, counter: Counter) -> None:
        """A new configuration, with the server's orders in it."""
        self._counter = counter
        duty = self._desk.current
        if duty is not None:
            official = find_official(counter.config.officials, duty.official.code)
            if official is None:
                self._desk.end("closing", self._clock.read())
            else:
                self._desk.current = replace(duty, official=official)
        self.obey_server()

    # Who is on duty -----------------------------------------------------------------------

    @property
    def on_duty(self) -> ConfigOfficial | None:
        """Who is, if anybody."""
        return self._desk.current.official if self._desk.current else None

    @property
    def last(self) -> str:
        """Who may go on with the PIN alone, if nobody is on duty."""
        return "" if self._desk.current else self._desk.last

    @property
    def place(self) -> str:
        """Where this mobile kiosk stands today; "" if nobody has said so today."""
        if self._placed is None:
            return ""
        place, day = self._placed
        return place if day == self._clock.local(self._counter.zone).date() else ""

    def duty_seq(self) -> Appended | None:
        """The line that began the duty under way."""
        return self._desk.current.started if self._desk.current else None

    def may_close(self) -> bool:
        """Whether the end of opening hours would end a duty."""
        return self._desk.current is not None and bool(self._counter.config.hours)

    def tick(self) -> None:
        """Each end of opening hours ends a duty; lack of presses never does."""
        duty = self._desk.current
        if duty is None or not self.may_close():
            return
        now = self._clock.local(self._counter.zone)
        began = now - timedelta(milliseconds=self._clock.mono_ms() - duty.at.mono_ms)
        closing = closing_after(self._counter.config.hours, began)
        if closing is not None and now >= closing:
            self._desk.end("closing", self._clock.read())
            self._on_event({"event": "duty", "official": None, "by": "closing"})

    def obey_server(self) -> None:
        """A unit without a screen has nobody type a PIN: the configuration may say who serves."""
        order = self._counter.config.on_duty
        if order is None or order.at_ms <= self._obeyed_ms:
            return
        self._obeyed_ms = order.at_ms
        if order.official is None:
            self._desk.end("official", self._clock.read())
            return
        official = find_official(self._counter.config.officials, order.official)
        now = self._clock.local(self._counter.zone)
        ordered = datetime.fromtimestamp(order.at_ms / 1000, self._counter.zone)
        closing = closing_after(self._counter.config.hours, ordered)
        if official is None or (closing is not None and now >= closing):
            _log.warning("the server's order to put %s on duty has lapsed", order.official)
            return
        self._start(official, "remote", Future())

    # Signing in and out -------------------------------------------------------------------

    def sign_in(self, code: str, pin: str, settled: Settled) -> None:
        """With a PIN; after a badge has named the official, the duty says so."""
        official = find_official(self._counter.config.officials, code)
        if not self._counter.configured:
            self._refuse(settled, Refusal("no_list"))
            return
        by: StartedBy = self._front.picked_by if self._front.picked_official == code else "pin"
        self._pins.check(
            code,
            lambda: is_right_pin(official, kiosk=self._counter.config.kiosk.id, pin=pin),
            lambda: self._start(official, by, settled) if official else None,
            partial(self._refuse, settled),
            known=official is not None,
        )

    def sign_out(self, pin: str | None, settled: Settled) -> None:
        """With the PIN of who is on duty; `pin` is None where a script does it."""
        official = self.on_duty
        if official is None:
            self._refuse(settled, Refusal("nobody"))
            return
        end = partial(self._end, settled)
        if pin is None:
            end()
            return
        self._pins.check(
            official.code,
            lambda: is_right_pin(official, kiosk=self._counter.config.kiosk.id, pin=pin),
            end,
            partial(self._refuse, settled),
        )

    def badge(self, text: str, by: Literal["badge", "qr"]) -> None:
        """At a screen a badge only names its official, as badges can be copied: the PIN is asked
        for as well. Without a screen, or for who has no PIN, the badge has to do."""
        kiosk, officials = self._counter.config.kiosk.id, self._counter.config.officials

        def named(verifier: str) -> None:
            now = self._clock.mono_ms()
            read_ms = self._badge_ms.get(verifier, -SWIPE_MS)
            self._badge_ms = {verifier: now}
            if now - read_ms < SWIPE_MS:
                return
            official = next((o for o in officials if o.badge == verifier), None)
            if official is None:
                self._front.say(Refusal("badge").words(self._front.locale))
                self._on_event({"event": "refused", "why": Refusal("badge").words("en")})
            elif self._has_screen and official.pin:
                self._front.sign_in_as(official.code, by, now)
            elif self.on_duty is not None and self.on_duty.code == official.code:
                self._end(Future())
            else:
                self._start(official, by, Future())

        self._pins.work(lambda: badge_verifier(kiosk=kiosk, badge=text), named, failed="")

    def unlock(self, pin: str, settled: Settled) -> None:
        """The technician's page; a kiosk that has never had a configuration has no PIN to ask."""
        verifier, kiosk = self._counter.config.admin_pin, self._counter.config.kiosk.id
        if verifier is None:
            self._refuse(settled, Refusal("no_admin"))
            return

        def open_page() -> None:
            if self._front.is_open("technician"):
                self._front.unlocked, self._front.message = True, ""
                self._front.touched(self._clock.mono_ms())
            settled.set_result("")

        self._pins.check(
            ADMIN,
            lambda: check_pin(verifier, kiosk=kiosk, official=ADMIN, pin=pin),
            open_page,
            partial(self._refuse, settled),
        )

    def choose_place(self, place: str) -> None:
        """A place of the configuration; written down, and kept without any network."""
        named = [p for p in self._counter.config.places if p.place == place]
        if named and self._front.is_open("place"):
            self._append(Place(place=place, name=named[0].name), self._clock.read())
            self._placed = (place, self._clock.local(self._counter.zone).date())
            self._front.close("place")

    def dress(self, page: Technician) -> Technician:
        """The facts with what the self-test has felt."""
        return replace(
            page, unlocked=True, testing=self._front.is_open("test"), seen=self._front.seen
        )

    def _start(self, official: ConfigOfficial, by: StartedBy, settled: Settled) -> None:
        self._outdate_orders()
        then = partial(self._settled, "sign_in", official.code, settled)
        self._desk.start(official, self._clock.read(), then, by)

    def _outdate_orders(self) -> None:
        """Whoever signs in or out here knows better than an order from before."""
        now = self._clock.local(self._counter.zone)
        self._obeyed_ms = max(self._obeyed_ms, round(now.timestamp() * 1000))

    def _end(self, settled: Settled) -> None:
        self._outdate_orders()
        then = partial(self._settled, "sign_out", None, settled)
        if not self._desk.end("official", self._clock.read(), then):
            self._refuse(settled, Refusal("nobody"))

    def _settled(self, what: str, code: str | None, settled: Settled, line: Appended) -> None:
        """A sign-in or sign-out is on the disk, or could not be kept."""
        if line.exception():
            self._refuse(settled, Refusal("failed"))
            return
        number = {"seq": line.seq} if what == "sign_in" else {}
        self._on_event({"event": "duty", **number, "official": code})
        self._front.close("sign_in")
        if what == "sign_in" and self._counter.config.places and not self._knows_place():
            self._front.open("place", self._clock.mono_ms())
        settled.set_result("")

    def _knows_place(self) -> bool:
        return any(p.place == self.place for p in self._counter.config.places)

    def _refuse(self, settled: Settled, refusal: Refusal) -> None:
        sentence = refusal.words(self._front.locale)
        self._front.say(sentence)
        self._on_event({"event": "refused", "why": refusal.words("en")})
        settled.set_result(sentence)
