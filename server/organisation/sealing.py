"""Short secrets that kiosks need verifiers of: kept under the server's PIN key, never plain."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12


class CannotOpen(Exception):
    """It was sealed under another key, or for another holder."""


def seal(text: str, *, of: str) -> bytes:
    """The text, readable again by `unseal` with the same `of` alone: copied to another row it
    does not open."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _box().encrypt(nonce, text.encode(), of.encode())


def unseal(sealed: bytes, *, of: str) -> str:
    """What was sealed for `of`. Raises CannotOpen."""
    try:
        return _box().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], of.encode()).decode()
    except (InvalidTag, ValueError):
        raise CannotOpen from None


def _box() -> AESGCM:
    return AESGCM(settings.DATA.pin_key())
