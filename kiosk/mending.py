"""A journal that is damaged is repaired or set aside as evidence, so that no unit stays dark.

A power cut alone never damages it (SQLite's WAL with synchronous=FULL). A card does that wears out,
or one that says "written" before it is.
"""

import errno
import logging
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import Literal

from kiosk.config import KEY_FILE, load_key, write_key
from kiosk.errors import KioskError
from kiosk.evidence import finish_setting_aside, set_aside
from kiosk.identity import recall, remember
from kiosk.journal_file import (
    BUSY_S,
    FILE,
    SUSPECT_FILE,
    Journal,
    create_store,
    is_damage,
)
from protocol.keys import new_key, public_bytes

UNREADABLE_FILE = "journal.unreadable"  # a dot for each start in a row at which the card failed
GIVE_UP_AFTER = 3

Found = Literal["", "repaired", "damaged", "old-copy", "missing"]
_log = logging.getLogger(__name__)


def mend(folder: Path) -> Found:
    """Makes sure that an enrolled kiosk has a journal to append to; what was wrong with it: ""
    nothing; "repaired"; else the journal here is now a new one, which takes votes and waits for its
    enrolment. Hold the folder.

    KioskError if the file cannot be had just now: that is no reason to give it up, unless the card
    fails to read it start after start.
    """
    try:
        found = _mend(folder)
    except (OSError, sqlite3.Error) as error:
        raise KioskError(f"The journal in {folder} cannot be mended now ({error}).") from error
    if found:
        _log.error("the journal: %s", found)
    return found


def _mend(folder: Path) -> Found:
    was_damaged = finish_setting_aside(folder)
    found = _examine(folder, thorough=(folder / SUSPECT_FILE).exists())
    if found == "damaged" and _repair(folder):
        found = "repaired"
    elif found in ("damaged", "old-copy"):
        set_aside(folder)
    elif found == "missing" and was_damaged:
        found = "damaged"
    if not (folder / FILE).exists() and not _begin_anew(folder):
        found = ""  # never enrolled: it was nobody's journal
    for mark in (SUSPECT_FILE, UNREADABLE_FILE):
        (folder / mark).unlink(missing_ok=True)
    return found


def _examine(folder: Path, *, thorough: bool) -> Found:
    """KioskError if the journal cannot be had now."""
    if not (folder / FILE).exists():
        return "missing"
    try:
        with closing(Journal(folder)) as journal:
            journal.check(thorough=thorough)
            return _look_into(folder, journal)
    except (KioskError, OSError, sqlite3.Error) as error:
        cause = error.__cause__ if isinstance(error, KioskError) else error
        if cause is not None and not is_damage(cause) and not _fails_again(folder, cause):
            raise KioskError(f"The journal cannot be read just now ({cause}).") from error
        _log.error("%s", error)
        return "damaged"


def _fails_again(folder: Path, error: BaseException) -> bool:
    """Whether the card has failed to read it at so many starts that it never will again."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code != sqlite3.SQLITE_IOERR and getattr(error, "errno", 0) != errno.EIO:
        return False
    with (folder / UNREADABLE_FILE).open("a+b") as starts:
        starts.write(b".")
        return starts.tell() >= GIVE_UP_AFTER


def _look_into(folder: Path, journal: Journal) -> Found:
    """KioskError for what makes this journal one that cannot go on."""
    row = journal.row()
    if (folder / KEY_FILE).exists():
        (folder / KEY_FILE).read_bytes()  # an OSError is no reason to give the key up
    load_key(folder, row)
    if row.kiosk is None and not row.code_hash:
        _give_name(folder, journal)  # a crash came after it was begun anew
    try:
        remember(folder, journal)
    except OSError as error:  # it is for a bad day that may never come
        _log.warning("who this kiosk is could not be written down: %s", error)
    return "old-copy" if row.state == "old-copy" else ""


def _repair(folder: Path) -> bool:
    """Builds the index anew, which holds nothing that the lines do not, if the lines are whole;
    whether all is well then. Else not a byte is changed: it becomes evidence."""
    try:
        with closing(Journal(folder)) as journal:
            whole = sum(1 for _ in journal.whole_lines())
            if journal.row().pruned + whole != journal.head().seq:
                return False
        with closing(sqlite3.connect(folder / FILE, timeout=BUSY_S)) as con:
            if con.execute("pragma integrity_check(1)").fetchone()[0] == "ok":
                return False  # what is wrong is not in this file, such as its key
            con.execute("pragma synchronous = full")
            con.execute("reindex")
    except (KioskError, sqlite3.Error) as error:
        _log.info("no repair: %s", error)
        return False
    return not _examine(folder, thorough=True)


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
