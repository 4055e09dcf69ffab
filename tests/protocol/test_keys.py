"""protocol.md 1 and 5: base64, Ed25519, and the public keys that are refused."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from protocol.keys import BadKey, P, b64, check_public_key, new_key, public_bytes, unb64

# github.com/C2SP/CCTV ed25519/ed25519vectors.json, commit 1e3d2860d46e: (key, non-canonical).
LOW_ORDER_KEYS = [
    ("0000000000000000000000000000000000000000000000000000000000000000", False),
    ("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", True),
    ("0000000000000000000000000000000000000000000000000000000000000080", False),
    ("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", True),
    ("0100000000000000000000000000000000000000000000000000000000000000", False),
    ("0100000000000000000000000000000000000000000000000000000000000080", True),
    ("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", True),
    ("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", True),
    ("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", False),
    ("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", False),
    ("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", False),
    ("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", False),
    ("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", False),
    ("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", True),
]
# RFC 8032 section 7.1: seed, public key, message, signature.
RFC8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize(("key", "non_canonical"), LOW_ORDER_KEYS)
def test_every_low_order_key_is_refused(key: str, non_canonical: bool) -> None:
    with pytest.raises(BadKey):
        check_public_key(bytes.fromhex(key))


@pytest.mark.parametrize("y", [P, P + 1, P + 3, 2**255 - 1])
@pytest.mark.parametrize("sign", [0, 1 << 255])
def test_a_key_in_non_canonical_form_is_refused(y: int, sign: int) -> None:
    with pytest.raises(BadKey, match="canonical"):
        check_public_key((y | sign).to_bytes(32, "little"))


def test_bytes_that_are_no_point_of_the_curve_are_refused() -> None:
    with pytest.raises(BadKey, match="no point"):
        check_public_key((2).to_bytes(32, "little"))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadKey, match="32 bytes"):
        check_public_key(b"\x05" * length)


@given(st.binary(min_size=32, max_size=32))
def test_every_key_of_a_private_key_is_accepted(seed: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert public_bytes(check_public_key(public_bytes(key))) == public_bytes(key)


def test_new_keys_differ() -> None:
    assert public_bytes(new_key()) != public_bytes(new_key())


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC8032)
def test_signatures_are_those_of_rfc_8032(
    seed: str, public: str, message: str, signature: str
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    assert public_bytes(key).hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    check_public_key(bytes.fromhex(public)).verify(bytes.fromhex(signature), bytes.fromhex(message))


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC8032)
def test_a_signature_whose_s_is_not_below_l_is_refused(
    seed: str, public: str, message: str, signature: str
) -> None:
    raw = bytes.fromhex(signature)
    s = int.from_bytes(raw[32:], "little") + GROUP_ORDER
    forged = raw[:32] + s.to_bytes(32, "little")
    with pytest.raises(InvalidSignature):
        check_public_key(bytes.fromhex(public)).verify(forged, bytes.fromhex(message))


@given(st.binary(max_size=100))
def test_base64_goes_and_comes_back(data: bytes) -> None:
    assert unb64(b64(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        "QQ",
        "QQ=",
        "QQ===",
        "QR==",
        "QUJ=",
        "Q Q=",
        "QQ==\n",
        "QU\nJD",
        "-_8=",
        "QQ==QQ==",
        "é",
        "=",
    ],
)
def test_base64_without_padding_with_breaks_or_loose_pad_bits_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        unb64(text)
