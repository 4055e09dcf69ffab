"""A journal that cannot go on is kept as it is, in a folder of its own; nothing is deleted."""

import logging
from pathlib import Path

from kiosk.config import KEY_FILE
from kiosk.journal_file import FILE, fsync_folder

EVIDENCE = "evidence-"  # and a number
QUARANTINE_FILE = "quarantine.json"  # how far its lines are handed over: kiosk.quarantine
_MOVING = ".evidence"  # while its files move there; whoever finds it finishes that
_log = logging.getLogger(__name__)


def set_aside(folder: Path) -> None:
    """Moves the journal and its key. Hold the folder; nobody has the journal open."""
    moving = folder / _MOVING
    moving.mkdir(mode=0o700, exist_ok=True)
    fsync_folder(folder)  # a crash from here on: finish_setting_aside goes on
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm", KEY_FILE, QUARANTINE_FILE):
        if (folder / name).exists():
            (folder / name).rename(moving / name)
    fsync_folder(moving)
    _close(folder)


def finish_setting_aside(folder: Path) -> bool:
    """Finishes what a power cut broke off, and says whether there was anything. To be called before
    another journal is begun: it must not meet the old one's WAL."""
    moving = folder / _MOVING
    if not moving.exists():
        return False
    if (moving / FILE).exists() and (folder / FILE).exists():
        _close(folder)  # the journal here has nothing to do with it
    else:
        set_aside(folder)
    return True


def _close(folder: Path) -> None:
    aside = next(p for n in range(1, 1_000_000) if not (p := folder / f"{EVIDENCE}{n}").exists())
    (folder / _MOVING).rename(aside)
    fsync_folder(folder)
    _log.error("the journal is kept as evidence in %s", aside)
