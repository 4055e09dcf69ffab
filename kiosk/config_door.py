"""The configuration door: a receipt names the version in force, and this fetches it."""

import logging
from collections.abc import Callable
from pathlib import Path

from kiosk.config import HeldConfig, take_config
from kiosk.door import Door, NoAnswer, TooLong
from kiosk.errors import KioskError
from kiosk.journal_file import Journal
from protocol.keys import unb64
from protocol.request import CONFIG_HEADER

_log = logging.getLogger(__name__)


class ConfigDoor:
    """Follows the server's version. `defect` is a sentence if what came was refused."""

    def __init__(
        self,
        folder: Path,
        journal: Journal,
        door: Door,
        held: HeldConfig | None,
        on_config: Callable[[HeldConfig], None],
        on_refused: Callable[[bool], None],
    ) -> None:
        self._folder, self._journal, self._door = folder, journal, door
        self._held, self._on_config, self._on_refused = held, on_config, on_refused
        self._path = f"/api/v1/journals/{journal.row().uuid}/config"
        self._refused: str | None = None
        self.defect = ""

    @property
    def refused(self) -> int | None:
        """The version that could not be used, if there is one."""
        named = self._refused
        return int(named) if self.defect and named is not None and named.isdigit() else None

    def follow(self, version: str | None) -> None:
        """Fetches `version` unless it is held, or was refused before; None names none."""
        held = None if self._held is None else str(self._held.version)
        if version is None or version in (held, self._refused):
            return
        try:
            reply = self._door.ask("GET", self._path)
            if not reply.is_json(200):
                _log.warning("no configuration came: status %s", reply.status)
                return
            note = unb64(reply.headers.get(CONFIG_HEADER.lower(), ""))
            self._held = take_config(self._folder, self._journal, note, reply.body)
        except TooLong as error:
            self._refuse(version, f"Configuration {version} is refused: {error}.")
        except NoAnswer as error:
            _log.info("no configuration came: %s", error)
        except OSError as error:  # a full card may have room again
            self.defect = str(error)
            _log.error("the configuration could not be kept: %s", error)
        except (KioskError, ValueError) as error:
            self._refuse(version, str(error))
        else:
            if self.defect:
                self.defect = ""
                self._on_refused(False)
            self._on_config(self._held)

    def _refuse(self, version: str, sentence: str) -> None:
        """The one held stays; not asked for again until there is another."""
        self._refused, self.defect = version, sentence
        _log.error("%s", sentence)
        self._on_refused(True)
