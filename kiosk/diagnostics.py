"""What a person far away needs to understand this unit: facts, status, the program's last words."""

import logging
import platform
import sys
from collections import deque
from pathlib import Path

import msgspec

from kiosk.journal_file import Journal
from kiosk.locale import SOURCE, load_catalogues
from kiosk.technician import Running, gather_facts
from protocol.status import MAX_DIAGNOSTICS_BYTES, Diagnostics, Status

MOST_LINES = 300
MOST_CHARS = 200_000
HIDDEN = ("kiosk", "key")  # the names of people and places are the server's to join


class RecentLog(logging.Handler):
    """The program's last log lines, in memory only."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._lines: deque[str] = deque(maxlen=MOST_LINES)

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one line; a traceback is one, too."""
        try:
            self._lines.append(self.format(record)[:4000])
        except Exception:  # noqa: BLE001  (as every handler of the standard library)
            self.handleError(record)

    def lines(self) -> list[str]:
        """Oldest first."""
        return list(self._lines)


def write_text(
    folder: Path, journal: Journal, running: Running, status: Status, log: list[str]
) -> str:
    """Plain text in sections. No PIN, key, name or vote is in any of them."""
    words = load_catalogues().get("en") or load_catalogues()[SOURCE]
    facts = gather_facts(folder, journal, running, words)
    sections = {
        "status": msgspec.json.format(msgspec.json.encode(status), indent=1).decode(),
        "facts": "\n".join(f"{key}: {value}" for key, value in facts if key not in HIDDEN),
        "machine": f"{platform.platform()}\nPython {sys.version}",
        "files": "\n".join(_files(folder)),
        "log": "\n".join(log),
    }
    return "\n\n".join(f"== {name}\n{text}" for name, text in sections.items())


def _files(folder: Path) -> list[str]:
    """Names and sizes; `key` and such are named, never read."""
    found = []
    for path in sorted(folder.iterdir()):
        try:
            found.append(f"{path.name} {path.stat().st_size}")
        except OSError:
            continue
    return found


def encode_diagnostics(order: int, text: str) -> bytes:
    """The body for the door. Of a text too long the end is kept: there is what happened last."""
    while True:
        text = text[-MOST_CHARS:]
        body = msgspec.json.encode(Diagnostics(v=1, order=order, text=text))
        if len(body) <= MAX_DIAGNOSTICS_BYTES:
            return body
        text = text[len(text) // 4 :]
