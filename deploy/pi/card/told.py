"""The one sentence about this card: in the log once, and in a file that a screen may show."""

import logging
import os
import socket
from pathlib import Path

FILE = "sentence"
_log = logging.getLogger("hailong-enrol")


class Told:
    """Says each sentence once, however often it is true: a log in memory is soon full."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._last = ""
        folder.mkdir(parents=True, exist_ok=True)

    def say(self, sentence: str) -> None:
        """Tells the log and the file, unless it was the last thing said."""
        if sentence != self._last:
            self._last = sentence
            self._path.write_text(f"{sentence}\n", "utf-8")
            _log.info("%s", sentence)


def tell_ready() -> None:
    """Tells systemd that settings and network are written; nothing without systemd."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.connect("\0" + address[1:] if address.startswith("@") else address)
            sock.send(b"READY=1")
