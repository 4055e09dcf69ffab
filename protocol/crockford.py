"""Codes that people read, say and type: Crockford base32, and the vote code."""

import hashlib
from typing import Final

from protocol.errors import ProtocolError

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VOTE_CODE_CHARACTERS: Final = 12  # of 5 bits: the first 60 bits of the line's hash
_LOOK_ALIKES = str.maketrans("ILO", "110")


class BadCode(ProtocolError, ValueError):
    """Text that is no such code."""


def read_code(text: str, length: int) -> str:
    """The upper-case characters of a typed code (I and L read as 1, O as 0); case, hyphens and
    blanks around it are ignored. BadCode unless there are `length` of them."""
    plain = text.strip().replace("-", "")
    normal = plain.upper().translate(_LOOK_ALIKES) if plain.isascii() else ""
    if len(normal) != length or not set(normal) <= set(CROCKFORD):
        raise BadCode(f"This code has {length} letters and digits; read it again.")
    return normal


def vote_code(line: bytes) -> str:
    """A vote line's code, XXXX-XXXX-XXXX: the first 60 bits of its SHA-256. The line's salt makes
    it unguessable, and it says nothing of the rating to whoever has not the line."""
    bits = int.from_bytes(hashlib.sha256(line).digest()[:8]) >> 4
    code = "".join(
        CROCKFORD[bits >> shift & 31] for shift in range(5 * VOTE_CODE_CHARACTERS - 5, -1, -5)
    )
    return "-".join(code[at : at + 4] for at in range(0, VOTE_CODE_CHARACTERS, 4))
