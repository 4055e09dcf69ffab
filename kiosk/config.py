"""What this kiosk was told: kiosk.toml by a person, config.json by the server; and its key."""

import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol, get_args
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.errors import KioskError
from kiosk.journal_file import Journal, JournalRow, fsync_folder
from kiosk.way import Way
from protocol.configuration import BadConfig, Config, open_config, read_config
from protocol.keys import BadKey, public_bytes
from protocol.note import BadNote, open_note, parse_vkey

SETTINGS_FILE = "kiosk.toml"
CONFIG_FILE = "config.json"
KEY_FILE = "key"
_PLAIN_URL = re.compile(r"[!#-\[\]-~]+")  # printable ASCII that needs no escape in TOML
_HOST_PORT = re.compile(r"(.+):([0-9]{1,5})")
PanelHere = Literal["gpio", "keypad", "touch"]
PANELS: tuple[PanelHere, ...] = get_args(PanelHere)
MAX_UNDO_S = 60.0  # protocol.md 3: a later revision would not count


@dataclass(frozen=True, slots=True)
class Settings:
    """kiosk.toml: what belongs to this device and not to its counter."""

    server: str
    undo_s: float | None = None  # overrides the counter's configuration; 0 is for scripts
    rtc: bool = False  # a battery clock is fitted and set
    wiring: str | None = None  # a ready-made wiring's name or a file beside kiosk.toml
    ca: str | None = None  # a private certificate authority for the server, as a PEM file
    proxy: str | None = None  # http://host:port through which the server is reached
    panel: PanelHere = "gpio"  # what citizens press; touch: no button at all
    keypad: str | None = None  # a USB keypad's device; without one the first that looks like it
    fullscreen: bool = True
    badge: str | None = None  # a badge reader's device, e.g. /dev/input/by-id/usb-…-event-kbd
    scanner: str | None = None  # the same of a QR scanner
    invite_listen: str | None = None  # HOST:PORT of one LAN address that takes invitations
    reserve_mb: int = 64  # with less room on the card nothing is asked: no vote meets a full card

    @property
    def way(self) -> Way:
        """How the server is reached."""
        return Way(ca=self.ca, proxy=self.proxy)

    @property
    def reserve_bytes(self) -> int:
        """What must stay free on the card."""
        return self.reserve_mb << 20


_TYPES: dict[str, type | tuple[type, ...]] = {
    "server": str, "undo_s": (int, float), "rtc": bool, "wiring": str, "ca": str, "proxy": str,
    "panel": str, "keypad": str,
    "fullscreen": bool, "badge": str, "scanner": str, "invite_listen": str, "reserve_mb": int,
}  # fmt: skip


def load_settings(folder: Path) -> Settings:
    """kiosk.toml of `folder`; KioskError for what is missing, unreadable, unknown or odd."""
    path = folder / SETTINGS_FILE
    table = _read_table(path)
    if table is None:
        raise KioskError(f"{path} is missing; enrol this kiosk, which writes it.")
    return replace(read_settings(table, path), ca=_ca_in(table, folder))


def configured_way(folder: Path) -> Way:
    """How kiosk.toml says that the server is reached, before there is a server in it."""
    table = _read_table(folder / SETTINGS_FILE) or {}
    proxy = table.get("proxy")
    return Way(ca=_ca_in(table, folder), proxy=proxy if isinstance(proxy, str) else None)


def _read_table(path: Path) -> dict[str, object] | None:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KioskError(f"{path} cannot be read ({error}); correct it.") from None


def _ca_in(table: dict[str, object], folder: Path) -> str | None:
    """A file beside kiosk.toml, or an absolute path; KioskError if it cannot be read."""
    ca = table.get("ca")
    if not isinstance(ca, str):
        return None
    path = folder / ca
    if not os.access(path, os.R_OK):
        raise KioskError(f"The certificate authority {path} cannot be read; correct ca.")
    return str(path)


def read_settings(table: dict[str, object], path: Path) -> Settings:
    """The settings in a table; `path` stands in the sentence of a KioskError."""
    for key, value in table.items():
        if key not in _TYPES:
            known = ", ".join(_TYPES)
            raise KioskError(f"{path} has the unknown key {key!r}; known are {known}.")
        wanted = _TYPES[key]
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise KioskError(f"{key} in {path} is {value!r}, which is not of the right kind.")
    if "server" not in table:
        raise KioskError(f"{path} names no server; enrol this kiosk, or add server = URL.")
    settings = Settings(**table)  # type: ignore[arg-type]  # checked just above
    check_url(settings.server, where=str(path))
    if settings.invite_listen is not None and not _HOST_PORT.fullmatch(settings.invite_listen):
        raise KioskError(
            f"invite_listen in {path} is {settings.invite_listen!r}, not an address such as"
            " 192.168.1.20:8787."
        )
    if settings.proxy is not None:
        check_url(settings.proxy, where=str(path))
    if settings.panel not in PANELS:
        raise KioskError(f"panel in {path} is {settings.panel!r}, not one of {', '.join(PANELS)}.")
    if settings.undo_s is not None and not 0 <= settings.undo_s <= MAX_UNDO_S:
        raise KioskError(f"undo_s in {path} is {settings.undo_s}, not from 0 to {MAX_UNDO_S:.0f}.")
    return settings


def check_url(url: str, *, where: str) -> str:
    """The server's address without a final slash; KioskError if it is no http(s) address."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or not _PLAIN_URL.fullmatch(url):
        raise KioskError(
            f"The server {url!r} in {where} is no address such as https://hailong.example."
        )
    return url.rstrip("/")


def write_setting(folder: Path, key: str, value: str) -> None:
    """Sets a key of kiosk.toml to a plain text and leaves every other line as it is."""
    path = folder / SETTINGS_FILE
    old = path.read_text("utf-8").splitlines() if path.exists() else []
    kept = [line for line in old if not line.replace(" ", "").startswith(f"{key}=")]
    write_file(path, "\n".join([f'{key} = "{value}"', *kept, ""]).encode())


def write_file(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replaces a file durably: after a power cut there is the old one or the new one, whole."""
    beside = path.with_name(f".{path.name}.new")
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(fd, "wb") as file:
        os.fchmod(fd, mode)
        file.write(content)
        file.flush()
        os.fsync(fd)
    beside.replace(path)
    fsync_folder(path.parent)


def write_key(folder: Path, key: Ed25519PrivateKey) -> None:
    """The journal's private key, 32 raw bytes that only the kiosk's own user may read."""
    write_file(folder / KEY_FILE, key.private_bytes_raw())


def load_key(folder: Path, row: JournalRow) -> Ed25519PrivateKey:
    """The key of `folder`; KioskError unless it is the one that this journal was begun with."""
    path = folder / KEY_FILE
    try:
        key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except (OSError, ValueError) as error:
        raise KioskError(f"The key {path} cannot be read ({error}); enrol anew.") from None
    if public_bytes(key) != row.public_key:
        raise KioskError(f"The key {path} is not the one of the journal beside it; enrol anew.")
    return key


@dataclass(frozen=True, slots=True)
class HeldConfig:
    """The counter's configuration that this kiosk has taken, and its version."""

    version: int
    config: Config


def load_config(folder: Path, journal: Journal) -> HeldConfig | None:
    """config.json as the server signed it; None if there is none yet.

    KioskError if it is not what any note held vouches for: PINs are in it.
    """
    path = folder / CONFIG_FILE
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KioskError(f"{path} cannot be read ({error}).") from None
    row = journal.row()
    if held := vouched(body, journal.notes(), row):
        return held
    raise KioskError(
        f"{path} is not the configuration that the server signed; delete it, and it is fetched"
        " again."
    )


class Vouching(Protocol):
    """What says whose configuration this would be: the journal's row, or a copy of it."""

    @property
    def kiosk(self) -> str | None: ...
    @property
    def server(self) -> str | None: ...
    @property
    def config_key(self) -> str | None: ...


def vouched(
    body: bytes, notes: Iterable[tuple[int, bytes]], enrolled: Vouching
) -> HeldConfig | None:
    """The configuration in `body` if one of the notes vouches for it."""
    for _, note in notes:
        try:
            version = open_config(note, body, server=enrolled.server or "",
                                  kiosk=enrolled.kiosk or "",
                                  config_key=enrolled.config_key or "")  # fmt: skip
            return HeldConfig(version, read_config(body))
        except (BadNote, BadConfig):
            continue  # the note of another version: a power cut came between note and file
    return None


def take_config(folder: Path, journal: Journal, note: bytes, body: bytes) -> HeldConfig:
    """Keeps a configuration as it came; KioskError for a wrong signature, another kiosk's, one
    that cannot be used, a lower version than held, or the held version with another body."""
    row = journal.row()
    try:
        version = open_config(note, body, server=row.server or "", kiosk=row.kiosk or "",
                              config_key=row.config_key or "")  # fmt: skip
        config = read_config(body)
    except (BadNote, BadConfig) as error:
        raise KioskError(f"The configuration that came is refused: {error}") from None
    for held, held_note in journal.notes():
        if not _is_for(row, held_note):
            continue  # it vouches for nothing here: an older enrolment's, or what a card made of it
        if version < held:
            raise KioskError(f"Configuration {version} is refused: {held} is held already.")
        if version == held and _body_hash(note) != _body_hash(held_note):
            raise KioskError(f"Configuration {version} is refused: it is not the one held.")
    journal.keep_note(version, note)
    # A crash here leaves the old file, for which the old note is still there.
    write_file(folder / CONFIG_FILE, body)
    journal.drop_notes_before(version)
    return HeldConfig(version, config)


def _is_for(enrolled: Vouching, note: bytes) -> bool:
    """Whether the server that this kiosk knows signed the note for this kiosk."""
    try:
        name, key = parse_vkey(enrolled.config_key or "")
        text = open_note(note, name=name, public_key=key)
    except (BadKey, BadNote):
        return False
    return text.startswith(f"{name}/{enrolled.kiosk}\n")


def _body_hash(note: bytes) -> bytes:
    """The third line of a configuration's note."""
    return note.split(b"\n")[2]
