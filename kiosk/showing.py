"""From what the kiosk knows to what a screen shows: one counter, one frozen view."""

from dataclasses import dataclass
from typing import NamedTuple

from kiosk.config import HeldConfig
from kiosk.locale import load_catalogues
from kiosk.screens.view import State, View
from kiosk.sync import Health
from kiosk.voting import Scene
from protocol.configuration import ConfigOfficial
from protocol.rating import Scale

DEFAULT_UNDO_S = 10.0
DEFAULT_HEARTBEAT_S = 60
SIGN_IN_OPEN_MS = 60_000
LOCALE_MS = 30_000  # a language chosen by one citizen is not the next one's

_WORDS = {
    "wrong": ("Mã cán bộ hoặc mã PIN không đúng.", "The code or the PIN is wrong."),
    "no_list": (
        "Máy này chưa có danh sách cán bộ; cần kết nối mạng một lần.",
        "This kiosk has no list of officials yet; it needs the network once.",
    ),
    "wait": ("Vui lòng chờ {s} giây rồi thử lại.", "Wait {s} seconds, then try again."),
    "nobody": ("Chưa có ai đăng nhập.", "Nobody is signed in."),
    "failed": ("Chưa ghi được, xin thử lại.", "That could not be kept; try again."),
    "out_of_order": ("Không ghi được vào thẻ nhớ.", "The memory card cannot be written."),
}


@dataclass(frozen=True, slots=True)
class Counter:
    """What the kiosk asks and who may sign in, from its configuration or, before it has had one,
    from enrolment and the built-in words."""

    kiosk: str
    name: str
    unit: str
    scale: Scale
    locales: tuple[str, ...]
    question: dict[str, str]
    officials: tuple[ConfigOfficial, ...]
    show_official: bool
    undo_s: float
    heartbeat_every_s: float
    configured: bool


def read_counter(
    held: HeldConfig | None, *, kiosk: str, name: str, undo_s: float | None, scripted: bool
) -> Counter:
    """The counter as configured; `undo_s` of kiosk.toml overrides. Without undo time every press
    is a vote, which only scripts may ask for, never a configuration."""
    known = tuple(load_catalogues())
    if held is None:
        undo_s = DEFAULT_UNDO_S if undo_s is None else undo_s
        return Counter(
            kiosk, name, "", "vn5", known, {}, (), False, undo_s, DEFAULT_HEARTBEAT_S, False
        )
    config = held.config
    locales = tuple(code for code in config.locales if code in known) or known
    if undo_s is None:
        undo_s = config.undo_s if config.undo_s or scripted else DEFAULT_UNDO_S
    return Counter(
        kiosk, config.counter.name, config.unit.name, config.scale, locales, config.question,
        config.officials, config.show_official, undo_s, config.heartbeat_every_s, True,
    )  # fmt: skip


class Situation(NamedTuple):
    """All that a view depends on; cheap to compare, as it is after every press."""

    counter: Counter
    scene: Scene
    can_undo: bool
    locale: str
    on_duty: ConfigOfficial | None
    signing_in: bool
    out_of_order: str
    health: Health
    message: str


class Front:
    """What is open before the kiosk besides the vote: a language chosen, the sign-in screen. Both
    close by themselves. Time is handed in as milliseconds since boot."""

    def __init__(self, locales: tuple[str, ...]) -> None:
        self._locales = locales
        self._locale_until: int | None = None
        self._sign_in_until: int | None = None
        self.locale = locales[0]
        self.message = ""

    @property
    def signing_in(self) -> bool:
        """Whether the sign-in screen is open."""
        return self._sign_in_until is not None

    def choose_locale(self, code: str, now: int) -> None:
        """One citizen's language; a code that is not on offer changes nothing."""
        if code in self._locales:
            self.locale, self._locale_until = code, now + LOCALE_MS

    def offer_locales(self, locales: tuple[str, ...]) -> None:
        """The languages on offer from now on."""
        self._locales = locales
        if self.locale not in locales:
            self.locale = locales[0]

    def open_sign_in(self, now: int) -> None:
        """The official's screen, without an old message."""
        self._sign_in_until, self.message = now + SIGN_IN_OPEN_MS, ""

    def close_sign_in(self) -> None:
        """Back to the citizens."""
        self._sign_in_until, self.message = None, ""

    def say(self, sentence: str) -> None:
        """A message on the sign-in screen; nowhere else has it a place."""
        self.message = sentence if self.signing_in else ""

    def next_ms(self) -> int | None:
        """When `tick` has something to close."""
        times = [t for t in (self._locale_until, self._sign_in_until) if t is not None]
        return min(times, default=None)

    def tick(self, now: int) -> None:
        """Closes what has been open for too long."""
        if self._sign_in_until is not None and now >= self._sign_in_until:
            self.close_sign_in()
        if self._locale_until is not None and now >= self._locale_until:
            self.locale, self._locale_until = self._locales[0], None


def compose(situation: Situation) -> View:
    """The view; of several states the one that matters most to who stands before the kiosk."""
    counter, scene, can_undo, locale, on_duty, signing_in, out_of_order, health, message = situation
    state: State = scene
    if health.state == "old-copy":
        state = "needs_enrolment"
    elif out_of_order:
        state, message = "out_of_order", out_of_order
    elif scene == "asking" and signing_in:
        state = "sign_in"
    return View(
        state=state,
        scale=counter.scale,
        locale=locale,
        locales=counter.locales,
        question=counter.question.get(locale, ""),
        unit=counter.unit,
        counter=counter.name,
        official=on_duty.name if on_duty and counter.show_official else None,
        signed_in=on_duty is not None,
        officials=tuple((o.code, o.name) for o in counter.officials if o.pin),
        offline=health.offline,
        attention=health.state != "open" or bool(health.defect),
        can_undo=can_undo,
        message=message,
    )


def in_words(what: str, locale: str, **values: object) -> str:
    """A short message of the kiosk to its officials; Vietnamese unless the locale is English."""
    return _WORDS[what][locale == "en"].format(**values)
