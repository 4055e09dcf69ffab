"""`cosign`: another body signs a log's checkpoint, never two roots for one size.

What was cosigned last is kept in a folder, one file a log, fsynced before the signature leaves
this process: a power cut may cost a signature, never the memory of one.
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auditor.durable import write_durably
from auditor.errors import CannotCheck, Unable
from protocol.checkpoint import Checkpoint, LogKey, open_checkpoint, read_checkpoint
from protocol.cosignature import ToCosign, Witness, cosign
from protocol.keys import b64, new_key, unb64
from protocol.merkle import BadProof, verify_consistency
from protocol.note import add_signatures, check_key_name


class Refused(CannotCheck):
    """The checkpoint contradicts what was cosigned: a code of sentences.py, both notes."""

    def __init__(self, code: str, values: dict[str, int | str], notes: list[bytes]) -> None:
        super().__init__(code)
        self.code, self.values, self.notes = code, values, notes


class Cosigner:
    """A body's name, key and memory. clock hands in unix seconds."""

    def __init__(self, name: str, key: Ed25519PrivateKey, state: Path) -> None:
        self.name, self.key, self.state = name, key, state

    def sign(self, request: bytes, log: LogKey, at_s: int) -> bytes:
        """The checkpoint with one signature line more. Refused, Unable, BadNote."""
        asked = ToCosign.unpack(request.replace(b"\r\n", b"\n"))
        new = open_checkpoint(asked.note, [log])
        with self._memory(log.origin) as path:
            before = path.read_bytes() if path.exists() else None
            if before is not None:
                self._check(asked, new, before)
            signed = add_signatures(
                asked.note, [cosign(asked.note, name=self.name, key=self.key, at_s=at_s)]
            )
            if before is None or read_checkpoint(before) != new:
                # A crash after this and before the signature is handed out costs a signature only.
                write_durably(path, asked.note)
            return signed

    def _check(self, asked: ToCosign, new: Checkpoint, before: bytes) -> None:
        old = read_checkpoint(before)
        values: dict[str, int | str] = {"size": new.size, "old": old.size}
        if new.size < old.size:
            raise self._refuse("cosigned_smaller", values, before, asked.note)
        if new.size == old.size:
            if new.root != old.root:
                raise self._refuse("cosigned_other", values, before, asked.note)
            return
        if old.size == 0:
            return
        if asked.old != old.size:
            raise Unable("needs_consistency", size=new.size, old=old.size)
        try:
            verify_consistency(
                old=old.size, new=new.size, old_root=old.root, new_root=new.root, proof=asked.proof
            )
        except BadProof as error:
            values["why"] = str(error)
            raise self._refuse("cosigned_inconsistent", values, before, asked.note) from None

    def _refuse(
        self, code: str, values: dict[str, int | str], before: bytes, note: bytes
    ) -> Refused:
        """Keep both notes: signed by the log, they convince anybody."""
        digest = hashlib.sha256(note).hexdigest()[:16]
        write_durably(self.state / f"contradiction-{digest}.notes", before + b"\n" + note)
        return Refused(code, values, [before, note])

    @contextlib.contextmanager
    def _memory(self, origin: str) -> Iterator[Path]:
        self.state.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(origin.encode()).hexdigest()[:32]
        with (self.state / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            path = self.state / f"{name}.note"
            if path.exists() and read_checkpoint(path.read_bytes()).origin != origin:
                raise Unable("unreadable", file=str(path), why="it is another log's")
            yield path


def make_key(name: str, path: Path) -> str:
    """A new key in a file that only its owner reads; the verifier key to hand out. Unable."""
    check_key_name(name)
    key = new_key()
    text = f"hailong witness key, keep secret\n{name}\n{b64(key.private_bytes_raw())}\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Unable("unreadable", file=str(path), why=error.strerror or "") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Witness(name, key.public_key()).vkey


def read_key(path: Path) -> tuple[str, Ed25519PrivateKey]:
    """Name and key of a file that make_key wrote; Unable."""
    try:
        _, name, secret, _ = path.read_text("utf-8").split("\n")
        return name, Ed25519PrivateKey.from_private_bytes(unb64(secret))
    except (OSError, ValueError) as error:
        raise Unable("key_file", file=str(path), why=type(error).__name__) from None
