"""A journal whose lines are kept out of the record, read without changing a byte of its file."""

import sqlite3
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.config import KEY_FILE
from kiosk.errors import KioskError
from kiosk.journal_file import BUSY_S, FILE
from kiosk.pace import Batch
from protocol.errors import ProtocolError
from protocol.journal import Head, check_lines
from protocol.keys import public_bytes

HOLE_LINES = 1000  # so many that cannot be read in a row are the end


class Outcast:
    """A journal whose lines are kept out, read without changing a byte of its file."""

    def __init__(self, folder: Path) -> None:
        """KioskError if its row or its key cannot be read: then nothing can be signed."""
        self.folder, con = folder, None
        try:
            con = sqlite3.connect(f"{(folder / FILE).as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
            row = con.execute(
                "select uuid, kiosk, server, public_key, acked, state from journal"
            ).fetchone()
            self.uuid, kiosk, server, public_key, self.acked, self.state = row
            self.kiosk, self.server = kiosk or "", server or ""
            self.key = Ed25519PrivateKey.from_private_bytes((folder / KEY_FILE).read_bytes())
            if public_bytes(self.key) != public_key:
                raise ValueError("its key is another's")
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            if con is not None:
                con.close()
            raise KioskError(f"The journal in {folder.name} cannot be read: {error}.") from None
        self._con = con

    def close(self) -> None:
        """Frees the file."""
        self._con.close()

    def newest(self) -> int:
        """The newest seq that the file tells of; 0 if it tells of none."""
        return self._seq("max")

    def oldest(self) -> int:
        """The first seq that is not pruned; 0 if there is none."""
        return self._seq("min")

    def version(self) -> int:
        """The newest configuration that this journal's kiosk had taken; 0 if none is known."""
        return self._largest("select max(version) from config_note")

    def _seq(self, which: str) -> int:
        return self._largest(f"select {which}(seq) from line")  # noqa: S608

    def _largest(self, query: str) -> int:
        try:
            found = self._con.execute(query).fetchone()
        except sqlite3.Error:
            return 0
        return int(found[0] or 0)

    def first_wanted(self) -> int:
        """Where to begin when nothing says where: after what the server has acknowledged; from the
        first line where that says nothing, for branches may part anywhere, and a server that was
        restored may have lost lines, or the whole journal (`key`)."""
        return 1 if self.state in ("forked", "key", "pruned") else self.acked + 1

    def lines_from(self, seq: int, *, batch: Batch) -> tuple[list[bytes], Head | None]:
        """The next lines from `seq` on that are whole and follow each other, and the last one's
        head; none if there are no more. What cannot be read in between is passed over."""
        lines: list[bytes] = []
        size, head, missed = 0, None, 0
        seq, newest = max(seq, self.oldest()), self.newest() or float("inf")
        while seq <= newest and len(lines) < batch.lines and missed < HOLE_LINES:
            line, found = self._line(seq, head)
            if line is None or found is None:
                if lines:
                    break
                missed += 1
            else:
                size += len(line) + 1
                if lines and size > batch.bytes:
                    break
                lines.append(line)
                head = found
            seq += 1
        return lines, head

    def _line(self, seq: int, before: Head | None) -> tuple[bytes | None, Head | None]:
        try:
            row = self._con.execute("select body from line where seq = ?", (seq,)).fetchone()
            (checked,) = check_lines(bytes(row[0]), journal=self.uuid) if row else (None,)
        except (sqlite3.Error, ProtocolError, ValueError, TypeError):
            return None, None
        if checked is None or checked.seq != seq or (before and checked.prev != before.hash):
            return None, None
        return checked.line, Head(seq=seq, hash=checked.hash)
