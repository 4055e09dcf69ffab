"""protocol.md 7: every request's signature."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.names import BadName
from protocol.request import (
    CONFIG_HEADER,
    HEAD_HEADER,
    HEADER,
    LOG_HEADER,
    MAX_SKEW_MS,
    BadSignatureHeader,
    parse_signature,
    sign_request,
    verify_request,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
REQUEST = {
    "server": "hailong.example.vn",
    "method": "POST",
    "target": "/api/v1/journals/x/lines?a=b",
    "body": b"line\n",
}
SIGNATURE = base64.b64encode(bytes(64)).decode()


def header(**changed: object) -> str:
    values = {"kiosk": "k-17", "ms": 1763800530123, "key": KEY} | REQUEST | changed
    return sign_request(**values)  # type: ignore[arg-type]


def verifies(value: str, **changed: object) -> bool:
    signature = parse_signature(value)
    return verify_request(signature, public_key=KEY.public_key(), **(REQUEST | changed))  # type: ignore[arg-type]


def test_the_headers_have_the_names_of_the_protocol() -> None:
    names = (HEADER, HEAD_HEADER, LOG_HEADER, CONFIG_HEADER)
    assert names == ("Hailong-Signature", "Hailong-Head", "Hailong-Log", "Hailong-Config")


def test_the_signature_is_over_the_text_of_the_protocol() -> None:
    kiosk, ms, encoded = header().split(" ")
    assert (kiosk, ms) == ("k-17", "1763800530123")
    text = (
        "hailong/request/v1\nhailong.example.vn\nPOST\n/api/v1/journals/x/lines?a=b\n"
        f"1763800530123\n{hashlib.sha256(REQUEST['body']).hexdigest()}\n"  # type: ignore[arg-type]
    )
    KEY.public_key().verify(base64.b64decode(encoded), text.encode())
    assert verifies(header())


@pytest.mark.parametrize(
    "changed",
    [
        {"server": "other.example.vn"},
        {"server": ""},
        {"method": "PUT"},
        {"body": b"line"},
        {"target": "/api/v1/journals/x/lines"},
        {"target": "/api/v1/journals/x/lines?a=B"},
        {"method": "POST\n"},
        {"target": "/a\n/b"},
        {"target": "/é"},
        {"method": ""},
        {"target": ""},
    ],
)
def test_a_signature_fits_no_other_request(changed: dict[str, object]) -> None:
    assert not verifies(header(), **changed)


def test_a_signature_fits_no_other_time_and_no_other_key() -> None:
    assert not verifies(header().replace("1763800530123", "1763800530124"))
    other = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
    assert not verifies(header(key=other))


def test_an_enrolment_is_signed_as_nobody_for_no_server() -> None:
    value = header(kiosk="-", server="")
    assert parse_signature(value).kiosk == "-"
    assert verifies(value, server="")
    assert not verifies(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "k-17",
        "k-17 5",
        f"k-17  5 {SIGNATURE}",
        f" k-17 5 {SIGNATURE}",
        f"k-17 5 {SIGNATURE} ",
        f"K 5 {SIGNATURE}",
        f"-a 5 {SIGNATURE}",
        f"k 05 {SIGNATURE}",
        f"k -5 {SIGNATURE}",
        f"k 5.0 {SIGNATURE}",
        f"k {2**53} {SIGNATURE}",
        f"k 5 {SIGNATURE[:-1]}",
        f"k 5 {SIGNATURE}\n",
        f"k 5 {SIGNATURE[:-3]}B==",
        f"k 5 {base64.b64encode(bytes(63)).decode()}",
        f"k ٥ {SIGNATURE}",
        f"{'k' * 33} 5 {SIGNATURE}",
        f"k,5,{SIGNATURE}",
    ],
)
def test_an_unreadable_header_is_refused(value: str) -> None:
    with pytest.raises(BadSignatureHeader):
        parse_signature(value)


def test_a_readable_header_gives_its_parts() -> None:
    parsed = parse_signature(f"k-17 0 {SIGNATURE}")
    assert (parsed.kiosk, parsed.ms, parsed.signature) == ("k-17", 0, bytes(64))


def test_the_skew_counts_in_both_directions() -> None:
    parsed = parse_signature(header(ms=1_000_000))
    assert MAX_SKEW_MS == 300_000
    assert parsed.skew_ms(1_300_000) == parsed.skew_ms(700_000) == MAX_SKEW_MS


@pytest.mark.parametrize(
    "changed",
    [
        {"kiosk": "K"},
        {"kiosk": ""},
        {"server": "Upper.vn"},
        {"server": "a..b"},
        {"server": "a" * 65},
        {"method": "post"},
        {"target": "/a b"},
        {"target": "/ồ"},
        {"target": "/a\n"},
        {"ms": -1},
    ],
)
def test_what_cannot_be_verified_is_not_signed(changed: dict[str, object]) -> None:
    with pytest.raises(BadName):
        header(**changed)
