"""What a kiosk knows of a PIN or a badge: enough to check one, too little to read it back."""

import hashlib
import hmac
import os
import re
from typing import Final

from protocol.errors import ProtocolError
from protocol.keys import b64, unb64

SALT_BYTES: Final = 16
_VERIFIER = re.compile(r"scrypt\$([A-Za-z0-9+/]{22}==)\$([A-Za-z0-9+/]{43}=)")


def pin_verifier(*, kiosk: str, official: str, pin: str, salt: bytes | None = None) -> str:
    """`scrypt$<base64 salt>$<base64 32 bytes>`; `salt` is 16 bytes and stays None outside tests."""
    salt = os.urandom(SALT_BYTES) if salt is None else salt
    if len(salt) != SALT_BYTES:
        raise ProtocolError(f"The salt of a PIN verifier has {SALT_BYTES} bytes.")
    return f"scrypt${b64(salt)}${b64(_stretch(kiosk, official, pin, salt))}"


def check_pin(verifier: str, *, kiosk: str, official: str, pin: str) -> bool:
    """Whether the PIN fits, in constant time (about 40 ms); False for an unreadable verifier."""
    found = _VERIFIER.fullmatch(verifier)
    if found is None:
        return False
    try:
        salt, wanted = unb64(found[1]), unb64(found[2])
    except ValueError:
        return False
    return hmac.compare_digest(_stretch(kiosk, official, pin, salt), wanted)


def _stretch(kiosk: str, official: str, pin: str, salt: bytes) -> bytes:
    secret = f"{kiosk}\n{official}\n{pin}".encode()
    return hashlib.scrypt(secret, salt=salt, n=2**14, r=8, p=1, maxmem=1 << 26, dklen=32)


ADMIN: Final = "-"
"""Stands for the official's code in the verifier of the technician's PIN: nobody is called so."""


def badge_verifier(*, kiosk: str, badge: str) -> str:
    """Base64 of 32 bytes from what a badge reader or QR scanner types, white space trimmed.

    One salt for a kiosk, so that one stretch of a badge finds its official among all of them.
    """
    salt = hashlib.sha256(f"hailong/badge/v1\n{kiosk}".encode()).digest()[:SALT_BYTES]
    return b64(_stretch(kiosk, "badge", badge.strip(), salt))
