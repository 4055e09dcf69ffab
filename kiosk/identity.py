"""Who this kiosk is, kept beside the journal too: what a damaged journal cannot tell any more."""

from pathlib import Path

import msgspec

from kiosk.config import write_file
from kiosk.journal_file import Journal

IDENTITY_FILE = "identity.json"


class Identity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What enrolment told, and the notes that vouch for config.json: (version, note), newest first.

    Not the key, and no line: a journal can be begun anew with it, not continued.
    """

    kiosk: str
    name: str | None
    server: str | None
    log_key: str | None
    config_key: str | None
    notes: tuple[tuple[int, bytes], ...] = ()


def remember(folder: Path, journal: Journal) -> None:
    """Writes down who an enrolled journal says that this is, if that is news."""
    row = journal.row()
    if row.kiosk is None:
        return
    identity = Identity(
        kiosk=row.kiosk, name=row.name, server=row.server, log_key=row.log_key,
        config_key=row.config_key, notes=tuple(journal.notes()),
    )  # fmt: skip
    content = msgspec.json.encode(identity)
    path = folder / IDENTITY_FILE
    if not path.exists() or path.read_bytes() != content:
        write_file(path, content)


def recall(folder: Path) -> Identity | None:
    """Who this kiosk was; None if that was never written down, or cannot be read."""
    try:
        return msgspec.json.decode((folder / IDENTITY_FILE).read_bytes(), type=Identity)
    except (OSError, msgspec.MsgspecError):
        return None
