"""Codes for people: read as typed, and the vote code as house rules define it."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.crockford import CROCKFORD, BadCode, read_code, vote_code


def test_the_vote_code_is_the_first_60_bits_of_the_hash() -> None:
    bits = "".join(f"{byte:08b}" for byte in hashlib.sha256(b"a line").digest())[:60]
    letters = [CROCKFORD[int(bits[at : at + 5], 2)] for at in range(0, 60, 5)]
    assert vote_code(b"a line").replace("-", "") == "".join(letters)
    # SHA-256 of the empty string begins e3b0c44298fc1c1 (FIPS 180-4).
    assert vote_code(b"") == "WERC-8GMR-ZGE1"


@given(st.binary(max_size=64))
def test_a_code_is_read_back_however_it_is_typed(line: bytes) -> None:
    code = vote_code(line)
    assert len(code) == 14
    typed = " " + code.lower().replace("1", "l").replace("0", "o").replace("-", "") + " "
    assert read_code(typed, 12) == code.replace("-", "")


@pytest.mark.parametrize("text", ["", "ABCD", "ABCD-EFGH-JKM?", "ÀBCD-EFGH-JKMN", "U" * 12])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(BadCode):
        read_code(text, 12)
