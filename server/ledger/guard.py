"""The last signed checkpoint in a file of its own: what no restored table can make forgotten."""

from pathlib import Path

from protocol.checkpoint import read_checkpoint
from protocol.note import BadNote
from server.folder import SetupError, write_durably

NAME = "log-guard"


def read_guard(folder: Path) -> bytes | None:
    """The note that was signed last from this folder; None if nothing was. SetupError if it is
    damaged."""
    path = folder / NAME
    try:
        note = path.read_bytes()
        read_checkpoint(note)
        return note
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SetupError(f"Cannot read {path}: {error.strerror}.") from error
    except BadNote as error:
        raise SetupError(
            f"{path} is no checkpoint ({error}); put back the one of its backup, or an auditor's "
            "newest."
        ) from error


def write_guard(folder: Path, note: bytes) -> None:
    """Before anybody sees the note: a crash in between has signed what nobody was shown."""
    try:
        write_durably(folder / NAME, note, 0o644)
    except OSError as error:
        raise SetupError(f"Cannot write {folder / NAME}: {error.strerror}.") from error
