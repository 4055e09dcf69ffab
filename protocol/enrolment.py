"""Enrolment codes, and the two bodies of the enrolment door."""

import hashlib
import secrets
from typing import Final

import msgspec

from protocol.crockford import CROCKFORD, BadCode, read_code
from protocol.errors import ProtocolError
from protocol.strict_json import parse_object

CODE_LENGTH: Final = 10
TARGET: Final = "/api/v1/enrolments"


class BadEnrolment(ProtocolError):
    """A body of the enrolment door that cannot be read."""


class EnrolmentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a device sends: its code as typed, its public key in base64, its new journal."""

    code: str
    public_key: str
    journal: str
    hardware: dict[str, object]


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """What the server answers (201): who the device is from now on."""

    kiosk: str
    name: str
    server: str
    log_key: str
    config_key: str
    server_ms: int


def new_code() -> str:
    """A fresh code as people read it: ABCD-EFGH-JK, 50 bits of Crockford base32."""
    code = "".join(secrets.choice(CROCKFORD) for _ in range(CODE_LENGTH))
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def normalize_code(code: str) -> str:
    """The 10 upper-case characters of a typed code (I and L read as 1, O as 0).

    Case, hyphens and blanks around it are ignored; ValueError for anything else.
    """
    try:
        return read_code(code, CODE_LENGTH)
    except BadCode:
        raise ValueError(
            "A code has 10 letters and digits, such as ABCD-EFGH-JK; read it again."
        ) from None


def hash_code(code: str) -> str:
    """What is stored of a code: hex SHA-256 of its normal form (ValueError if it has none)."""
    return hashlib.sha256(f"hailong/enrolment/v1\n{normalize_code(code)}\n".encode()).hexdigest()


def read_enrolment_request(body: bytes) -> EnrolmentRequest:
    """Shapes only; code, key and journal are checked by their own rooms. Raises BadEnrolment."""
    try:
        return msgspec.convert(parse_object(body), EnrolmentRequest)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadEnrolment(f"The enrolment request cannot be read: {error}") from None


def read_enrolled(body: bytes) -> Enrolled:
    """The server's answer; unknown keys are ignored. Raises BadEnrolment."""
    try:
        return msgspec.convert(parse_object(body), Enrolled)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadEnrolment(f"The answer to the enrolment cannot be read: {error}") from None
