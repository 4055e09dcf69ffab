"""The media door: pictures named by their hash, what counts as one, and how large it may be."""

import hashlib
from typing import Final, Literal, NamedTuple

from protocol.errors import ProtocolError

MAX_MEDIA_BYTES: Final = 2 << 20
MAX_MEDIA_PIXELS: Final = 4_000_000
MEDIA_PATH: Final = "/api/v1/media/"
_PNG: Final = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
_JPEG: Final = b"\xff\xd8\xff"
# Start of frame: C0 to CF but for Huffman tables, a reserved one and arithmetic coding's.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_END: Final = frozenset({0xD9, 0xDA})  # of the picture, or of what stands before its pixels


class BadPicture(ProtocolError):
    """Bytes that are no picture a kiosk may show; str() is one sentence."""


class Picture(NamedTuple):
    """A picture's SHA-256 (hex), kind, and pixels across and down."""

    sha256: str
    kind: Literal["png", "jpeg"]
    width: int
    height: int


def read_picture(body: bytes) -> Picture:
    """What a picture's header says; BadPicture unless it is PNG or JPEG within the bounds."""
    if len(body) > MAX_MEDIA_BYTES:
        raise BadPicture(f"A picture has at most {MAX_MEDIA_BYTES >> 20} MiB.")
    kind: Literal["png", "jpeg"]
    if body.startswith(_PNG):
        kind, (height, width) = "png", (_number(body, 20, 4), _number(body, 16, 4))
    elif body.startswith(_JPEG):
        kind, (height, width) = "jpeg", _jpeg_size(body)
    else:
        raise BadPicture("A picture is a PNG or JPEG file.")
    if not 0 < width * height <= MAX_MEDIA_PIXELS:
        raise BadPicture(
            f"A picture has at most {MAX_MEDIA_PIXELS:,} pixels, not {width} × {height}."
        )
    return Picture(hashlib.sha256(body).hexdigest(), kind, width, height)


def _jpeg_size(body: bytes) -> tuple[int, int]:
    """Height and width from the first start-of-frame segment (ITU-T T.81, B.1 and B.2.2)."""
    at = 2
    while body[at : at + 1] == b"\xff" and at + 1 < len(body):
        marker = body[at + 1]
        if marker in _FRAMES and at + 9 <= len(body):
            return _number(body, at + 5, 2), _number(body, at + 7, 2)
        if marker in _END:
            break
        if marker == 0xFF:  # a fill byte
            at += 1
        else:
            at += 2 if marker in _WITHOUT_LENGTH else 2 + _number(body, at + 2, 2)
    raise BadPicture("This JPEG does not say how large it is.")


def _number(body: bytes, at: int, size: int) -> int:
    return int.from_bytes(body[at : at + size], "big")
