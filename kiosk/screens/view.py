"""What the screen shows right now, as one frozen value handed in by the app; imports no Kivy."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

State = Literal[
    "asking",
    "choose_counter",
    "follow_up",
    "code",
    "thanks",
    "sign_in",
    "choose_place",
    "technician",
    "out_of_order",
    "needs_enrolment",
]


@dataclass(frozen=True)
class Reason:
    """One tag of the follow-up: its code names the picture, the label is in the view's language."""

    code: str
    label: str


@dataclass(frozen=True)
class Story:
    """You said, we did; both in the view's language."""

    said: str
    did: str


@dataclass(frozen=True)
class Technician:
    """The technician's page. It has no place for votes."""

    unlocked: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    """(key of the catalogue's "technician." words, value): network, waiting lines, disk …"""
    testing: bool = False
    """The self-test is on: buttons light up here and are no votes."""
    seen: tuple[int, ...] = ()
    """Buttons that the self-test has felt."""
    buttons: tuple[int, ...] = ()
    head_qr: str = ""
    """The newest signed head, as text for a QR."""
    checkpoint_qr: str = ""
    brightness: int | None = None
    """Percent; None where the display cannot be dimmed from here."""
    busy: bool = False


@dataclass(frozen=True)
class View:
    """Everything a screen may show; it has no place for the rating that was pressed."""

    state: State
    scale: str
    """One of protocol.rating.SCALES: which faces are offered."""
    locale: str
    locales: tuple[str, ...]
    """The languages on offer, in the order in which the language key goes through them."""
    question: str
    """In the view's language; empty means the catalogue's own question."""
    unit: str
    counter: str
    """In words, such as "Quầy số 1"."""
    official: str | None
    """Only where there is a legal basis for showing who serves; else None."""
    signed_in: bool
    officials: tuple[tuple[str, str], ...]
    """(code, name) of those who may sign in here."""
    offline: bool
    attention: bool
    can_undo: bool
    message: str = ""
    """Sign-in feedback, or why the kiosk is out of order, in plain words."""
    photo: str = ""
    """File of the picture of `official`; "" = none."""
    resting: bool = False
    """Nobody has been there for a while: stories and pictures beside the faces, which stay live."""
    invited: bool = False
    """The official has ended a transaction: now is the moment to ask."""
    disowned: bool = False
    """The citizen said that another official served them."""
    can_listen: bool = False
    counters: tuple[tuple[str, str], ...] = ()
    """(code, number) to choose from before the faces, where one kiosk serves several."""
    places: tuple[tuple[str, str], ...] = ()
    """(place, name) where a mobile kiosk may stand."""
    reasons: tuple[Reason, ...] = ()
    chosen: frozenset[str] = frozenset()
    """Codes of the reasons chosen so far."""
    code: str = ""
    """The vote code, "XXXX-XXXX-XXXX"; only in the state "code"."""
    code_qr: str = ""
    """The address to check it, for a QR; "" = none."""
    rate_qr: str = ""
    """Where one may rate by phone when out of order; "" = nowhere."""
    stories: tuple[Story, ...] = ()
    pictures: tuple[str, ...] = ()
    """Files of still pictures for the resting screen."""
    last_official: str = ""
    """Code of who was on duty last here and may go on with the PIN alone."""
    picked_official: str = ""
    """Code of whom a badge or QR has named: only the PIN is missing."""
    technician: Technician = field(default_factory=Technician)


BLANK = View(
    state="asking",
    scale="vn5",
    locale="",
    locales=(),
    question="",
    unit="",
    counter="",
    official=None,
    signed_in=False,
    officials=(),
    offline=False,
    attention=False,
    can_undo=False,
)
"""What a widget has before it is handed the real one."""


class WindowEvents(Protocol):
    """What the window reports. Every call comes from the window's own thread: return at once."""

    def face(self, rating: int, via: Literal["touch", "keyboard"]) -> None: ...
    def touched(self) -> None:
        """Any finger anywhere: somebody is there."""

    def undo(self) -> None: ...
    def reason(self, code: str, chosen: bool) -> None: ...
    def done(self) -> None:
        """The follow-up is answered; without any reason chosen it counts as skipped."""

    def skip(self) -> None: ...
    def dismiss(self) -> None:
        """The thanks was tapped away: the next citizen is there."""

    def show_code(self, wanted: bool) -> None: ...
    def counter(self, code: str | None) -> None:
        """Which counter served; None: not remembered."""

    def disown(self, wanted: bool) -> None: ...
    def listen(self) -> None: ...
    def locale(self, code: str) -> None: ...
    def open_sign_in(self) -> None: ...
    def close_sign_in(self) -> None: ...
    def sign_in(self, code: str, pin: str) -> None: ...
    def sign_out(self, pin: str) -> None:
        """Whoever is on duty leaves, with their PIN."""

    def place(self, place: str) -> None: ...
    def close_place(self) -> None: ...
    def open_technician(self) -> None: ...
    def close_technician(self) -> None: ...
    def unlock(self, pin: str) -> None: ...
    def self_test(self, wanted: bool) -> None: ...
    def light_lamps(self) -> None:
        """All lamps and the sound, once."""

    def brightness(self, percent: int) -> None: ...
    def ask_place(self) -> None: ...
    def enrol(self, server: str, code: str) -> None: ...
    def failed(self) -> None:
        """A screen failed and shows out of order; the journal is whole."""

    def invite(self) -> None:
        """The key i of a keyboard that stands in for the panel."""

    def closed(self) -> None: ...


class Nobody:
    """WindowEvents to whom nothing matters."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_: None
