"""The log's signed (size, root): C2SP tlog-checkpoint, and the note that hands over its key."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol.envelope import MAX_INT
from protocol.errors import ProtocolError
from protocol.keys import b64, public_bytes, unb64
from protocol.merkle import HASH_BYTES
from protocol.note import BadNote, key_id, open_note, parse_vkey, sign_note, split_note, vkey

MAX_CHECKPOINT_BYTES: Final = 4_000
_TEXT: Final = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n((?:[^\n]+\n)*)")


class Checkpoint(NamedTuple):
    """What a log vouches for: its first `size` entries have this root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n"


class LogKey(NamedTuple):
    """A log's origin, which is its key's name, and one of its keys."""

    origin: str
    public: Ed25519PublicKey

    @property
    def vkey(self) -> str:
        """In C2SP form."""
        return vkey(self.origin, public_bytes(self.public))

    @staticmethod
    def parse(text: str) -> "LogKey":
        """From C2SP form; BadKey."""
        return LogKey(*parse_vkey(text))


def log_origin(server: str) -> str:
    """Origin and key name of a server's log (protocol.md 4)."""
    return f"{server}/log"


def read_checkpoint(note: bytes) -> Checkpoint:
    """What a checkpoint says, nothing verified yet; BadNote if it is none."""
    if len(note) > MAX_CHECKPOINT_BYTES:
        raise BadNote(f"A checkpoint has at most {MAX_CHECKPOINT_BYTES:,} bytes.")
    text, _ = split_note(note)
    found = _TEXT.fullmatch(text)
    if not found or int(found[2]) > MAX_INT:
        raise BadNote("A checkpoint reads: origin, size, base64 of the root, one a line.")
    try:
        return Checkpoint(found[1], int(found[2]), unb64(found[3]))
    except ValueError:
        raise BadNote(f"The root of a checkpoint is base64 of {HASH_BYTES} bytes.") from None


def open_checkpoint(note: bytes, keys: Iterable[LogKey]) -> Checkpoint:
    """A checkpoint that one of the log's keys signed; BadNote otherwise.

    Signatures of keys that are not given are ignored: witnesses', and a newer key's.
    """
    found = read_checkpoint(note)
    _, signatures = split_note(note)
    there = {(signature.name, signature.key_id) for signature in signatures}
    opened = False
    for key in keys:
        if (key.origin, key_id(key.origin, public_bytes(key.public))) in there:
            open_note(note, name=key.origin, public_key=key.public)
            opened |= key.origin == found.origin
    if not opened:
        raise BadNote(f"The checkpoint of {found.origin} is not signed by the log's key.")
    return found


def sign_checkpoint(checkpoint: Checkpoint, keys: Sequence[Ed25519PrivateKey]) -> bytes:
    """The note; during a change of keys both sign."""
    return sign_note(checkpoint.text, [(checkpoint.origin, key) for key in keys])


def sign_rotation(origin: str, *, old: Ed25519PrivateKey, new: Ed25519PrivateKey) -> bytes:
    """The note by which whoever knows the old key accepts the new one (protocol.md 4)."""
    text = f"{origin}/rotation\n{vkey(origin, public_bytes(new))}\n"
    return sign_note(text, [(origin, old), (origin, new)])


def open_rotation(note: bytes, known: LogKey) -> LogKey:
    """The new key that a rotation note hands over; BadNote unless the known and the new signed."""
    text = open_note(note, name=known.origin, public_key=known.public)
    lines = text.split("\n")
    if len(lines) != 3 or lines[0] != f"{known.origin}/rotation":
        raise BadNote(f"This is no note that changes the key of {known.origin}.")
    new = LogKey.parse(lines[1])
    if new.origin != known.origin:
        raise BadNote(f"The note names a key of {new.origin}, not of {known.origin}.")
    open_note(note, name=new.origin, public_key=new.public)
    return new


def follow_rotations(keys: Iterable[LogKey], notes: Iterable[bytes]) -> list[LogKey]:
    """The known keys and all that rotation notes, in whatever order, hand over from them.

    A note that none of them signed is no news of this log and is passed over.
    """
    known = list(keys)
    waiting = list(notes)
    while waiting:
        left = []
        for note in waiting:
            new = _handed_over(note, known)
            if new is None:
                left.append(note)
            elif new.vkey not in {key.vkey for key in known}:
                known.append(new)
        if len(left) == len(waiting):
            break
        waiting = left
    return known


def _handed_over(note: bytes, known: Sequence[LogKey]) -> LogKey | None:
    for key in known:
        try:
            return open_rotation(note, key)
        except ProtocolError:
            continue
    return None
