"""C2SP tlog-cosignature: another body says that it has seen a checkpoint, and only one history.

A policy (C2SP tlog-policy) names the bodies and how many of them make a checkpoint believed.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol.checkpoint import LogKey, read_checkpoint
from protocol.errors import ProtocolError
from protocol.keys import SIGNATURE_BYTES, BadKey, b64, public_bytes, unb64
from protocol.merkle import HASH_BYTES
from protocol.note import (
    COSIGNATURE,
    BadNote,
    Signature,
    check_key_name,
    key_id,
    parse_vkey,
    split_note,
    vkey,
)

TIME_BYTES: Final = 8
MAX_TIME_S: Final = 253_402_300_799  # the last second of year 9999
_REQUEST: Final = re.compile(
    rb"old (0|[1-9][0-9]{0,15})\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n", re.ASCII
)

MAX_GROUPS: Final = 100


class BadPolicy(ProtocolError):
    """A policy that cannot be read; str() names the line."""


class Witness(NamedTuple):
    """A body that cosigns: its key's name and key."""

    name: str
    public: Ed25519PublicKey

    @property
    def vkey(self) -> str:
        """In C2SP form, of kind 0x04."""
        return vkey(self.name, public_bytes(self.public), COSIGNATURE)

    @staticmethod
    def parse(text: str) -> "Witness":
        """From C2SP form; BadKey."""
        return Witness(*parse_vkey(text, COSIGNATURE))


class Cosigned(NamedTuple):
    """A good cosignature: whose, and when they say that they gave it (unix s)."""

    name: str
    at_s: int


def cosign(note: bytes, *, name: str, key: Ed25519PrivateKey, at_s: int) -> Signature:
    """The signature line of a body over a checkpoint that it has checked and remembered."""
    check_key_name(name)
    signature = at_s.to_bytes(TIME_BYTES) + key.sign(_message(note, at_s))
    return Signature(name, key_id(name, public_bytes(key), COSIGNATURE), signature)


def open_cosignatures(note: bytes, witnesses: Iterable[Witness]) -> list[Cosigned]:
    """The cosignatures of these bodies on a checkpoint; BadNote if one of them does not fit.

    Signatures of others are passed over.
    """
    read_checkpoint(note)
    _, signatures = split_note(note)
    found = []
    for witness in witnesses:
        identity = key_id(witness.name, public_bytes(witness.public), COSIGNATURE)
        for one in signatures:
            if (one.name, one.key_id) == (witness.name, identity):
                found.append(_opened(note, witness, one.signature))
    return found


def _opened(note: bytes, witness: Witness, signature: bytes) -> Cosigned:
    at_s = int.from_bytes(signature[:TIME_BYTES])
    try:
        if len(signature) != TIME_BYTES + SIGNATURE_BYTES:
            raise InvalidSignature
        witness.public.verify(signature[TIME_BYTES:], _message(note, at_s))
    except InvalidSignature:
        raise BadNote(f"The cosignature of {witness.name} does not fit the checkpoint.") from None
    if at_s > MAX_TIME_S:
        raise BadNote(f"The cosignature of {witness.name} names a time after the year 9999.")
    return Cosigned(witness.name, at_s)


def _message(note: bytes, at_s: int) -> bytes:
    text, _ = split_note(note)
    return f"cosignature/v1\ntime {at_s}\n{text}".encode()


class ToCosign(NamedTuple):
    """A checkpoint on its way to a body that cosigns: what proves it from the size seen last.

    In bytes it is the request of C2SP tlog-witness, whether it travels as a file or by HTTP.
    """

    old: int
    proof: tuple[bytes, ...]
    note: bytes

    def pack(self) -> bytes:
        """`old <size>`, the proof's hashes in base64, a blank line, the checkpoint."""
        lines = "".join(f"{b64(hash)}\n" for hash in self.proof)
        return f"old {self.old}\n{lines}\n".encode() + self.note

    @staticmethod
    def unpack(request: bytes) -> "ToCosign":
        """BadNote if it is none. A checkpoint alone is one from size 0."""
        if not request.startswith(b"old "):
            return ToCosign(0, (), request)
        found = _REQUEST.match(request)
        if not found:
            raise BadNote("This is no checkpoint to cosign: `old <size>`, hashes, a blank line.")
        try:
            proof = tuple(unb64(line) for line in found[2].decode().split())
        except ValueError:
            raise BadNote(f"A hash is base64 of {HASH_BYTES} bytes.") from None
        return ToCosign(int(found[1]), proof, request[found.end() :])


class Policy(NamedTuple):
    """Which logs and which bodies are believed, and how many of the bodies it takes."""

    logs: tuple[LogKey, ...]
    witnesses: Mapping[str, Witness]  # by the name that the policy gives them
    groups: Mapping[str, tuple[int, tuple[str, ...]]]
    quorum: str  # a name, or "none"

    def is_met(self, cosigned: Iterable[Cosigned]) -> bool:
        """Whether those who cosigned are enough."""
        names = {one.name for one in cosigned}
        has = {name: witness.name in names for name, witness in self.witnesses.items()}
        # Members stand above their group, so each is settled once, in order.
        for name, (least, members) in self.groups.items():
            has[name] = sum(has[member] for member in members) >= least
        return self.quorum == "none" or has[self.quorum]


def k_of(witnesses: Iterable[Witness], least: int) -> Policy:
    """The policy that any `least` of these suffice; BadPolicy for one key under two names."""
    named: dict[str, Witness] = {}
    for witness in witnesses:
        if witness.vkey not in named:
            _check_key(witness, named)
        named[witness.vkey] = witness
    return Policy((), named, {"k": (least, tuple(named))}, "k" if named else "none")


def parse_policy(text: str) -> Policy:
    """Read a policy file: `log VKEY`, `witness NAME VKEY`, `group NAME k|any|all MEMBER…`,
    `quorum NAME|none`; # begins a comment. BadPolicy."""
    logs: list[LogKey] = []
    witnesses: dict[str, Witness] = {}
    groups: dict[str, tuple[int, tuple[str, ...]]] = {}
    quorum = ""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        try:
            match words:
                case []:
                    pass
                case ["log", key, *rest] if len(rest) <= 1:
                    logs.append(LogKey.parse(key))
                case ["witness", name, key, *rest] if len(rest) <= 1:
                    _check_new(name, witnesses, groups)
                    witness = Witness.parse(key)
                    _check_key(witness, witnesses)
                    witnesses[name] = witness
                case ["group", *_] if len(groups) == MAX_GROUPS:
                    raise BadPolicy(f"there are at most {MAX_GROUPS} groups")
                case ["group", name, least, *members] if members:
                    _check_new(name, witnesses, groups)
                    groups[name] = (_least(least, members), tuple(members))
                    _check_known(members, witnesses, groups, but=name)
                case ["quorum", name] if not quorum:
                    _check_known([] if name == "none" else [name], witnesses, groups)
                    quorum = name
                case _:
                    raise BadPolicy("there are log, witness, group and one quorum")
        except (BadPolicy, BadKey) as error:
            raise BadPolicy(f"Line {number} of the policy cannot be read: {error}") from None
    if not quorum:
        raise BadPolicy("The policy has no line `quorum NAME` (or `quorum none`).")
    return Policy(tuple(logs), witnesses, groups, quorum)


def _check_new(name: str, *known: Mapping[str, object]) -> None:
    if name == "none" or any(name in names for names in known):
        raise BadPolicy(f"{name} is named twice, or is `none`.")


def _check_key(witness: Witness, known: Mapping[str, Witness]) -> None:
    """One key under two names would cosign for two bodies."""
    key = public_bytes(witness.public)
    if any(public_bytes(other.public) == key for other in known.values()):
        raise BadPolicy(f"The key of {witness.name} is named twice.")


def _check_known(names: Iterable[str], *known: Mapping[str, object], but: str = "") -> None:
    for name in names:
        if name == but or not any(name in there for there in known):
            raise BadPolicy(f"{name} is no witness or group named above.")


def _least(text: str, members: list[str]) -> int:
    least = {"any": 1, "all": len(members)}.get(text)
    if least is None:
        least = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    if not 1 <= least <= len(members) or len(set(members)) < len(members):
        raise BadPolicy(f"{text} of {len(members)} members cannot be.")
    return least
