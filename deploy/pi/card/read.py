"""hailong.toml as a person wrote it, on any computer: read, checked, refused in one sentence."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import CardError
from .values import is_address, is_interface, is_listener, is_text, is_texts, is_url

NAME = "hailong.toml"
ERASED = "*"  # what the code's characters become, one for one
_MARK = rb"(?:\xef\xbb\xbf)?"  # Windows' editor puts it in front of the first line
_CODE_LINE = re.compile(
    rb"^" + _MARK + rb"""[ \t]*code[ \t]*=[ \t]*(["'])([0-9A-Za-z*\- ]*)\1""", re.MULTILINE
)
_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class Network:
    """How to reach the network; without `wifi` by cable, without `address` by DHCP."""

    wifi: str | None = None
    password: str | None = None
    hidden: bool = False
    address: str | None = None  # with its prefix length: 192.168.1.20/24
    gateway: str | None = None
    dns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """A checked hailong.toml. `code` is None once it is erased, in whole or in part."""

    server: str | None = None
    code: str | None = None
    half_erased: bool = False  # a power cut came between two sectors of the erasing
    ca: Path | None = None
    proxy: str | None = None
    wiring: str | None = None
    panel: str | None = None
    invite: str | None = None
    updates: str | None = None  # HH:MM
    ntp: tuple[str, ...] = ()
    network: Network | None = None
    span: tuple[int, int] = field(default=(0, 0), compare=False)  # of the code, in bytes


def read_card(folder: Path) -> Card | None:
    """The card in the boot partition's `folder`; None if there is none. CardError if it is odd."""
    path = folder / NAME
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        _refuse_lookalikes(folder)
        return None
    except OSError as error:
        raise CardError(f"{NAME} cannot be read ({error.strerror}); copy it anew.") from None
    try:
        table = tomllib.loads(raw.decode("utf-8-sig"))  # without the mark
    except UnicodeDecodeError:
        raise CardError(f"{NAME} is not in UTF-8; save it as UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise CardError(f"{NAME} cannot be understood: {error}; correct that line.") from None
    return _check(table, raw, folder)


def _refuse_lookalikes(folder: Path) -> None:
    for path in sorted(folder.glob("*")):
        name = path.name.lower()
        if path.name != NAME and name in (f"{NAME}.txt", "hailong.txt", f"{NAME}.toml"):
            raise CardError(f"The boot partition holds {path.name}; rename it to {NAME}.")


Kinds = dict[str, tuple[str, Callable[[Any], bool]]]  # what a word must be, and whether it is
_KINDS: Kinds = {
    "server": ("an address such as https://hailong.example", is_url),
    "code": ("a code such as ABCD-EFGH-JK", is_text),
    "ca": ("the name of a file beside it", lambda v: is_text(v) and "/" not in v),
    "proxy": ("an address such as http://10.0.0.1:3128", is_url),
    "wiring": ("the name of a ready-made wiring", is_text),
    "panel": ("gpio, keypad or touch", lambda v: v in ("gpio", "keypad", "touch")),
    "invite": ("an address such as 192.168.1.20:8787", is_listener),
    "updates": ("an hour such as 02:30", lambda v: is_text(v, _HOUR)),
    "ntp": ('a list such as ["10.0.0.1"]', is_texts),
    "network": ("a table [network]", lambda v: isinstance(v, dict)),
}  # fmt: skip
_NETWORK_KINDS: Kinds = {
    "wifi": ("the name of a network, 1 to 32 bytes",
             lambda v: is_text(v) and len(v.encode()) <= 32),
    "password": ("of 8 to 63 characters", lambda v: is_text(v) and 8 <= len(v) <= 63),
    "hidden": ("true or false", lambda v: isinstance(v, bool)),
    "address": ("an address such as 192.168.1.20/24", is_interface),
    "gateway": ("an address such as 192.168.1.1", is_address),
    "dns": ('a list such as ["192.168.1.1"]', lambda v: is_texts(v) and all(map(is_address, v))),
}  # fmt: skip


def _check(table: dict[str, Any], raw: bytes, folder: Path) -> Card:
    _check_kinds(table, _KINDS)
    network = table.get("network")
    if network is not None:
        _check_network(network)
        network = Network(**{**network, "dns": tuple(network.get("dns", ()))})
    code, span = _find_code(table, raw)
    if code and ERASED not in code and "server" not in table:
        raise CardError(f"{NAME} has a code but no server; add server = \"https://…\".")
    ca = folder / table["ca"] if "ca" in table else None
    if ca is not None and not ca.is_file():
        raise CardError(f"{NAME} names the file {ca.name}, which is not beside it; copy it there.")
    plain = {k: table.get(k) for k in ("server", "proxy", "wiring", "panel", "invite", "updates")}
    live = code if code and ERASED not in code else None
    half = bool(code) and ERASED in code and bool(code.strip(ERASED))
    return Card(code=live, half_erased=half, ca=ca, network=network, span=span,
                ntp=tuple(table.get("ntp", ())), **plain)  # fmt: skip


def _check_kinds(table: dict[str, Any], kinds: Kinds) -> None:
    for key, value in table.items():
        if key not in kinds:
            raise CardError(f"{NAME} has the unknown word {key!r}; known are {', '.join(kinds)}.")
        what, good = kinds[key]
        if not good(value):
            shown = "that" if key in ("password", "code") else repr(value)
            raise CardError(f"{key} in {NAME} must be {what}; {shown} is not.")


def _check_network(table: dict[str, Any]) -> None:
    _check_kinds(table, _NETWORK_KINDS)
    if "password" in table and "wifi" not in table:
        raise CardError(f"[network] in {NAME} has a password but no wifi; add wifi = \"name\".")
    if "gateway" in table and "address" not in table:
        raise CardError(f"[network] in {NAME} has a gateway but no address; add one, or neither.")


def _find_code(table: dict[str, Any], raw: bytes) -> tuple[str, tuple[int, int]]:
    """The code and where its characters stand, for they are to be overwritten where they are."""
    code = table.get("code", "")
    if not code:
        return "", (0, 0)
    found = [match for match in _CODE_LINE.finditer(raw) if match[2] == code.encode()]
    if len(found) != 1:
        raise CardError(f'{NAME} must have code = "ABCD-EFGH-JK" once, on a line of its own.')
    return code, found[0].span(2)
