"""What is open before the kiosk besides the vote, and when each of it closes by itself.

Pure: time is handed in as milliseconds since boot.
"""

from typing import Literal

Thing = Literal["locale", "choice", "invitation", "code", "sign_in", "place", "technician", "test"]

LASTS_MS: dict[Thing, int] = {
    "locale": 30_000,  # a language chosen by one citizen is not the next one's
    "choice": 30_000,  # nor is the counter, or that another official served
    "invitation": 120_000,
    "code": 45_000,  # time to find a pen, or the phone
    "sign_in": 60_000,
    "place": 60_000,
    "technician": 30_000,  # the PIN pad hides the faces: it goes soon
    "test": 60_000,
}
STAYS: tuple[Thing, ...] = ("locale", "choice", "code", "technician", "test")
"""What any touch keeps open for as long again."""
UNLOCKED_MS = 180_000  # the technician's page, once the PIN was right
RESTS_AFTER_MS = 60_000
IN_USE_MS = 5_000


class Front:
    """Who stands there, as far as the kiosk can tell: a language, a counter, an open page."""

    def __init__(self, locales: tuple[str, ...]) -> None:
        self._until: dict[Thing, int] = {}
        self._locales = locales
        self._latest_touch_ms: int | None = None
        self.locale = locales[0]
        self.message = ""
        self.counter: str | None = None  # chosen among several; None also if not remembered
        self.disowned = False
        self.dossier: str | None = None
        self.picked_official = ""  # named by a badge or QR: only the PIN is missing
        self.picked_by: Literal["badge", "qr"] = "badge"
        self.unlocked = False  # the technician's page
        self.seen: tuple[int, ...] = ()  # buttons that the self-test has felt

    def is_open(self, thing: Thing) -> bool:
        """Whether it is there now."""
        return thing in self._until

    def is_resting(self, now: int) -> bool:
        """Nobody has been there for a while."""
        return self._latest_touch_ms is None or now - self._latest_touch_ms >= RESTS_AFTER_MS

    def touched(self, now: int) -> None:
        """Somebody is there: what they opened stays open."""
        self._latest_touch_ms = now
        for thing in STAYS:
            if thing in self._until and (thing != "technician" or self.unlocked):
                self._open(thing, now)

    def open(self, thing: Thing, now: int) -> None:
        """Opens it without anything left over from before."""
        self.close(thing)
        self._open(thing, now)

    def close(self, thing: Thing) -> None:
        """Closes it; what was entered there is forgotten."""
        self._until.pop(thing, None)
        match thing:
            case "locale":
                self.locale = self._locales[0]
            case "choice":
                self.counter, self.disowned = None, False
            case "invitation":
                self.dossier = None
            case "sign_in":
                self.message, self.picked_official = "", ""
            case "technician":
                self.message, self.unlocked = "", False
                self.close("test")
            case "test":
                self.seen = ()

    def choose_locale(self, code: str, now: int) -> None:
        """One citizen's language; a code that is not on offer changes nothing."""
        if code in self._locales:
            self.locale = code
            self._open("locale", now)

    def offer_locales(self, locales: tuple[str, ...]) -> None:
        """The languages on offer from now on."""
        self._locales = locales
        if self.locale not in locales or not self.is_open("locale"):
            self.locale = locales[0]

    def choose_counter(self, code: str | None, now: int) -> None:
        """The counter that served; None if it is not remembered."""
        self._open("choice", now)
        self.counter = code

    def disown(self, wanted: bool, now: int) -> None:
        """Whether another official served than the one who is shown."""
        self._open("choice", now)
        self.disowned = wanted

    def invite(self, dossier: str | None, now: int) -> None:
        """A transaction has ended: the next vote is an invited one."""
        self.open("invitation", now)
        self.close("sign_in")  # the faces are for the citizen now
        self.close("place")
        self.dossier = dossier
        self._latest_touch_ms = now

    def sign_in_as(self, official: str, by: Literal["badge", "qr"], now: int) -> None:
        """The PIN pad for an official whom a badge or QR has named."""
        self.open("sign_in", now)
        self.picked_official, self.picked_by = official, by

    def forget_citizen(self) -> None:
        """A vote was cast with what this citizen chose: the next one chooses anew."""
        self.close("choice")
        self.close("invitation")

    def forget_leaving(self) -> None:
        """A citizen has gone: what they read and in which language is not the next one's."""
        self.close("locale")
        self.close("code")

    def is_in_use(self, now: int) -> bool:
        """Somebody is just about to answer: what is shown had better stay as it is."""
        lately = self._latest_touch_ms is not None and now - self._latest_touch_ms < IN_USE_MS
        return lately or self.is_open("locale") or self.is_open("choice")

    def say(self, sentence: str) -> None:
        """A message on the sign-in screen or the technician's page; elsewhere it has no place."""
        there = self.is_open("sign_in") or self.is_open("technician")
        self.message = sentence if there else ""

    def next_ms(self) -> int | None:
        """When `tick` has something to do."""
        times = list(self._until.values())
        if self._latest_touch_ms is not None:
            times.append(self._latest_touch_ms + RESTS_AFTER_MS)
        return min(times, default=None)

    def tick(self, now: int) -> None:
        """Closes what has been open for too long."""
        for thing in [thing for thing, until in self._until.items() if now >= until]:
            self.close(thing)
        if self.is_resting(now):
            self._latest_touch_ms = None

    def _open(self, thing: Thing, now: int) -> None:
        lasts = UNLOCKED_MS if thing == "technician" and self.unlocked else LASTS_MS[thing]
        self._until[thing] = now + lasts
