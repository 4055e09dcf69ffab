"""protocol.md 7: the answer of the inclusion door."""

import pytest

from protocol.inclusion import (
    BadInclusion,
    Inclusion,
    LineProof,
    decode_inclusion,
    encode_inclusion,
)
from protocol.keys import b64


def test_an_answer_comes_back_as_it_was() -> None:
    proof = (b64(bytes(32)), b64(bytes(range(32))))
    answer = Inclusion("a note\n", (LineProof(12, 9021, proof), LineProof(13, 9022, ())))
    assert decode_inclusion(encode_inclusion(answer)) == answer
    assert answer.lines[0].hashes() == [bytes(32), bytes(range(32))]
    assert decode_inclusion(b'{"checkpoint":null,"lines":[],"later":1}') == Inclusion(None, ())


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b'{"lines":[]}', b'{"checkpoint":null,"lines":[{"seq":1}]}',
        b'{"checkpoint":null,"lines":[{"seq":0,"index":1,"proof":[]}]}',
        b'{"checkpoint":null,"lines":[{"seq":1,"index":-1,"proof":[]}]}',
        b'{"checkpoint":null,"checkpoint":null,"lines":[]}',
    ],
)  # fmt: skip
def test_anything_else_is_no_answer(body: bytes) -> None:
    with pytest.raises(BadInclusion):
        decode_inclusion(body)


@pytest.mark.parametrize("hash", ["", "no base64", b64(bytes(31))])
def test_a_hash_has_32_bytes(hash: str) -> None:
    with pytest.raises(BadInclusion):
        LineProof(1, 1, (hash,)).hashes()
