"""A journal that is damaged is repaired or set aside as evidence, so that no unit stays dark.

A power cut alone never damages it (SQLite's WAL with synchronous=FULL). A card does that wears out,
or one that says "written" before it is.
"""

import logging
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import Literal

from kiosk.config import KEY_FILE, load_key, write_key
from kiosk.errors import KioskError
from kiosk.identity import recall, remember
from kiosk.journal_file import (
    BUSY_S,
    FILE,
    SUSPECT_FILE,
    Journal,
    create_store,
    fsync_folder,
    is_damage,
)
from protocol.keys import new_key, public_bytes

EVIDENCE = "evidence-"  # and a number: a folder with a journal that could not go on
_MOVING = ".evidence"  # while its files move there; whoever finds it finishes that

Found = Literal["", "repaired", "damaged", "old-copy", "missing"]
_log = logging.getLogger(__name__)


def mend(folder: Path) -> Found:
    """Makes sure that an enrolled kiosk has a journal to append to; what was wrong with it: ""
    nothing; "repaired"; else the journal here is now a new one, which takes votes and waits for its
    enrolment. Hold the folder.

    KioskError if the file cannot be had just now: that is no reason to give it up.
    """
    found: Found
    if (folder / _MOVING).exists():
        found = "damaged"
    else:
        found = _examine(folder, thorough=(folder / SUSPECT_FILE).exists())
        if found == "damaged" and _reindex(folder) and not _examine(folder, thorough=True):
            found = "repaired"
    if found in ("damaged", "old-copy"):
        _set_aside(folder)
    if not (folder / FILE).exists() and not _begin_anew(folder):
        found = ""  # never enrolled: it was nobody's journal
    (folder / SUSPECT_FILE).unlink(missing_ok=True)
    if found:
        _log.error("the journal: %s", found)
    return found


def _examine(folder: Path, *, thorough: bool) -> Found:
    """KioskError if it cannot be had; its sentence is a passing one."""
    if not (folder / FILE).exists():
        return "missing"
    try:
        with closing(Journal(folder)) as journal:
            journal.check(thorough=thorough)
            return _look_into(folder, journal)
    except (KioskError, OSError, sqlite3.Error) as error:
        cause = error.__cause__ if isinstance(error, KioskError) else error
        if cause is not None and not is_damage(cause):
            raise KioskError(f"The journal cannot be read just now ({cause}).") from error
        _log.error("%s", error)
        return "damaged"


def _look_into(folder: Path, journal: Journal) -> Found:
    """KioskError for what makes this journal one that cannot go on."""
    row = journal.row()
    if (folder / KEY_FILE).exists():
        (folder / KEY_FILE).read_bytes()  # an OSError is no reason to give the key up
    load_key(folder, row)
    if row.kiosk is None and not row.code_hash:
        _give_name(folder, journal)  # a crash came after it was begun anew
    remember(folder, journal)
    return "old-copy" if row.state == "old-copy" else ""


def _reindex(folder: Path) -> bool:
    """Builds the index anew, which holds nothing that the lines do not; whether that worked."""
    try:
        with closing(sqlite3.connect(folder / FILE, timeout=BUSY_S)) as con:
            con.execute("pragma synchronous = full")
            con.execute("reindex")
    except sqlite3.Error as error:
        _log.info("no repair: %s", error)
        return False
    return True


def _set_aside(folder: Path) -> None:
    """The journal goes as it is, with its key, into a folder of its own; nothing is deleted."""
    moving = folder / _MOVING
    moving.mkdir(mode=0o700, exist_ok=True)
    fsync_folder(folder)  # a crash from here on: the next start goes on moving
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm", KEY_FILE):
        if (folder / name).exists():
            (folder / name).rename(moving / name)
    fsync_folder(moving)
    aside = next(p for n in range(1, 1_000_000) if not (p := folder / f"{EVIDENCE}{n}").exists())
    moving.rename(aside)
    fsync_folder(folder)
    _log.error("the journal is kept as evidence in %s", aside)


def _begin_anew(folder: Path) -> bool:
    """A new journal of the kiosk that this is; False if it never was one."""
    if recall(folder) is None:
        return False
    key = new_key()
    write_key(folder, key)
    create_store(folder, uuid=str(uuid.uuid4()), public_key=public_bytes(key), code_hash="")
    with closing(Journal(folder)) as journal:
        _give_name(folder, journal)
    return True


def _give_name(folder: Path, journal: Journal) -> None:
    """It says who it is before the server has agreed to its key, so votes are taken meanwhile."""
    if (known := recall(folder)) is None:
        return
    for version, note in known.notes:
        journal.keep_note(version, note)
    journal.mark(
        kiosk=known.kiosk, name=known.name, server=known.server, log_key=known.log_key,
        config_key=known.config_key,
    )  # fmt: skip
