"""C2SP signed notes: a text, a blank line, signature lines; and keys in C2SP vkey form."""

import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol.errors import ProtocolError
from protocol.keys import KEY_BYTES, BadKey, b64, check_public_key, public_bytes, unb64

ED25519 = b"\x01"
COSIGNATURE = b"\x04"  # C2SP tlog-cosignature, Ed25519
KEY_ID_BYTES = 4
MAX_NOTE_BYTES = 1_000_000  # as golang.org/x/mod/sumdb/note
MAX_SIGNATURES = 100

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")


class BadNote(ProtocolError):
    """A note that is not well-formed, not signed by the key asked for, or about something else."""


class Signature(NamedTuple):
    """One signature line: who says they signed, the key's first 4 bytes of hash, the rest."""

    name: str
    key_id: bytes
    signature: bytes


def key_id(name: str, public: bytes, kind: bytes = ED25519) -> bytes:
    """First 4 bytes of SHA-256(key name, newline, kind of signature, public key)."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:KEY_ID_BYTES]


def vkey(name: str, public: bytes, kind: bytes = ED25519) -> str:
    """A verifier key `<name>+<key id in hex>+<base64(kind, public key)>`."""
    check_key_name(name)
    return f"{name}+{key_id(name, public, kind).hex()}+{b64(kind + public)}"


def parse_vkey(text: str, kind: bytes = ED25519) -> tuple[str, Ed25519PublicKey]:
    """Key name and public key of a verifier key; BadKey if any part does not fit the others."""
    found = _VKEY.fullmatch(text)
    if not found or not _is_key_name(found[1]):
        raise BadKey("A verifier key reads <name>+<8 hex digits>+<base64>; this one does not.")
    name, identity, encoded = found.groups()
    try:
        raw = unb64(encoded)
    except ValueError:
        raise BadKey("The last part of the verifier key is not base64; copy it again.") from None
    if len(raw) == 1 + KEY_BYTES and {raw[:1], kind} == {ED25519, COSIGNATURE}:
        raise BadKey(
            "This is a witness's verifier key, where a log's or a kiosk's is needed."
            if kind == ED25519
            else "This is a log's or a kiosk's verifier key, where a witness's is needed."
        )
    if len(raw) != 1 + KEY_BYTES or raw[:1] != kind:
        raise BadKey("The verifier key is not an Ed25519 key of 32 bytes.")
    if key_id(name, raw[1:], kind).hex() != identity:
        raise BadKey("The verifier key's id does not fit its name and key; copy it again.")
    return name, check_public_key(raw[1:])


def sign_note(text: str, signers: Sequence[tuple[str, Ed25519PrivateKey]]) -> bytes:
    """The note's bytes: `text` (ends with a newline), a blank line, one line for each signer."""
    signed = _check_text(text)
    if not signers:
        raise BadNote("A note needs at least one signer.")
    lines = []
    for name, key in signers:
        check_key_name(name)
        signature = key_id(name, public_bytes(key)) + key.sign(signed)
        lines.append(f"— {name} {b64(signature)}\n")
    return signed + b"\n" + "".join(lines).encode()


def split_note(note: bytes) -> tuple[str, list[Signature]]:
    """Text (with its last newline) and signature lines, nothing verified yet; BadNote if odd."""
    if len(note) > MAX_NOTE_BYTES:
        raise BadNote(f"A note has at most {MAX_NOTE_BYTES:,} bytes.")
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise BadNote("The note is not valid UTF-8.") from None
    if _CONTROL.search(whole):
        raise BadNote("The note holds a control character.")
    cut = whole.rfind("\n\n")
    if cut < 0 or not whole.endswith("\n"):
        raise BadNote("A note is a text, a blank line and signature lines, each with a newline.")
    lines = whole[cut + 2 : -1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise BadNote(f"A note has at most {MAX_SIGNATURES} signatures.")
    return whole[: cut + 1], [_read_signature(line) for line in lines]


def open_note(note: bytes, *, name: str, public_key: Ed25519PublicKey) -> str:
    """The text of a note that `name` signed with `public_key`; BadNote otherwise.

    Signatures of other keys are ignored (C2SP signed-note); a wrong one of this key is not.
    """
    text, signatures = split_note(note)
    identity = key_id(name, public_bytes(public_key))
    ours = [s.signature for s in signatures if s.name == name and s.key_id == identity]
    if not ours:
        raise BadNote(f"The note carries no signature of {name} with key id {identity.hex()}.")
    for signature in ours:
        try:
            public_key.verify(signature, text.encode())
        except InvalidSignature:
            raise BadNote(f"The signature of {name} does not fit the note's text.") from None
    return text


def add_signatures(note: bytes, lines: Sequence[Signature]) -> bytes:
    """The note with further signature lines; one that is there already is not added again."""
    _, there = split_note(note)
    new = [line for line in lines if line not in there]
    added = "".join(f"— {s.name} {b64(s.key_id + s.signature)}\n" for s in new)
    return note + added.encode()


def _read_signature(line: str) -> Signature:
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    try:
        raw = unb64(encoded)
    except ValueError:
        raw = b""
    if mark != "—" or not _is_key_name(name) or len(raw) <= KEY_ID_BYTES:
        raise BadNote("A signature line reads: em dash, key name, base64 of key id and signature.")
    return Signature(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def _is_key_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)


def check_key_name(name: str) -> None:
    """BadKey for a name that cannot stand in a note."""
    if not _is_key_name(name) or _CONTROL.search(name):
        raise BadKey(
            f"A key name has no space, plus or control character; {name!r} has, or is empty."
        )


def _check_text(text: str) -> bytes:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise BadNote("A note's text ends with a newline and has no other control character.")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadNote("A note's text cannot hold a lone surrogate.") from None
