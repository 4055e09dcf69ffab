"""C2SP tlog-proof: that one entry is in the log, as a text that can be kept for ever."""

import re
from typing import Final, NamedTuple

from protocol.errors import ProtocolError
from protocol.keys import b64, unb64
from protocol.merkle import HASH_BYTES

HEADER: Final = "c2sp.org/tlog-proof@v1"
_PROOF: Final = re.compile(
    rf"{re.escape(HEADER)}\n(?:extra ([A-Za-z0-9+/=]+)\n)?index (0|[1-9][0-9]{{0,18}})\n"
    r"((?:[A-Za-z0-9+/=]+\n){0,63})\n"
)


class BadTlogProof(ProtocolError):
    """Text that is no proof of an entry."""


class TlogProof(NamedTuple):
    """Entry `log_index` is under the checkpoint (a note's bytes); `extra` is the application's."""

    log_index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def pack(self) -> bytes:
        """The text, ending with the checkpoint."""
        extra = "" if self.extra is None else f"extra {b64(self.extra)}\n"
        hashes = "".join(f"{b64(hash)}\n" for hash in self.hashes)
        return f"{HEADER}\n{extra}index {self.log_index}\n{hashes}\n".encode() + self.checkpoint

    @staticmethod
    def unpack(text: bytes) -> "TlogProof":
        """BadTlogProof if it is none; nothing is verified yet."""
        try:
            found = _PROOF.match(text.decode())
            if not found:
                raise ValueError
            hashes = tuple(unb64(line) for line in found[3].split())
            extra = None if found[1] is None else unb64(found[1])
        except ValueError:
            raise BadTlogProof("This is no proof of an entry (c2sp.org/tlog-proof@v1).") from None
        if any(len(hash) != HASH_BYTES for hash in hashes):
            raise BadTlogProof(f"Every hash of the proof has {HASH_BYTES} bytes.")
        return TlogProof(int(found[2]), hashes, text[len(found[0].encode()) :], extra)
