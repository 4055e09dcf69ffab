"""The signature that every request carries, and the names of our headers."""

import hashlib
import re
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol.envelope import MAX_INT
from protocol.errors import ProtocolError
from protocol.keys import b64, unb64
from protocol.names import KIOSK_ID, BadName, check_kiosk_id, check_server_name

HEADER: Final = "Hailong-Signature"
HEAD_HEADER: Final = "Hailong-Head"
LOG_HEADER: Final = "Hailong-Log"
CONFIG_HEADER: Final = "Hailong-Config"
MAX_SKEW_MS: Final = 300_000
NOBODY: Final = "-"  # the kiosk id of a device that is not enrolled yet

_HEADER = re.compile(rf"(-|{KIOSK_ID}) (0|[1-9][0-9]{{0,15}}) ([A-Za-z0-9+/]{{86}}==)")
_TARGET = re.compile(r"[\x21-\x7e]+")
_METHOD = re.compile(r"[A-Z]+")


class BadSignatureHeader(ProtocolError):
    """A Hailong-Signature header that cannot be read."""


class RequestSignature(msgspec.Struct, frozen=True):
    """Who signed (`-` before enrolment), when by their clock (unix ms), and the 64 bytes."""

    kiosk: str
    ms: int
    signature: bytes

    def skew_ms(self, now_ms: int) -> int:
        """How far the sender's clock is from `now_ms`; above MAX_SKEW_MS means 401 clock."""
        return abs(self.ms - now_ms)


def sign_request(
    *,
    kiosk: str,
    server: str,
    method: str,
    target: str,
    ms: int,
    body: bytes,
    key: Ed25519PrivateKey,
) -> str:
    """The header's value. `target` is the request target as sent, query included.

    An enrolment signs with kiosk `-` and an empty server name. Raises BadName.
    """
    if kiosk != NOBODY:
        check_kiosk_id(kiosk)
    if server:
        check_server_name(server)
    if not (0 <= ms <= MAX_INT and _METHOD.fullmatch(method) and _TARGET.fullmatch(target)):
        raise BadName("A request is signed over an upper-case method, an ASCII target and unix ms.")
    signature = key.sign(_signed_text(server, method, target, ms, body))
    return f"{kiosk} {ms} {b64(signature)}"


def parse_signature(header: str) -> RequestSignature:
    """Read the header's value, nothing verified yet; BadSignatureHeader if it is not one."""
    found = _HEADER.fullmatch(header)
    if found is None or int(found[2]) > MAX_INT:
        raise BadSignatureHeader(f"{HEADER} reads <kiosk id> <unix ms> <base64 of 64 bytes>.")
    try:
        signature = unb64(found[3])
    except ValueError:
        raise BadSignatureHeader(f"The signature in {HEADER} is not strict base64.") from None
    return RequestSignature(found[1], int(found[2]), signature)


def verify_request(
    sig: RequestSignature,
    *,
    server: str,
    method: str,
    target: str,
    body: bytes,
    public_key: Ed25519PublicKey,
) -> bool:
    """Whether the signature fits this request under the key; the clock is skew_ms's question."""
    if not (_METHOD.fullmatch(method) and _TARGET.fullmatch(target)):
        return False
    try:
        public_key.verify(sig.signature, _signed_text(server, method, target, sig.ms, body))
    except InvalidSignature:
        return False
    return True


def _signed_text(server: str, method: str, target: str, ms: int, body: bytes) -> bytes:
    digest = hashlib.sha256(body).hexdigest()
    return f"hailong/request/v1\n{server}\n{method}\n{target}\n{ms}\n{digest}\n".encode()
