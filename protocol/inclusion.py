"""The answer of the inclusion door: where a journal's lines stand in the log, with proofs."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from protocol.errors import ProtocolError
from protocol.keys import unb64
from protocol.merkle import HASH_BYTES
from protocol.strict_json import parse_object

MAX_LINES: Final = 100
Index = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Seq = Annotated[int, Meta(ge=1, le=2**53 - 1)]


class BadInclusion(ProtocolError):
    """An answer that is none of this door."""


class LineProof(msgspec.Struct, frozen=True):
    """Line `seq` is entry `index` of the log; proof: RFC 6962, hashes in base64."""

    seq: Seq
    index: Index
    proof: tuple[str, ...]

    def hashes(self) -> list[bytes]:
        """The proof's hashes of 32 bytes; BadInclusion."""
        try:
            found = [unb64(text) for text in self.proof]
        except ValueError:
            found = [b""]
        if any(len(hash) != HASH_BYTES for hash in found):
            raise BadInclusion("A hash of the proof is not base64 of 32 bytes.")
        return found


class Inclusion(msgspec.Struct, frozen=True):
    """The proofs lead to the root of this checkpoint (a note). Lines that are not under it yet are
    left out; without a checkpoint all are."""

    checkpoint: str | None
    lines: tuple[LineProof, ...]


def encode_inclusion(inclusion: Inclusion) -> bytes:
    """The body (application/json) of a 200."""
    return msgspec.json.encode(inclusion)


def decode_inclusion(body: bytes) -> Inclusion:
    """BadInclusion for anything else; unknown keys are ignored."""
    try:
        return msgspec.convert(parse_object(body), Inclusion)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadInclusion(f"The answer holds no proofs: {error}") from None
