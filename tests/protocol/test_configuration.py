"""protocol.md 7: the configuration's body and note, and PIN verifiers."""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.configuration import (
    BadConfig,
    check_reasons,
    default_reasons,
    encode_config,
    open_config,
    read_config,
    sign_config,
)
from protocol.errors import ProtocolError
from protocol.keys import public_bytes
from protocol.note import BadNote, sign_note, vkey
from protocol.verifiers import badge_verifier, check_pin, pin_verifier

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CONFIG_KEY = vkey("s.vn/config", public_bytes(KEY))
BODY: dict[str, Any] = {
    "v": 1,
    "kiosk": {"id": "k-17", "name": "Quầy số 1"},
    "unit": {"code": "99001", "name": "Xã mẫu"},
    "counter": {"code": "99001-1", "number": 1, "name": "Hộ tịch"},
    "timezone": "Asia/Ho_Chi_Minh",
    "scale": "vn5",
    "locales": ["vi", "en"],
    "question": {"vi": "Ông/Bà có hài lòng không?", "en": "Are you satisfied?"},
    "reasons": [
        {"code": "R6", "ratings": [1, 2], "label": {"vi": "Sách nhiễu"}},
        {"code": "R9", "ratings": [1, 2, 3], "label": {}},
        {"code": "P1", "ratings": [3, 4, 5], "label": {}},
        {"code": "P2", "ratings": [4, 5], "label": {}},
    ],
    "show_official": False,
    "officials": [{"code": "CB-0101", "name": "A", "title": "Công chức", "pin": "scrypt$x$y"}],
    "hours": [{"days": [1, 2, 3, 4, 5], "start": "07:30", "end": "11:30"}],
    "undo_s": 10,
    "heartbeat_every_s": 60,
    "invite": True,
}
RAW = json.dumps(BODY, ensure_ascii=False).encode()


def test_the_body_is_read_and_unknown_keys_are_ignored() -> None:
    config = read_config(json.dumps(BODY | {"later": {"x": 1}}).encode())
    assert config == read_config(RAW)
    assert (config.kiosk.id, config.counter.number, config.scale) == ("k-17", 1, "vn5")
    assert config.officials[0].code == "CB-0101"
    assert config.show_official is False
    assert read_config(encode_config(config)) == config


def test_an_officials_name_is_shown_only_if_the_body_says_so() -> None:
    quiet = {k: v for k, v in BODY.items() if k != "show_official"}
    assert read_config(json.dumps(quiet).encode()).show_official is False


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 2}, {"scale": "vn6"}, {"locales": []}, {"question": {"vi": "?"}}, {"undo_s": -1},
        {"undo_s": 61}, {"heartbeat_every_s": 0}, {"officials": [{"code": 1}]}, {"kiosk": None},
        {"reasons": [{"code": "R1", "ratings": [6], "label": {}}]}, {"show_official": 1},
        {"show_official": True}, {"show_official": True, "legal_basis": " "},
        {"timezone": "Asia/Nowhere"}, {"timezone": "../x"}, {"follow_up_s": 4},
        {"hours": [{"days": [8], "start": "07:30", "end": "11:30"}]},
        {"hours": [{"days": [1], "start": "11:30", "end": "11:30"}]},
        {"hours": [{"days": [1], "start": "7:30", "end": "11:30"}]},
        {"hours": [{"days": [1], "start": "07:30", "end": "24:30"}]},
        {"rate_url": "javascript:alert(1)"}, {"pictures": ["../../etc/passwd"]},
        {"officials": [{"code": "CB-1", "name": "A", "photo": "x"}]},
        {"voice": {"percent": 101}},
    ],
    ids=repr,
)  # fmt: skip
def test_a_body_that_cannot_be_used_is_refused_with_a_sentence(changed: dict[str, Any]) -> None:
    with pytest.raises(BadConfig, match="cannot be used"):
        read_config(json.dumps(BODY | changed).encode())


def reasons(**ratings: list[int]) -> list[dict[str, Any]]:
    return [{"code": code, "ratings": after, "label": {}} for code, after in ratings.items()]


FAIR = {"R6": [1, 2], "R9": [1, 2, 3], "P1": [3, 4, 5], "P2": [4, 5]}


@pytest.mark.parametrize(
    ("unfair", "why"),
    [
        (reasons(**FAIR | {"R6": [1], "R1": [2]}), "R6 and R9"),
        (reasons(**FAIR | {"R9": [3], "R1": [1, 2]}), "R6 and R9"),
        (reasons(**FAIR, R1=[1]), "as many reasons"),
        (reasons(**FAIR | {"P1": [4, 5], "R1": [3], "P3": [4, 5], "R2": [1, 2, 3], "R3": [1, 2]},
                 ), "as many"),
        (reasons(**FAIR | {"R9": [1, 2], "P2": [3, 4, 5]}), "as many R as P"),
        (reasons(**FAIR) + reasons(R6=[1]), "twice"),
        (reasons(**FAIR, R77=[]), "no words"),
        (reasons(**{f"R{n}": [1, 2] for n in range(10)}, **{f"P{n}": [4, 5] for n in range(1, 7)},
                 P11=[4, 5]), "no words|as many|more than"),
    ],
    ids=str,
)  # fmt: skip
def test_reasons_that_treat_ratings_unlike_are_refused(
    unfair: list[dict[str, Any]], why: str
) -> None:
    with pytest.raises(BadConfig, match=why):
        read_config(json.dumps(BODY | {"reasons": unfair}).encode())


def test_at_most_six_reasons_are_offered() -> None:
    many = {f"R{n}": [1, 2] for n in range(3, 10)} | {f"P{n}": [4, 5] for n in range(1, 7)}
    body = BODY | {"scale": "vn4", "reasons": reasons(**many)}
    body["reasons"].append({"code": "P7", "ratings": [4, 5], "label": {"vi": "a", "en": "b"}})
    with pytest.raises(BadConfig, match="more than 6"):
        read_config(json.dumps(body).encode())


def test_no_reasons_at_all_are_fair_and_so_are_those_that_nobody_chose() -> None:
    assert read_config(json.dumps(BODY | {"reasons": []}).encode()).reasons == ()
    chosen = default_reasons()
    for scale in ("vn5", "vn4", "vn3"):
        check_reasons(chosen, scale, ("vi", "en"))
    assert {r: sum(r in c.ratings for c in chosen) for r in (1, 2, 3, 4, 5)} == dict.fromkeys(
        (1, 2, 3, 4, 5), 6
    )


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"v":1,"v":1}'])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadConfig):
        read_config(body)


def note(**changed: Any) -> bytes:
    values = {"server": "s.vn", "kiosk": "k-17", "version": 12, "body": RAW, "key": KEY}
    return sign_config(**(values | changed))


def opened(raw: bytes, **changed: Any) -> int:
    values = {"server": "s.vn", "kiosk": "k-17", "config_key": CONFIG_KEY, "body": RAW}
    return open_config(raw, **(values | changed))


def test_the_note_has_the_lines_of_the_protocol_and_is_signed_by_the_config_key() -> None:
    text, _, signature = note().decode().partition("\n\n")
    hashed = base64.b64encode(hashlib.sha256(RAW).digest()).decode()
    assert text.split("\n") == ["s.vn/config/k-17", "12", hashed]
    assert signature.startswith("— s.vn/config ")
    assert opened(note()) == 12
    assert opened(note(version=0)) == 0


def test_a_configuration_for_another_kiosk_server_or_body_is_refused() -> None:
    with pytest.raises(BadNote, match="is for"):
        opened(note(kiosk="k-18"))
    with pytest.raises(BadNote):
        opened(note(server="other.vn"))
    with pytest.raises(BadNote, match="not the ones"):
        opened(note(), body=RAW + b" ")
    with pytest.raises(BadNote, match="held is"):
        opened(note(server="other.vn"), server="other.vn")


def test_a_configuration_of_another_key_is_refused() -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
    with pytest.raises(BadNote, match="no signature"):
        opened(note(key=other))
    with pytest.raises(BadNote, match="no use"):
        opened(note(), config_key="nonsense")
    log_key = vkey("s.vn/log", public_bytes(KEY))
    with pytest.raises(BadNote):
        opened(note(), config_key=log_key)


def test_any_changed_byte_of_the_note_is_refused() -> None:
    raw = note()
    for i in range(len(raw)):
        with pytest.raises(BadNote):
            opened(raw[:i] + bytes([raw[i] ^ 1]) + raw[i + 1 :])


def test_a_note_of_another_form_is_refused_even_if_signed() -> None:
    for text in ("s.vn/config/k-17\n12\n", note().decode().partition("\n\n")[0] + "\nmore\n"):
        with pytest.raises(BadNote):
            opened(sign_note(text, [("s.vn/config", KEY)]))


def test_a_version_that_cannot_be_is_not_signed() -> None:
    for version in (-1, 2**53):
        with pytest.raises(BadNote):
            note(version=version)


def test_a_pin_verifier_is_scrypt_over_kiosk_official_and_pin() -> None:
    salt = bytes(range(16))
    expected = hashlib.scrypt(b"k-17\nCB-0101\n0101", salt=salt, n=16384, r=8, p=1, dklen=32)
    verifier = pin_verifier(kiosk="k-17", official="CB-0101", pin="0101", salt=salt)
    parts = [base64.b64encode(part).decode() for part in (salt, expected)]
    assert verifier == "$".join(["scrypt", *parts])
    assert check_pin(verifier, kiosk="k-17", official="CB-0101", pin="0101")


def test_a_pin_fits_one_kiosk_and_one_official_only() -> None:
    verifier = pin_verifier(kiosk="k-17", official="CB-0101", pin="0101")
    assert verifier != pin_verifier(kiosk="k-17", official="CB-0101", pin="0101")
    for kiosk, official, pin in (
        ("k-18", "CB-0101", "0101"), ("k-17", "CB-0102", "0101"), ("k-17", "CB-0101", "0102"),
    ):  # fmt: skip
        assert not check_pin(verifier, kiosk=kiosk, official=official, pin=pin)


@pytest.mark.parametrize(
    "verifier",
    [
        "",
        "scrypt$$",
        "plain$0101",
        "scrypt$AAAAAAAAAAAAAAAAAAAAAA==$short",
        "scrypt$AAAAAAAAAAAAAAAAAAAAAB==$" + "A" * 43 + "=",
    ],
)
def test_an_unreadable_verifier_fits_no_pin(verifier: str) -> None:
    assert not check_pin(verifier, kiosk="k-17", official="CB-0101", pin="0101")


def test_a_salt_of_another_length_is_refused() -> None:
    with pytest.raises(ProtocolError):
        pin_verifier(kiosk="k", official="o", pin="1", salt=b"short")


def test_a_badge_verifier_is_one_stretch_for_the_whole_kiosk() -> None:
    salt = hashlib.sha256(b"hailong/badge/v1\nk-17").digest()[:16]
    stretched = hashlib.scrypt(b"k-17\nbadge\n0007123", salt=salt, n=16384, r=8, p=1, dklen=32)
    verifier = badge_verifier(kiosk="k-17", badge=" 0007123 ")
    assert verifier == base64.b64encode(stretched).decode()
    assert verifier != badge_verifier(kiosk="k-18", badge="0007123")
