"""protocol.md 6: the table of refusals and the receipt."""

import json
from typing import Any

import msgspec
import pytest

from protocol.problems import (
    PROBLEMS,
    BadAnswer,
    Receipt,
    decode_receipt,
    encode_receipt,
    parse_problem,
    problem,
)

TYPE = "application/problem+json"
MEMBERS: dict[str, dict[str, Any]] = {
    "gap": {"expected": 12},
    "fork": {"seq": 9, "head": "QQ=="},
    "clock": {"server_ms": 5},
    "line": {"line": 3, "seq": None},
}
STATUSES = {
    "body": 400, "key": 401, "clock": 401, "code": 403, "closed": 403, "revoked": 403, "gap": 409,
    "fork": 409, "enrolled": 409, "open": 409, "size": 413, "line": 422, "rate": 429, "busy": 503,
    "media": 415, "absent": 404,
}  # fmt: skip


def test_the_table_has_the_words_and_statuses_of_the_protocol() -> None:
    assert {word: kind.status for word, kind in PROBLEMS.items()} == STATUSES


def test_every_title_is_one_sentence_in_english_and_vietnamese() -> None:
    for kind in PROBLEMS.values():
        assert kind.en.endswith(".")
        assert kind.vi.endswith(".")
        assert kind.en != kind.vi


@pytest.mark.parametrize("word", list(STATUSES))
def test_a_refusal_goes_out_and_is_read_back(word: str) -> None:
    status, body = problem(word, detail="One sentence.", **MEMBERS.get(word, {}))
    content = json.loads(body)
    assert status == STATUSES[word] == content["status"]
    assert content["type"] == f"urn:hailong:problem:{word}"
    assert content.items() >= MEMBERS.get(word, {}).items()  # at the top level
    back = parse_problem(status, TYPE + "; charset=utf-8", body)
    assert back is not None
    assert (back.status, back.word, back.detail) == (status, word, "One sentence.")
    assert back.title == PROBLEMS[word].en
    assert back.members.items() >= MEMBERS.get(word, {}).items()


def test_a_weak_key_at_enrolment_is_422_key() -> None:
    status, body = problem("key", status=422)
    back = parse_problem(status, TYPE, body)
    assert status == 422
    assert back is not None
    assert back.word == "key"
    with pytest.raises(KeyError):
        problem("key", status=400)


def test_a_refusal_outside_the_table_or_without_its_members_is_not_sent() -> None:
    with pytest.raises(KeyError):
        problem("teapot")
    for wrong in ({}, {"expected": None}, {"expected": "12"}, {"expected": True}):
        with pytest.raises(TypeError, match="expected"):
            problem("gap", **wrong)


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        (409, "text/html", problem("gap", expected=1)[1]),
        (409, "application/json", problem("gap", expected=1)[1]),
        (409, "", problem("gap", expected=1)[1]),
        (400, TYPE, problem("gap", expected=1)[1].replace(b"gap", b"fork") + b"x"),
        (403, TYPE, problem("gap", expected=1)[1]),
        (404, TYPE, b'{"type":"about:blank"}'),
        (409, TYPE, b'{"type":"urn:hailong:problem:later"}'),
        (409, TYPE, b'{"type":"urn:hailong:problem:gap"}'),
        (409, TYPE, b'{"type":"urn:hailong:problem:gap","expected":1.0}'),
        (409, TYPE, b'{"type":"urn:hailong:problem:gap","expected":-1}'),
        (409, TYPE, b'{"type":"gap","expected":1}'),
        (409, TYPE, b'{"type":7,"expected":1}'),
        (401, TYPE, b"[]"),
        (401, TYPE, b"<html>"),
        (302, TYPE, b"{}"),
        (500, TYPE, b"{}"),
        (418, TYPE, problem("body")[1]),
    ],
)
def test_a_portals_page_or_an_answer_outside_the_table_is_no_answer(
    status: int, content_type: str, body: bytes
) -> None:
    assert parse_problem(status, content_type, body) is None


@pytest.mark.parametrize(
    ("status", "word"), [(400, "body"), (413, "size"), (415, "media"), (429, "rate"), (503, "busy")]
)
def test_where_the_status_says_all_another_word_still_counts(status: int, word: str) -> None:
    back = parse_problem(status, TYPE, b'{"type":"about:blank","title":"Slow down"}')
    assert back is not None
    assert (back.word, back.title) == (word, "Slow down")


def test_a_receipt_has_the_keys_of_the_protocol() -> None:
    receipt = Receipt(acked=17, server_ms=5, config="3", checkpoint=None, consistency=())
    body = encode_receipt(receipt)
    assert list(json.loads(body)) == ["acked", "server_ms", "config", "checkpoint", "consistency"]
    assert json.loads(body)["checkpoint"] is None
    assert decode_receipt(body) == receipt


def test_unknown_keys_of_a_receipt_are_ignored() -> None:
    body = b'{"acked":1,"server_ms":2,"config":"0","checkpoint":"n","consistency":["QQ=="],"x":[]}'
    assert decode_receipt(body).consistency == ("QQ==",)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"<html>",
        b'{"acked":true,"server_ms":2,"config":"0","checkpoint":null}',
        b'{"acked":"1","server_ms":2,"config":"0","checkpoint":null,"consistency":[]}',
        b'{"acked":-1,"server_ms":2,"config":"0","checkpoint":null,"consistency":[]}',
        b'{"acked":1,"acked":2,"server_ms":2,"config":"0","checkpoint":null,"consistency":[]}',
    ],
)
def test_what_is_no_receipt_is_no_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        decode_receipt(body)


def test_a_receipt_names_new_log_keys_only_while_there_are_any() -> None:
    receipt = Receipt(acked=17, server_ms=5, config="3", checkpoint=None)
    assert b"log_keys" not in encode_receipt(receipt)
    changing = msgspec.structs.replace(receipt, log_keys=("a note\n",))
    assert decode_receipt(encode_receipt(changing)) == changing
    assert decode_receipt(encode_receipt(receipt)) == receipt
