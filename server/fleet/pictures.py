"""Pictures that kiosks show: taken from files, stored once by their hash."""

import re
from pathlib import Path

from protocol.media import MAX_MEDIA_BYTES, BadPicture, read_picture
from server.fleet.errors import FleetError
from server.fleet.models import Media

SHA256 = re.compile("[0-9a-f]{64}")


def keep_picture(sha256: str, body: bytes) -> None:
    """Store what `read_file` gave; a picture that is kept already gave no bytes."""
    if body:
        Media.objects.get_or_create(sha256=sha256, defaults={"body": body})


def read_file(folder: Path | None, name: str) -> tuple[str, bytes]:
    """The hash and bytes of a picture's file; of a hash that is kept already no bytes.

    folder: None for those who may name no file of this machine. Raises FleetError.
    """
    if SHA256.fullmatch(name) and Media.objects.filter(sha256=name).exists():
        return name, b""
    if folder is None:
        raise FleetError(f"The picture {name[:80]!r} is none that is kept here; add it by command.")
    try:
        with (folder / name).open("rb") as file:
            body = file.read(MAX_MEDIA_BYTES + 1)
        return read_picture(body).sha256, body
    except BadPicture as error:
        raise FleetError(f"{name} cannot be shown: {error}") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise FleetError(f"The picture {name!r} cannot be read ({why}).") from None
