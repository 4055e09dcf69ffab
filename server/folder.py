"""The data folder: database, keys and the server's name. Knows no Django."""

import json
import os
import re
import secrets
import tomllib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SERVER_NAME = re.compile(
    r"(?=.{1,64}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
)
PUBLIC_URL = re.compile(
    r"https?://[A-Za-z0-9\[][A-Za-z0-9.:\[\]-]{0,100}(/[A-Za-z0-9._~/-]{0,60})?"
)

KEYS = ("log", "config", "pin", "secret")
KEY_BYTES = 32


FURTHER_KEY = re.compile(r"log-[0-9a-f]{8}")


class SetupError(Exception):
    """The server cannot start as it is set up; str() is one sentence for the operator."""


class Folder:
    """HAILONG_DATA: server.sqlite3, server.toml (name, sample), keys/ (log, config, pin …)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = path / "server.sqlite3"
        self.keys = path / "keys"
        self._settings: dict[str, object] | None = None

    @property
    def made(self) -> bool:
        """True once `init` has run here."""
        return (self.path / "server.toml").exists()

    def make(self, *, name: str | None, sample: bool) -> None:
        """Create the folder, its keys and server.toml; twice changes nothing."""
        if name is not None and not SERVER_NAME.fullmatch(name):
            raise SetupError(
                f"{name!r} is no server name; write a lower-case DNS name of at most 64 characters."
            )
        if self.made:
            if name not in (None, self.server_name):
                raise SetupError(
                    f"This folder's server is named {self.server_name}; a name never changes."
                )
            return
        try:
            self.keys.mkdir(parents=True, mode=0o700, exist_ok=True)
            for key in ("log", "config"):
                self._write_key(key, Ed25519PrivateKey.generate().private_bytes_raw())
            for key in ("pin", "secret"):
                self._write_key(key, secrets.token_bytes(32))
            # A name nobody else has, for those who do not care: kiosks sign it, nobody types it.
            name = name or f"hailong-{secrets.token_hex(4)}.invalid"
            text = f'name = "{name}"\nsample = {str(sample).lower()}\n'
            # Written last: a crash before this line leaves a folder that init simply completes.
            write_durably(self.path / "server.toml", text.encode(), 0o644)
        except OSError as error:
            raise SetupError(f"Cannot write to {self.path}: {error.strerror}.") from error

    @property
    def server_name(self) -> str:
        """The name that kiosks sign their requests for (protocol.md 4)."""
        return str(self._read()["name"])

    @property
    def sample(self) -> bool:
        """True for a folder of sample data, which binds nothing but loopback."""
        return bool(self._read().get("sample", False))

    @property
    def public_url(self) -> str:
        """The address at which kiosks and people reach this server, "" if nobody has said it."""
        # Read anew: another process may have been told.
        return str(_load(self.path / "server.toml").get("url", ""))

    def set_public_url(self, url: str) -> None:
        """Keep the address; SetupError if it is none."""
        path = self.path / "server.toml"
        settings = _load(path) | {"url": url}
        _checked(settings, path)
        lines = [f"{key} = {json.dumps(value)}\n" for key, value in settings.items()]
        try:
            write_durably(path, "".join(lines).encode(), 0o644)
        except OSError as error:
            raise SetupError(f"Cannot write {path}: {error.strerror}.") from error

    def verify(self) -> None:
        """SetupError unless `init` has run here and everything it made is whole.

        Keys that are lost are never made anew: kiosks would not trust them.
        """
        self._read()
        for which in KEYS:
            if len(self._key(which)) != KEY_BYTES:
                raise SetupError(
                    f"{self.keys / which} is not {KEY_BYTES} bytes; restore it from its backup."
                )

    def signing_key(self, which: str) -> Ed25519PrivateKey:
        """The Ed25519 key `log`, `config`, or one of keep_log_key."""
        return Ed25519PrivateKey.from_private_bytes(self._key(which))

    def keep_log_key(self, name: str, key: Ed25519PrivateKey) -> None:
        """A further key of the log, durably, before anybody is told of it."""
        try:
            self._write_key(name, key.private_bytes_raw())
        except OSError as error:
            raise SetupError(f"Cannot write to {self.keys}: {error.strerror}.") from error

    def key_names(self) -> list[str]:
        """All keys of this server: those that `init` made and further ones of the log."""
        there = sorted(path.name for path in self.keys.iterdir())
        return [*KEYS, *(name for name in there if FURTHER_KEY.fullmatch(name))]

    def pin_key(self) -> bytes:
        """32 bytes that seal officials' PINs."""
        return self._key("pin")

    def secret_key(self) -> str:
        """Django's SECRET_KEY; before `init` one that nobody can know."""
        try:
            return (self.keys / "secret").read_bytes().hex()
        except FileNotFoundError:
            return secrets.token_hex(32)
        except OSError as error:
            raise SetupError(f"Cannot read {self.keys / 'secret'}: {error.strerror}.") from error

    def _key(self, which: str) -> bytes:
        try:
            return (self.keys / which).read_bytes()
        except OSError as error:
            raise SetupError(
                f"Cannot read {self.keys / which} ({error.strerror}); "
                "restore it from its backup, for kiosks trust no other."
            ) from error

    def _write_key(self, which: str, value: bytes) -> None:
        if not (self.keys / which).exists():
            write_durably(self.keys / which, value, 0o600)

    def _read(self) -> dict[str, object]:
        if self._settings is None:
            self._settings = _load(self.path / "server.toml")
        return self._settings


def _load(path: Path) -> dict[str, object]:
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SetupError(f"{path.parent} is empty; run `hailong-server init`.") from error
    except (OSError, ValueError) as error:
        raise SetupError(f"Cannot read {path}: {error}.") from error
    return _checked(settings, path)


def _checked(settings: dict[str, object], path: Path) -> dict[str, object]:
    for key in settings:
        if key not in ("name", "sample", "url"):
            raise SetupError(f"{path} has an unknown key {key!r}; it holds name, sample and url.")
    name, url = settings.get("name"), settings.get("url", "")
    if not isinstance(name, str) or not SERVER_NAME.fullmatch(name):
        raise SetupError(f"{path} has no good name; restore it, for a server's name never changes.")
    if not isinstance(settings.get("sample", False), bool):
        raise SetupError(f"sample in {path} is neither true nor false; correct it.")
    if not isinstance(url, str) or (url and not PUBLIC_URL.fullmatch(url)):
        raise SetupError(
            f"url in {path} is no address such as https://hailong.example; correct it."
        )
    return settings


def is_key_name(name: str) -> bool:
    """Whether a file of that name in keys/ is one of ours."""
    return name in KEYS or FURTHER_KEY.fullmatch(name) is not None


def write_durably(path: Path, content: bytes, mode: int) -> None:
    """All of `content` or nothing, on the disk before this returns."""
    part = path.with_name(path.name + ".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
