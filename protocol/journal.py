"""The journal: one line's bytes, its hash, the chain, and the signed head over it."""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol.envelope import (
    ENVELOPE,
    MAX_INT,
    MAX_LINE_BYTES,
    SALT_BYTES,
    TAIL,
    Envelope,
    MalformedLine,
    has_clean_bytes,
    read_line,
)
from protocol.keys import KEY_BYTES, BadKey, b64, unb64
from protocol.names import KIOSK_ID, UUID, check_journal, check_kiosk_id
from protocol.note import BadNote, open_note, sign_note, split_note

__all__ = [
    "MAX_BODY_BYTES", "MAX_BODY_LINES", "MAX_LINE_BYTES", "CheckedLine", "Envelope", "Head",
    "MalformedLine", "build_export", "build_line", "check_ends", "check_lines", "genesis_hash",
    "line_hash", "open_head", "read_head", "read_line", "sign_head", "split_body", "split_export",
]  # fmt: skip

MAX_BODY_LINES = 1000
MAX_BODY_BYTES = 1 << 20
HASH_BYTES = 32

_HEAD: Final = re.compile(
    rf"({KIOSK_ID})/journal/({UUID})\n(0|[1-9][0-9]{{0,15}})\n([A-Za-z0-9+/]{{43}}=)\n"
)


class CheckedLine(msgspec.Struct, frozen=True, gc=False):
    """A line that stands rightly in its body: bytes without newline, hash and prev of 32 bytes."""

    seq: int
    line: bytes
    hash: bytes
    prev: bytes


def genesis_hash(journal: str, public_key: bytes) -> bytes:
    """What the first line's `prev` must be: 32 bytes bound to the journal and its key."""
    if len(public_key) != KEY_BYTES:
        raise BadKey(f"An Ed25519 public key has {KEY_BYTES} bytes, this one {len(public_key)}.")
    text = f"hailong/journal/v1\n{check_journal(journal)}\n{b64(public_key)}\n"
    return hashlib.sha256(text.encode()).digest()


def line_hash(line: bytes) -> bytes:
    """SHA-256 (32 bytes) of a line's bytes without the newline."""
    return hashlib.sha256(line).digest()


def build_line(
    *,
    journal: str,
    seq: int,
    prev: bytes,
    boot: str,
    mono_ms: int,
    wall_ms: int,
    sync: bool,
    type: str,
    data: Mapping[str, object] | msgspec.Struct,
    salt: bytes | None = None,
) -> bytes:
    """The bytes of a new line, once for ever; MalformedLine for what read_line would refuse.

    `salt` is 16 random bytes and stays None outside tests.
    """
    salt = os.urandom(SALT_BYTES) if salt is None else salt
    try:
        content = msgspec.json.encode(data)
        line = (
            f'{{"v":1,"journal":"{journal}","seq":{seq},"prev":"{prev.hex()}","boot":"{boot}",'
            f'"mono_ms":{mono_ms},"wall_ms":{wall_ms},"sync":{"true" if sync else "false"},'
            f'"salt":"{salt.hex()}","type":"{type}","data":'
        ).encode() + content + b"}"  # fmt: skip
    except (UnicodeEncodeError, msgspec.MsgspecError, TypeError, ValueError) as error:
        raise MalformedLine(f"This cannot be written as a line: {error}.") from None
    built = read_line(line)
    # A quote inside a name could shift what stands where: what is read back must be what was meant.
    meant = (journal, boot, sync, type, content)
    if (built.journal, built.boot, built.sync, built.type, built.data) != meant:
        raise MalformedLine("The line would not say what was meant.", seq=built.seq)
    return line


def split_body(body: bytes) -> list[bytes]:
    """The lines of a body: one final newline is optional; zero bytes are no lines at all."""
    body = body.removesuffix(b"\n")
    return body.split(b"\n") if body else []


def check_lines(body: bytes, *, journal: str) -> list[CheckedLine]:
    """Check 5 of the line door, as far as the body alone can tell; check_ends does the rest.

    Every line well-formed and of `journal`, seqs consecutive, each `prev` the hash of the line
    before. Raises MalformedLine for the first breach, with its place from 1 and its seq.
    """
    lines = split_body(body)
    if not lines:
        return []
    if has_clean_bytes(body, newlines=True):
        checked = _check_fast(lines, journal)
        if checked is not None:
            return checked
    return _check_each(lines, journal)


def _check_fast(lines: list[bytes], journal: str) -> list[CheckedLine] | None:
    """The usual body of version 1: all up to `boot` is foreseen, so it is compared, not read.

    None if a line is not as foreseen: a breach, or a version this fast way does not know.
    """
    found = ENVELOPE.fullmatch(lines[0])
    if found is None:
        return None
    name, seq, hexed = journal.encode(), int(found[3]), found[4]
    prev = bytes.fromhex(hexed.decode())
    sha256, rest_fits = hashlib.sha256, TAIL.fullmatch
    out = []
    for line in lines:
        start = b'{"v":1,"journal":"%b","seq":%d,"prev":"%b",' % (name, seq, hexed)
        if (
            not line.startswith(start)
            or rest_fits(line, len(start)) is None
            or len(line) > MAX_LINE_BYTES
        ):
            return None
        digest = sha256(line)
        value = digest.digest()
        out.append(CheckedLine(seq, line, value, prev))
        seq, prev, hexed = seq + 1, value, digest.hexdigest().encode()
    return out if seq - 1 <= MAX_INT else None


def _check_each(lines: list[bytes], journal: str) -> list[CheckedLine]:
    """check_lines one rule at a time, so that the first breach can be named."""
    out: list[CheckedLine] = []
    for place, line in enumerate(lines, 1):
        try:
            read = read_line(line)
        except MalformedLine as error:
            error.place = place
            raise
        breach = _breach_of_chain(read, out[-1] if out else None, journal)
        if breach:
            raise MalformedLine(breach, seq=read.seq, place=place)
        out.append(CheckedLine(read.seq, line, line_hash(line), bytes.fromhex(read.prev)))
    return out


def _breach_of_chain(read: Envelope, before: CheckedLine | None, journal: str) -> str | None:
    if read.journal != journal:
        return f"The line belongs to journal {read.journal}, not to {journal}."
    if before is None:
        return None
    if read.seq != before.seq + 1:
        return f"Seq {read.seq} follows seq {before.seq}; lines must be sent without a gap."
    if read.prev != before.hash.hex():
        return f'The "prev" of seq {read.seq} is not the hash of seq {before.seq}.'
    return None


def check_ends(lines: Sequence[CheckedLine], *, genesis: bytes, head: "Head") -> None:
    """The rest of check 5: seq 1 grows from the genesis hash, the last line is the signed head.

    Raises MalformedLine with place and seq. Of no lines there is nothing to check.
    """
    if not lines:
        return
    first, last = lines[0], lines[-1]
    if first.seq == 1 and first.prev != genesis:
        raise MalformedLine(
            'The "prev" of seq 1 is not the genesis hash of this journal and key.', seq=1, place=1
        )
    if (last.seq, last.hash) != (head.seq, head.hash):
        raise MalformedLine(
            f"The signed head names seq {head.seq}; the last line is another one, seq {last.seq}.",
            seq=last.seq,
            place=len(lines),
        )


class Head(msgspec.Struct, frozen=True):
    """The newest line's seq and SHA-256; of an empty journal seq 0 and the genesis hash."""

    seq: int
    hash: bytes


def sign_head(*, kiosk: str, journal: str, seq: int, hash: bytes, key: Ed25519PrivateKey) -> bytes:
    """The head note (UTF-8): the kiosk's word for its journal up to `seq`, whose hash is `hash`."""
    if len(hash) != HASH_BYTES or not 0 <= seq <= MAX_INT:
        raise BadNote(f"A head is a seq from 0 to 2^53-1 and a hash of {HASH_BYTES} bytes.")
    text = f"{check_kiosk_id(kiosk)}/journal/{check_journal(journal)}\n{seq}\n{b64(hash)}\n"
    return sign_note(text, [(kiosk, key)])


def open_head(note: bytes, *, kiosk: str, journal: str, public_key: Ed25519PublicKey) -> Head:
    """The head that `kiosk` signed for `journal`; BadNote if it did not, or not exactly so."""
    head_kiosk, head_journal, head = read_head(note)
    if (head_kiosk, head_journal) != (kiosk, journal):
        raise BadNote(
            f"The head note is about {head_kiosk}/journal/{head_journal}, "
            f"not about {kiosk}/journal/{journal}."
        )
    open_note(note, name=kiosk, public_key=public_key)
    return head


def read_head(note: bytes) -> tuple[str, str, Head]:
    """Kiosk id, journal and head of a well-formed head note, its signature NOT verified."""
    text, signatures = split_note(note)
    found = _HEAD.fullmatch(text)
    if found is None or len(signatures) != 1 or int(found[3]) > MAX_INT:
        raise BadNote(
            "A head note has the lines <kiosk id>/journal/<journal>, seq and base64 of a hash, "
            "a blank line and one signature line."
        )
    try:
        return found[1], found[2], Head(int(found[3]), unb64(found[4]))
    except ValueError:
        raise BadNote("The hash in the head note is not strict base64.") from None


def build_export(lines: Iterable[bytes], note: bytes) -> bytes:
    """An export of a journal: its lines, one empty line, the head note."""
    return b"".join([line + b"\n" for line in lines]) + b"\n" + note


def split_export(export: bytes) -> tuple[bytes, bytes]:
    """The body (as for check_lines) and the head note of an export; BadNote if there is none."""
    if export.startswith(b"\n"):
        return b"", export[1:]
    body, empty_line, note = export.partition(b"\n\n")
    if not empty_line:
        raise BadNote("The export holds no empty line and no head note after its lines.")
    return body, note
