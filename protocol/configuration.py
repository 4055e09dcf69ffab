"""The configuration door: a counter's settings, what makes them usable, and their signature."""

import hashlib
import re
from collections.abc import Sequence
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta

from protocol.envelope import MAX_INT
from protocol.errors import ProtocolError
from protocol.keys import BadKey, b64
from protocol.names import check_kiosk_id, check_server_name
from protocol.note import BadNote, open_note, parse_vkey, sign_note, split_note
from protocol.rating import OFFERED, POSITIVE_REASONS, REASONS, SCALES, Rating, Scale
from protocol.strict_json import parse_object

MAX_REASONS: Final = 6
ALWAYS_OFFERED: Final = frozenset({"R6", "R9"})
NEUTRAL: Final = 3
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
ClockTime = Annotated[str, Meta(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
WebAddress = Annotated[str, Meta(pattern="^$|^https?://[!-~]{1,200}$")]
_NOTE = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n")


class BadConfig(ProtocolError):
    """A configuration that a kiosk cannot work with."""


class ConfigKiosk(msgspec.Struct, frozen=True, kw_only=True):
    """Which kiosk this is for, and how people call it."""

    id: str
    name: str


class ConfigUnit(msgspec.Struct, frozen=True, kw_only=True):
    """The home unit."""

    code: str
    name: str


class ConfigCounter(msgspec.Struct, frozen=True, kw_only=True):
    """Where the kiosk stands."""

    code: str
    number: int | str
    name: str


class ConfigReason(msgspec.Struct, frozen=True, kw_only=True):
    """A tag offered after these ratings, its words by locale."""

    code: Annotated[str, Meta(pattern="^[RP][0-9]{1,2}$")]
    ratings: tuple[Rating, ...]
    label: dict[str, str] = {}
    """May be empty for a code of protocol.rating: every kiosk has words for those."""


class ConfigOfficial(msgspec.Struct, frozen=True, kw_only=True):
    """Someone who may sign in here. `pin` and `badge` are verifiers, null if there is none;
    `photo` is the SHA-256 of a picture (media door)."""

    code: str
    name: str
    title: str = ""
    pin: str | None = None
    badge: str | None = None
    photo: Sha256 | None = None


class ConfigPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place where a mobile kiosk may stand today."""

    place: str
    name: str


class ConfigHours(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of opening hours on these days (1 = Monday), local time, half-open; a lunch
    break is two stretches."""

    days: tuple[Annotated[int, Meta(ge=1, le=7)], ...]
    start: ClockTime
    end: ClockTime

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"Opening hours from {self.start} to {self.end} are none")


class ConfigVolume(msgspec.Struct, frozen=True, kw_only=True):
    """How loud the kiosk speaks from `start` to `end`, local time; percent of the loudest."""

    start: ClockTime
    end: ClockTime
    percent: Annotated[int, Meta(ge=0, le=100)]


class ConfigVoice(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the kiosk speaks: the question when it invites, and what is shown on *listen*."""

    invite: bool = True
    listen: bool = True
    percent: Annotated[int, Meta(ge=0, le=100)] = 70
    volume: tuple[ConfigVolume, ...] = ()


class ConfigStory(msgspec.Struct, frozen=True, kw_only=True):
    """You said, we did: two short sentences by locale, shown while nobody is there."""

    said: dict[str, str]
    did: dict[str, str]


class ConfigOnDuty(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the server puts on duty at a unit without a screen; `at_ms` makes each order one."""

    official: str | None
    at_ms: Annotated[int, Meta(ge=0, le=MAX_INT)]


class ConfigOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A deed asked of the kiosk, done once: its ids only grow. A word that the kiosk does not know
    is answered as unknown; one older than a day has expired."""

    id: Annotated[int, Meta(ge=1, le=MAX_INT)]
    what: Annotated[str, Meta(pattern="^[a-z]{1,16}$")]
    """diagnostics, restart or selftest."""
    at_ms: Annotated[int, Meta(ge=0, le=MAX_INT)]


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The body of the configuration door; unknown keys are ignored here and kept in the file."""

    v: int
    kiosk: ConfigKiosk
    unit: ConfigUnit
    counter: ConfigCounter
    timezone: str
    scale: Scale
    locales: Annotated[tuple[str, ...], Meta(min_length=1)]
    question: dict[str, str]
    counters: tuple[ConfigCounter, ...] = ()
    """Several counters in reach of one kiosk: it asks which one first."""
    places: tuple[ConfigPlace, ...] = ()
    """Where a mobile kiosk may stand; it asks each morning."""
    reasons: tuple[ConfigReason, ...] = ()
    show_official: bool = False
    legal_basis: str = ""
    """What allows showing an official's name and photo; without one they are not shown."""
    officials: tuple[ConfigOfficial, ...] = ()
    on_duty: ConfigOnDuty | None = None
    orders: Annotated[tuple[ConfigOrder, ...], Meta(max_length=8)] = ()
    """The newest orders by id, done or not."""
    hours: tuple[ConfigHours, ...] = ()
    undo_s: Annotated[int, Meta(ge=0, le=60)] = 10
    follow_up_s: Annotated[int, Meta(ge=5, le=120)] = 12
    heartbeat_every_s: Annotated[int, Meta(ge=1, le=86_400)] = 60
    invite: bool = True
    voice: ConfigVoice = ConfigVoice()
    stories: Annotated[tuple[ConfigStory, ...], Meta(max_length=12)] = ()
    pictures: Annotated[tuple[Sha256, ...], Meta(max_length=12)] = ()
    rate_url: WebAddress = ""
    """Where one may rate by phone; shown as QR when the kiosk is out of order. "" = nowhere."""
    code_url: WebAddress = ""
    """Where a vote code is checked; the code follows it in the QR. "" = no QR."""
    admin_pin: str | None = None
    """Verifier of the technician's PIN (protocol.verifiers.ADMIN)."""

    def __post_init__(self) -> None:
        if self.v != 1:
            raise ValueError(f"Version {self.v} of configurations is not known here")
        missing = [locale for locale in self.locales if not self.question.get(locale)]
        if missing:
            raise ValueError(f"The question has no words for {', '.join(missing)}")
        if self.show_official and not self.legal_basis.strip():
            raise ValueError("Showing the official needs its legal_basis")
        check_reasons(self.reasons, self.scale, self.locales)
        check_timezone(self.timezone)


def check_reasons(reasons: Sequence[ConfigReason], scale: Scale, locales: Sequence[str]) -> None:
    """ValueError unless the reasons are fair: as many after every rating (an onlooker could count
    them), at most six, R6 and R9 after each bad one, as many R as P after the neutral one."""
    if not reasons:
        return
    codes = [reason.code for reason in reasons]
    if len(set(codes)) < len(codes):
        raise ValueError("A reason stands twice among the reasons")
    for reason in reasons:
        known = REASONS.get(reason.code) or POSITIVE_REASONS.get(reason.code)
        if not known and any(not reason.label.get(locale) for locale in locales):
            raise ValueError(f"Reason {reason.code} has no words in some language")
    offered = {r: [c.code for c in reasons if r in c.ratings] for r in SCALES[scale]}
    if len({len(codes) for codes in offered.values()}) > 1:
        raise ValueError("Every rating has to offer as many reasons as the others")
    for rating, codes in offered.items():
        if len(codes) > MAX_REASONS:
            raise ValueError(f"Rating {rating} offers more than {MAX_REASONS} reasons")
        if rating < NEUTRAL and not set(codes) >= ALWAYS_OFFERED:
            raise ValueError(f"Rating {rating} has to offer reasons R6 and R9")
        bad = sum(code.startswith("R") for code in codes)
        if rating == NEUTRAL and 2 * bad != len(codes):
            raise ValueError("The neutral rating has to offer as many R as P reasons")


def check_timezone(name: str) -> None:
    """ValueError unless this is a time zone's name such as Asia/Ho_Chi_Minh."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"{name!r} is no time zone") from error


def read_config(body: bytes) -> Config:
    """The configuration that a body holds; BadConfig with a sentence if it cannot be used."""
    try:
        return msgspec.convert(parse_object(body), Config)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadConfig(f"The configuration cannot be used: {error}") from None


def encode_config(config: Config) -> bytes:
    """The body's bytes; kept as they are from here on, as their hash is signed."""
    return msgspec.json.encode(config)


def sign_config(
    *, server: str, kiosk: str, version: int, body: bytes, key: Ed25519PrivateKey
) -> bytes:
    """The note over a body (Hailong-Config is its base64), signed as `<server>/config`."""
    if not 0 <= version <= MAX_INT:
        raise BadNote("The version of a configuration is a whole number from 0 to 2^53-1.")
    name = f"{check_server_name(server)}/config"
    text = f"{name}/{check_kiosk_id(kiosk)}\n{version}\n{b64(hashlib.sha256(body).digest())}\n"
    return sign_note(text, [(name, key)])


def open_config(note: bytes, body: bytes, *, server: str, kiosk: str, config_key: str) -> int:
    """The version of a body that the server signed for this kiosk; BadNote if it did not.

    That a lower version, or an equal one with another body, is refused is the holder's part.
    """
    try:
        name, public_key = parse_vkey(config_key)
    except BadKey as error:
        raise BadNote(f"The configuration key held is of no use: {error}") from None
    if name != f"{server}/config":
        raise BadNote(f"The configuration key held is {name}, not {server}/config.")
    found = _NOTE.fullmatch(split_note(note)[0])
    if found is None or int(found[2]) > MAX_INT:
        raise BadNote("A configuration note has three lines: for whom, version, base64 of a hash.")
    if found[1] != f"{name}/{kiosk}":
        raise BadNote(f"The configuration is for {found[1]}, not for {name}/{kiosk}.")
    open_note(note, name=name, public_key=public_key)
    if found[3] != b64(hashlib.sha256(body).digest()):
        raise BadNote("The configuration's bytes are not the ones that were signed.")
    return int(found[2])


def default_reasons() -> tuple[ConfigReason, ...]:
    """The reasons asked for where nobody has chosen others."""
    codes = dict.fromkeys(code for offered in OFFERED.values() for code in offered)
    words = REASONS | POSITIVE_REASONS
    return tuple(
        ConfigReason(
            code=code,
            ratings=tuple(r for r, offered in OFFERED.items() if code in offered),  # type: ignore[misc]
            label=words[code],
        )
        for code in codes
    )
