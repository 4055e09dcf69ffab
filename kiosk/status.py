"""Tells the server how this kiosk does: at first contact, when something changes, now and then."""

import logging
import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec

from kiosk.clock import Clock
from kiosk.door import Door, NoAnswer
from kiosk.errors import KioskError
from kiosk.journal_file import Journal
from kiosk.quarantine import Progress, read_progress, set_aside_journals
from kiosk.sync import Health
from kiosk.technician import is_four_fifths_used, signed_head, temperature_mc
from protocol.problems import JSON
from protocol.records import Fault
from protocol.status import Status, StatusDisk, StatusFault

EVERY_MS = 900_000
MOST_FAULTS = 50  # with the longest names they fit into the body
SOONEST_MS = 60_000
CLOCK_OFF_MS = 60_000  # so far from the server's time somebody has to look
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """What only the running program knows."""

    health: Health
    faults: tuple[Fault, ...]
    config: int | None
    """In force, not only held."""
    refused: int | None
    damaged_config: bool
    broken: str
    """Why nothing is asked, as a key under "message."."""


def gather_status(
    folder: Path, journal: Journal, clock: Clock, doing: Doing, *, started_ms: int
) -> Status:
    """How it is now; `started_ms`: since boot, when this run began. KioskError or sqlite3.Error
    where the journal cannot tell."""
    at, row, head = clock.read(), journal.row(), journal.head()
    log = journal.log.row()
    disk = _disk(folder)
    return Status(
        v=1, software=version("hailong"), boot=at.boot, wall_ms=at.wall_ms, mono_ms=at.mono_ms,
        sync=at.sync, uptime_s=max(0, at.mono_ms - started_ms) // 1000, config=doing.config,
        refused=doing.refused, unsent=max(0, head.seq - row.acked), disk=disk,
        temperature_mc=temperature_mc(),
        faults=tuple(
            StatusFault(part=f.part[:100], kind=f.kind[:100], since_ms=f.since_ms)
            for f in doing.faults[:MOST_FAULTS]
        ),
        attention=(*_attention(folder, clock, doing, disk), *log.words()),
        head=signed_head(folder, journal).decode(),
        checkpoint=log.checkpoint.decode() if log.checkpoint is not None else None,
    )  # fmt: skip


def _disk(folder: Path) -> StatusDisk | None:
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    low = is_four_fifths_used(usage.used, usage.free)
    return StatusDisk(free=usage.free, total=usage.total, low=low)


def _attention(
    folder: Path, clock: Clock, doing: Doing, disk: StatusDisk | None
) -> tuple[str, ...]:
    """Words of protocol.status; what does not take votes names its reason."""
    at, offset = clock.read(), clock.offset_ms
    off_ms = 0 if offset is None else abs(at.wall_ms - at.mono_ms - offset)
    words = {
        "disk": disk is None or disk.low,
        "clock": off_ms > CLOCK_OFF_MS,
        "configuration": doing.refused is not None or doing.damaged_config,
        # A journal that is kept out names itself: its lines do go somewhere, or never will.
        "sending": bool(doing.health.defect) and doing.health.state == "open",
        "evidence": any(not p.done or p.why for p in _earlier_journals(folder)),
        doing.health.state: doing.health.state != "open",
        doing.broken: bool(doing.broken),
    }
    return tuple(word for word, is_so in words.items() if is_so)


def _earlier_journals(folder: Path) -> list[Progress]:
    """How far each journal that was set aside is handed over."""
    return [read_progress(place) for place in set_aside_journals(folder)]


class StatusDoor:
    """`follow` is for the sending thread, after a round that the server has answered."""

    def __init__(
        self, journal: Journal, door: Door, clock: Clock, gather: Callable[[], Status]
    ) -> None:
        self._door, self._clock, self._gather = door, clock, gather
        self._path = f"/api/v1/journals/{journal.row().uuid}/status"
        self._told: tuple[object, ...] | None = None
        self._not_before_ms = 0
        self._due_ms = 0

    def follow(self) -> None:
        """Tells if there is a reason to. Never raises: whatever comes back, votes go on."""
        now = self._clock.mono_ms()
        if now < self._not_before_ms:
            return
        try:
            status = self._gather()
            state = (status.faults, status.attention, status.config, status.refused)
            if state == self._told and now < self._due_ms:
                return
            self._not_before_ms = now + SOONEST_MS
            body = msgspec.json.encode(status)
            reply = self._door.ask("PUT", self._path, body, {"Content-Type": JSON})
        except NoAnswer as error:
            _log.info("the status was not told: %s", error)
        except (KioskError, OSError, sqlite3.Error, ValueError) as error:
            _log.warning("the status cannot be gathered: %s", error)
        else:
            # A refusal, too, is an answer: nothing is gained by asking every minute.
            jitter = random.uniform(0.9, 1.1)  # noqa: S311  (no secret)
            self._told, self._due_ms = state, now + int(EVERY_MS * jitter)
            if reply.status != 204:
                _log.info("the status was not taken: status %s", reply.status)
