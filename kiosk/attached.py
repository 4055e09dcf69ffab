"""What hangs on the unit besides its panel: badge readers, the invite door, the card's room."""

import logging
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hardware.badge import BadgeReader
from kiosk.config import Settings, write_file
from kiosk.core import Core
from kiosk.errors import KioskError
from kiosk.invite_door import InviteDoor
from kiosk.technician import disk_is_filling, disk_is_low

if TYPE_CHECKING:
    from kiosk.jobs import Jobs

LOOK_AT_DISK_S = 10.0
TRY_DOOR_S = 30.0  # its address may come up later than the kiosk
TOKEN_FILE = "invite-token"  # noqa: S105  (a file's name)
_log = logging.getLogger(__name__)


class Attached:
    """What kiosk.toml names. An invite door that cannot be is a fault; votes do not wait for it."""

    def __init__(self, core: Core, settings: Settings, folder: Path) -> None:
        self._core, self._folder = core, folder
        self._reserve_bytes = settings.reserve_bytes
        self._full = self._filling = self._door_failed = False
        named: tuple[tuple[str | None, Literal["badge", "qr"]], ...] = (
            (settings.badge, "badge"),
            (settings.scanner, "qr"),
        )
        self._readers = [
            BadgeReader(Path(device), lambda text, by=by: core.badge(text, by))  # type: ignore[misc]
            for device, by in named
            if device
        ]
        self._door: InviteDoor | None = None
        if settings.invite_listen:
            self._door = self._make_door(settings.invite_listen)
        self._look_at_disk()  # before the first press

    def start(self, jobs: "Jobs") -> None:
        """Begins to listen and to watch."""
        for reader in self._readers:
            reader.start()
        jobs.every(LOOK_AT_DISK_S, "disk", self._look_at_disk)
        if self._door is not None:
            self._try_door()
            jobs.every(TRY_DOOR_S, "invite-door", self._try_door)

    def stop(self) -> None:
        """Gives devices and address back. May be called twice, or unstarted."""
        for reader in self._readers:
            reader.stop()
        if self._door is not None:
            self._door.stop()

    def _make_door(self, address: str) -> InviteDoor | None:
        host, _, port = address.rpartition(":")
        try:
            token = read_token(self._folder)
            return InviteDoor(host.strip("[]"), int(port), token, self._core.invite)
        except KioskError as error:  # an address or token that nobody should listen with
            _log.error("%s", error)
            at_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
            self._core.report_fault("invite-door", "refused", at_ns, cleared=False)
            return None

    def _try_door(self) -> None:
        """An address that is not there yet must not keep a kiosk from taking votes."""
        if self._door is None or self._door.is_open:
            return
        try:
            self._door.start()
        except KioskError as error:
            if not self._door_failed:
                _log.error("%s It is tried again.", error)
            self._door_failed = True
        else:
            self._door_failed = False

    def _look_at_disk(self) -> None:
        full = disk_is_low(self._folder, self._reserve_bytes)
        if full != self._full:
            self._full = full
            _log.error("the card is %s", "almost full" if full else "roomy again")
            self._core.set_full(full)
        filling = disk_is_filling(self._folder)
        if filling != self._filling:
            self._filling = filling
            self._core.set_filling(filling)


def read_token(folder: Path) -> str:
    """The invite door's token, made on first use; only the kiosk's own user may read it."""
    path = folder / TOKEN_FILE
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        token = secrets.token_urlsafe(32)
        write_file(path, f"{token}\n".encode())
        return token
    except (OSError, UnicodeDecodeError) as error:
        raise KioskError(f"{path} cannot be read ({error}); delete it for a new one.") from None
