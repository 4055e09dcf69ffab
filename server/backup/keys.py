"""The server's name and keys in a file of their own: it belongs elsewhere than the tables."""

from pathlib import Path

import msgspec

from protocol.keys import b64, unb64
from server.backup.files import written_beside
from server.folder import KEY_BYTES, KEYS, Folder, SetupError, is_key_name

FORMAT = "hailong-keys"
VERSION = 1


class KeyFile(msgspec.Struct, frozen=True, kw_only=True):
    """server.toml as it is, and each file of keys/ in base64."""

    format: str
    v: int
    settings: str
    keys: dict[str, str]


def write_keys(folder: Folder, path: Path, *, force: bool) -> None:
    """What makes this server the one that its kiosks trust, into `path`."""
    keys = {key: b64((folder.keys / key).read_bytes()) for key in folder.key_names()}
    settings = (folder.path / "server.toml").read_text("utf-8")
    content = KeyFile(format=FORMAT, v=VERSION, settings=settings, keys=keys)
    with written_beside(path, force=force) as file:
        file.write(msgspec.json.format(msgspec.json.encode(content)) + b"\n")


def install_keys(folder: Folder, path: Path) -> None:
    """Give a folder the name and keys of `path`, as far as it lacks them; none is ever replaced."""
    settings, keys = _read(path)
    try:
        folder.keys.mkdir(parents=True, mode=0o700, exist_ok=True)
        lacking = [key for key in keys if not (folder.keys / key).exists()]
        if any((folder.keys / key).read_bytes() != keys[key] for key in {*keys} - {*lacking}):
            raise SetupError(
                f"{folder.path} has keys of its own, which are not those of {path}; "
                "choose an empty HAILONG_DATA."
            )
    except OSError as error:
        raise SetupError(f"Cannot write to {folder.path}: {error.strerror}.") from error
    for key in lacking:
        with written_beside(folder.keys / key, force=True) as file:
            file.write(keys[key])
    # Last: a crash before this line leaves a folder that is still none, and the next try goes on.
    if not folder.made:
        with written_beside(folder.path / "server.toml", force=True) as file:
            file.write(settings.encode())


def _read(path: Path) -> tuple[str, dict[str, bytes]]:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=KeyFile)
        keys = {key: unb64(text) for key, text in found.keys.items() if is_key_name(key)}
    except FileNotFoundError as error:
        raise SetupError(f"There is no file {path}.") from error
    except (OSError, ValueError, KeyError, msgspec.MsgspecError) as error:
        raise SetupError(
            f"{path} is no file of `hailong-server backup --keys`, or is damaged."
        ) from error
    whole = {*KEYS} <= {*keys} and {len(key) for key in keys.values()} == {KEY_BYTES}
    if (found.format, found.v) != (FORMAT, VERSION) or not whole:
        raise SetupError(f"{path} holds no keys of a server that this version knows.")
    return found.settings, keys
