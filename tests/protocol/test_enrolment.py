"""protocol.md 5: codes, and the two bodies of the enrolment door."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.crockford import CROCKFORD
from protocol.enrolment import (
    BadEnrolment,
    hash_code,
    new_code,
    normalize_code,
    read_enrolled,
    read_enrolment_request,
)


def test_a_code_is_ten_characters_of_crockford_base32_in_three_groups() -> None:
    assert len(CROCKFORD) == 32
    assert not set("ILOU") & set(CROCKFORD)
    codes = {new_code() for _ in range(100)}
    assert len(codes) == 100
    assert all(
        re.fullmatch(rf"[{CROCKFORD}]{{4}}-[{CROCKFORD}]{{4}}-[{CROCKFORD}]{{2}}", c) for c in codes
    )


@given(st.text(CROCKFORD, min_size=10, max_size=10), st.randoms())
def test_case_hyphens_and_look_alikes_are_ignored(code: str, random: object) -> None:
    typed = code.lower().replace("1", "l").replace("0", "o")
    typed = "-".join([typed[:2], typed[2:7], "", typed[7:]])
    assert normalize_code(typed) == normalize_code(code) == code
    assert hash_code(typed) == hash_code(code)
    assert normalize_code(code.replace("1", "I").replace("0", "O")) == code


def test_a_pasted_code_may_have_blanks_around_it() -> None:
    assert normalize_code(" abcd-efgh-jk\n") == "ABCDEFGHJK"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ABCD-EFGH-J",
        "ABCD-EFGH-JKM",
        "ABCD-EFGH-JU",
        "ABCD EFGH JK",
        "ABCD-EFGH-Jı",
        "ABCD-EFGH-J!",
    ],
)
def test_what_is_no_code_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match="10 letters and digits"):
        normalize_code(typed)


def test_a_code_is_stored_as_a_hash_that_differs_for_every_code() -> None:
    assert re.fullmatch("[0-9a-f]{64}", hash_code("ABCD-EFGH-JK"))
    assert hash_code("ABCD-EFGH-JK") != hash_code("ABCD-EFGH-JM")


REQUEST = {
    "code": "ABCD-EFGH-JK",
    "public_key": "QQ==",
    "journal": "x",
    "hardware": {"model": "Pi 5"},
}
ANSWER = {
    "kiosk": "k-17", "name": "Quầy 1", "server": "s.vn", "log_key": "a", "config_key": "b",
    "server_ms": 5,
}  # fmt: skip


def test_the_bodies_are_read_and_unknown_keys_ignored() -> None:
    request = read_enrolment_request(json.dumps(REQUEST | {"later": 1}).encode())
    assert (request.code, request.hardware) == ("ABCD-EFGH-JK", {"model": "Pi 5"})
    answer = read_enrolled(json.dumps(ANSWER | {"later": 1}).encode())
    assert (answer.kiosk, answer.server, answer.server_ms) == ("k-17", "s.vn", 5)


@pytest.mark.parametrize("key", list(REQUEST))
def test_an_enrolment_request_without_a_key_or_of_another_kind_is_refused(key: str) -> None:
    with pytest.raises(BadEnrolment):
        read_enrolment_request(json.dumps({k: v for k, v in REQUEST.items() if k != key}).encode())
    with pytest.raises(BadEnrolment):
        read_enrolment_request(json.dumps(REQUEST | {key: 5}).encode())


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"\xff", b'{"kiosk":"a","kiosk":"b"}'])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    for read in (read_enrolment_request, read_enrolled):
        with pytest.raises(BadEnrolment):
            read(body)
