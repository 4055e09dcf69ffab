"""Ed25519 keys and strict base64: the only door through which a public key comes in."""

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol.errors import ProtocolError

KEY_BYTES = 32
SIGNATURE_BYTES = 64

# RFC 8032: the field is the integers modulo P, the curve -x² + y² = 1 + D·x²·y².
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
# The y of the points of order 4, 1, 2, 8 and 8: under such a key one signature fits many messages.
_ORDER_8_Y = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
LOW_ORDER_Y = frozenset({0, 1, P - 1, _ORDER_8_Y, P - _ORDER_8_Y})


class BadKey(ProtocolError):
    """A public key or verifier key that is not to be trusted with a signature."""


def new_key() -> Ed25519PrivateKey:
    """A fresh private key from the operating system's randomness."""
    return Ed25519PrivateKey.generate()


def public_bytes(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    """The 32 bytes of a key's public half (RFC 8032)."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public.public_bytes_raw()


def check_public_key(raw: bytes) -> Ed25519PublicKey:
    """Load 32 raw bytes as a public key.

    Raises BadKey for another length, a non-canonical or low-order encoding (C2SP CCTV's list),
    or bytes that are no point of the curve.
    """
    if len(raw) != KEY_BYTES:
        raise BadKey(f"An Ed25519 public key has {KEY_BYTES} bytes, this one {len(raw)}.")
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= P:
        raise BadKey("The public key is not in canonical form; make a new key.")
    if y in LOW_ORDER_Y:
        raise BadKey("The public key is a point of low order; make a new key.")
    if not _is_on_curve(y):
        raise BadKey("The public key is no point of the Ed25519 curve; make a new key.")
    return Ed25519PublicKey.from_public_bytes(raw)


def _is_on_curve(y: int) -> bool:
    """Whether x² = (y² - 1) / (D·y² + 1) has a root modulo P (Euler's criterion)."""
    y2 = y * y % P
    square = (y2 - 1) * (D * y2 + 1)  # times the divisor's square: same quadratic character
    return pow(square, (P - 1) // 2, P) == 1


def b64(data: bytes) -> str:
    """RFC 4648 section 4 with padding, no line breaks."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: str) -> bytes:
    """The bytes of strict base64; ValueError for breaks, missing padding or non-zero pad bits."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("This is not base64 with padding and without line breaks.") from None
    if b64(data) != text:
        raise ValueError("This base64 has padding or pad bits that are not zero or not needed.")
    return data
