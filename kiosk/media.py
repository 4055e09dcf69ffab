"""The pictures that the configuration names: fetched one by one, kept beside it, swept away."""

import contextlib
import logging
import re
import shutil
import time
from pathlib import Path
from typing import Final

from kiosk.config import write_file
from kiosk.door import Door, NoAnswer
from protocol.configuration import Config
from protocol.media import MAX_MEDIA_BYTES, MEDIA_PATH, BadPicture, read_picture

FOLDER: Final = "media"
RETRY_S = 600.0
ROUND_S = 20.0  # then votes have their turn; the next round goes on
ROOM_BYTES = 128 << 20  # what pictures leave free: votes need the card more than they do
_SUFFIX: Final = {"png": ".png", "jpeg": ".jpg"}
_NAME: Final = re.compile(r"([0-9a-f]{64})\.(png|jpg)")
_log = logging.getLogger(__name__)


class Media:
    """The folder of pictures. `follow` is for the sending thread, `path_of` for any."""

    def __init__(self, folder: Path, door: Door) -> None:
        self._folder, self._door = folder / FOLDER, door
        self._named: tuple[str, ...] = ()
        self._files = self._look()
        self.not_before = 0.0  # time.monotonic before which nothing that failed is asked for again

    def path_of(self, sha256: str) -> str:
        """The file of a picture, "" while it is not here."""
        return self._files.get(sha256, "")

    def follow(self, config: Config) -> bool:
        """Fetch what the configuration names and drop the rest; True if anything changed.

        To be called after every exchange with the server: what did not come has its next turn.
        Never raises: a picture is missing then, and the log says why.
        """
        photos = (official.photo for official in config.officials)
        named = tuple(dict.fromkeys(filter(None, (*config.pictures, *photos))))
        if named != self._named:
            self._named, self.not_before = named, 0.0
        before = self._files
        try:
            self._sweep()
            if time.monotonic() >= self.not_before:
                self._fetch_missing()
        except (NoAnswer, OSError) as error:
            _log.warning("pictures did not come: %s", error)
            self._later()
            self._sweep()  # half a file on a full card
        self._files = self._look()
        return self._files != before

    def _fetch_missing(self) -> None:
        until = time.monotonic() + ROUND_S
        for sha256 in self._named:
            if sha256 in self._files:
                continue
            if time.monotonic() >= until:
                return
            if shutil.disk_usage(self._folder.parent).free < ROOM_BYTES:
                raise OSError("there is too little room on the card")
            self._fetch(sha256)

    def _fetch(self, sha256: str) -> None:
        """One picture, kept only if its bytes have the hash that the configuration vouches for."""
        reply = self._door.ask("GET", MEDIA_PATH + sha256, most_bytes=MAX_MEDIA_BYTES)
        try:
            if reply.status != 200:
                raise BadPicture(f"status {reply.status}")
            picture = read_picture(reply.body)
            if picture.sha256 != sha256:
                raise BadPicture("other bytes came")
        except BadPicture as error:
            _log.warning("picture %s did not come: %s", sha256, error)
            self._later()
            return
        self._folder.mkdir(exist_ok=True)
        # A power cut in here leaves a file of another name, which the next round sweeps away.
        write_file(self._folder / f"{sha256}{_SUFFIX[picture.kind]}", reply.body)

    def _later(self) -> None:
        self.not_before = time.monotonic() + RETRY_S

    def _look(self) -> dict[str, str]:
        try:
            found = [(_NAME.fullmatch(path.name), str(path)) for path in self._folder.iterdir()]
        except OSError:
            return {}
        return {name[1]: path for name, path in found if name}

    def _sweep(self) -> None:
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                name = _NAME.fullmatch(path.name)
                if name is None or name[1] not in self._named:
                    with contextlib.suppress(OSError):
                        path.unlink()
