"""What hailong.toml says about the device, handed to the kiosk as its kiosk.toml."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .durable import replace_file
from .errors import CardError
from .read import Card

FILE = "kiosk.toml"
CA_FILE = "ca.pem"


def write_settings(card: Card, folder: Path, owner: tuple[int, int]) -> None:
    """Sets what the card names and leaves every other line as it is. CardError if it cannot."""
    wanted = {"wiring": card.wiring, "panel": card.panel, "proxy": card.proxy,
              "invite_listen": card.invite, "ca": CA_FILE if card.ca else None}  # fmt: skip
    try:
        authority = card.ca.read_bytes() if card.ca else None
        _make_folder(folder, owner)
        with _as_user(owner):
            if authority is not None:
                _put(folder / CA_FILE, authority)
            old = (folder / FILE).read_text("utf-8") if (folder / FILE).exists() else ""
            new = merge(old, {key: value for key, value in wanted.items() if value is not None})
            if new:
                _put(folder / FILE, new.encode())
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(f"The settings in {folder} cannot be written ({error}).") from None


def merge(text: str, wanted: dict[str, str]) -> str:
    """`text` of a kiosk.toml with the keys of `wanted` set, and nothing else changed."""
    keys = "|".join(map(re.escape, wanted)) or "(?!)"
    kept = [line for line in text.splitlines() if not re.match(rf"\s*({keys})\s*=", line)]
    lines = [f"{key} = {_quote(value)}" for key, value in wanted.items()]
    return "".join(f"{line}\n" for line in lines + kept)


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _put(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:  # no write to the card without need
        replace_file(path, content, mode=0o600)


def _make_folder(folder: Path, owner: tuple[int, int]) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        shutil.chown(folder, *owner)


@contextmanager
def _as_user(owner: tuple[int, int]) -> Iterator[None]:
    """In a folder that belongs to the kiosk's user root does nothing: a link there might lead
    anywhere."""
    mine = os.geteuid(), os.getegid()
    if mine[0] != 0:
        yield
        return
    os.setegid(owner[1])
    os.seteuid(owner[0])
    try:
        yield
    finally:
        os.seteuid(mine[0])
        os.setegid(mine[1])
