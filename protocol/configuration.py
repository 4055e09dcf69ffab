"""The configuration door: a counter's settings, their signature, and PIN verifiers."""

import hashlib
import hmac
import os
import re
from typing import Annotated, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta

from protocol.envelope import MAX_INT
from protocol.errors import ProtocolError
from protocol.keys import BadKey, b64, unb64
from protocol.names import check_kiosk_id, check_server_name
from protocol.note import BadNote, open_note, parse_vkey, sign_note, split_note
from protocol.rating import Rating, Scale
from protocol.strict_json import parse_object

SALT_BYTES: Final = 16
_NOTE = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n")
_VERIFIER = re.compile(r"scrypt\$([A-Za-z0-9+/]{22}==)\$([A-Za-z0-9+/]{43}=)")


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

    code: str
    ratings: tuple[Rating, ...]
    label: dict[str, str]


class ConfigOfficial(msgspec.Struct, frozen=True, kw_only=True):
    """Someone who may sign in here; `pin` is a PIN verifier, null if they have none yet."""

    code: str
    name: str
    title: str = ""
    pin: str | None = None


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
    reasons: tuple[ConfigReason, ...] = ()
    show_official: bool = False
    officials: tuple[ConfigOfficial, ...] = ()
    hours: tuple[object, ...] = ()
    undo_s: Annotated[int, Meta(ge=0, le=60)] = 10
    heartbeat_every_s: Annotated[int, Meta(ge=1, le=86_400)] = 60
    invite: bool = True

    def __post_init__(self) -> None:
        if self.v != 1:
            raise ValueError(f"Version {self.v} of configurations is not known here")
        missing = [locale for locale in self.locales if not self.question.get(locale)]
        if missing:
            raise ValueError(f"The question has no words for {', '.join(missing)}")


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


def pin_verifier(*, kiosk: str, official: str, pin: str, salt: bytes | None = None) -> str:
    """`scrypt$<base64 salt>$<base64 32 bytes>`; `salt` is 16 bytes and stays None outside tests."""
    salt = os.urandom(SALT_BYTES) if salt is None else salt
    if len(salt) != SALT_BYTES:
        raise BadConfig(f"The salt of a PIN verifier has {SALT_BYTES} bytes.")
    return f"scrypt${b64(salt)}${b64(_stretch(kiosk, official, pin, salt))}"


def check_pin(verifier: str, *, kiosk: str, official: str, pin: str) -> bool:
    """Whether the PIN fits, in constant time (about 40 ms); False for an unreadable verifier."""
    found = _VERIFIER.fullmatch(verifier)
    if found is None:
        return False
    try:
        salt, wanted = unb64(found[1]), unb64(found[2])
    except ValueError:
        return False
    return hmac.compare_digest(_stretch(kiosk, official, pin, salt), wanted)


def _stretch(kiosk: str, official: str, pin: str, salt: bytes) -> bytes:
    secret = f"{kiosk}\n{official}\n{pin}".encode()
    return hashlib.scrypt(secret, salt=salt, n=2**14, r=8, p=1, maxmem=1 << 26, dklen=32)
