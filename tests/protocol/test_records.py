"""protocol.md 2 and 3: what makes a record understood, type by type."""

import datetime as dt
import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.rating import POSITIVE_REASONS, RATINGS, REASONS, SCALES, WORDS, roll_up
from protocol.records import TYPE_OF, TYPES, NotUnderstood, Record, encode_data, understand

MAX = 2**53 - 1
GOOD: dict[str, dict[str, Any]] = {
    "vote": {
        "rating": 4, "scale": "vn5", "via": "button", "locale": "vi", "duty": 12,
        "counter": "99001-1", "not_official": False, "dossier": "H01-7", "invited": False,
    },
    "vote.revised": {"vote": 17, "rating": 2},
    "vote.reasons": {"vote": 17, "reasons": ["R1", "R3"], "outcome": "answered"},
    "vote.comment": {"vote": 17, "commitment": "0f" * 32},
    "duty.started": {"official": "CB-0117", "by": "pin"},
    "duty.ended": {"duty": 12, "by": "official"},
    "place": {"place": "P1", "name": "Nhà văn hóa"},
    "boot": {"software": "1.2.0", "os": "Debian 12", "hardware": "Pi 5", "cause": "start"},
    "clock": {"server_ms": 1763800530123, "rtt_ms": 42, "wall_ms": 1763800530000, "mono_ms": 9},
    "day": {"date": "2026-11-22", "counts": {"1": 0, "5": 7}, "uptime_s": 3600, "suppressed": 3},
    "fault": {"part": "button-3", "kind": "stuck", "since_ms": 1763800530123},
    "fault.cleared": {"part": "button-3", "kind": "stuck", "since_ms": 1763800530123},
    "suppressed": {"count": 9, "from_mono_ms": 1, "to_mono_ms": 2, "why": "bounce"},
    "checkpoint": {"note": "text\n\n— signature\n"},
    "contradiction": {"notes": ["a", "b"], "proof": ["QQ==", ""]},
    "test": {"rating": 4},
    "order": {"order": 7, "what": "selftest", "outcome": "done", "findings": {"lamps": "ok"}},
}  # fmt: skip
NULLABLE = {("vote", "duty"), ("vote", "counter"), ("vote", "dossier")}
KEYS = [(name, key) for name, data in GOOD.items() for key in data]


def read(name: str, data: object) -> Record:
    return understand(name, json.dumps(data, ensure_ascii=False).encode())


def refuse(name: str, data: object | bytes) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    with pytest.raises(NotUnderstood) as caught:
        understand(name, raw)
    return str(caught.value)


def test_every_type_of_the_table_is_known_and_no_other() -> None:
    assert set(TYPES) == set(GOOD)
    assert set(get_args(Record)) == set(TYPES.values()) == set(TYPE_OF)


@pytest.mark.parametrize("name", list(GOOD))
def test_a_good_record_is_understood_and_written_back_the_same(name: str) -> None:
    record = read(name, GOOD[name])
    assert type(record) is TYPES[name]
    assert json.loads(encode_data(record)) == GOOD[name]
    assert list(json.loads(encode_data(record))) == list(GOOD[name])  # the table's order
    assert understand(name, encode_data(record)) == record


@pytest.mark.parametrize(("name", "key"), KEYS)
def test_a_missing_key_is_not_understood(name: str, key: str) -> None:
    assert key in refuse(name, {k: v for k, v in GOOD[name].items() if k != key})


@pytest.mark.parametrize(("name", "key"), KEYS)
def test_a_value_of_another_kind_is_not_understood(name: str, key: str) -> None:
    good = GOOD[name][key]
    for wrong in (None, True, 1.5, "x\u00e9", 3, [None], {"a": 1}, [[1]]):
        if type(wrong) is type(good) and not isinstance(wrong, (list, dict)):
            continue
        if wrong is None and (name, key) in NULLABLE:
            continue
        refuse(name, GOOD[name] | {key: wrong})


@pytest.mark.parametrize(("name", "key"), [(n, k) for n, k in KEYS if type(GOOD[n][k]) is int])
def test_true_is_no_integer_and_1_0_is_no_integer(name: str, key: str) -> None:
    for wrong in (True, False, 1.0, 4.0, "4", 1e3):
        refuse(name, GOOD[name] | {key: wrong})
    raw = json.dumps(GOOD[name] | {key: "@"}).encode()
    for text in (b"1e0", b"4.0", b"04", b"+4", str(2**53).encode(), b"9" * 400):
        refuse(name, raw.replace(b'"@"', text))


@pytest.mark.parametrize(("name", "key"), sorted(NULLABLE))
def test_duty_counter_and_dossier_of_a_vote_may_be_null(name: str, key: str) -> None:
    assert getattr(read(name, GOOD[name] | {key: None}), key) is None


@pytest.mark.parametrize("name", list(GOOD))
def test_unknown_keys_are_ignored(name: str) -> None:
    more = GOOD[name] | {"later": {"a": [1, 2.5, None, "x"]}}
    assert read(name, more) == read(name, GOOD[name])


@pytest.mark.parametrize(
    ("name", "key", "allowed"),
    [
        ("vote", "scale", ["vn5", "vn4", "vn3"]),
        ("vote", "via", ["button", "touch", "keyboard", "qr", "paper"]),
        ("vote.reasons", "outcome", ["answered", "skipped", "timeout"]),
        ("duty.started", "by", ["pin", "badge", "qr", "remote"]),
        ("duty.ended", "by", ["official", "next", "idle", "closing", "restart"]),
        ("boot", "cause", ["start", "crash", "watchdog"]),
        ("suppressed", "why", ["bounce", "repeat", "burst"]),
    ],
)
def test_a_word_outside_its_list_is_not_understood(name: str, key: str, allowed: list[str]) -> None:
    for word in allowed:
        assert getattr(read(name, GOOD[name] | {key: word}), key) == word
    for word in ("", "other", allowed[0].upper(), allowed[0] + " "):
        refuse(name, GOOD[name] | {key: word})


@pytest.mark.parametrize("rating", range(-1, 8))
@pytest.mark.parametrize("scale", list(SCALES))
def test_a_rating_outside_its_scale_is_not_understood(scale: str, rating: int) -> None:
    data = GOOD["vote"] | {"scale": scale, "rating": rating}
    if rating in SCALES[scale]:
        assert read("vote", data).rating == rating  # type: ignore[union-attr]
    else:
        refuse("vote", data)


def test_a_revised_or_test_rating_is_1_to_5() -> None:
    for name in ("vote.revised", "test"):
        for rating in (0, 6, -1):
            refuse(name, GOOD[name] | {"rating": rating})


def test_a_commitment_is_64_lower_case_hex_digits() -> None:
    for wrong in ("0F" * 32, "0f" * 31, "0f" * 32 + "\n", "0g" * 32):
        refuse("vote.comment", GOOD["vote.comment"] | {"commitment": wrong})


def test_a_day_is_a_real_date() -> None:
    assert read("day", GOOD["day"]).date == dt.date(2026, 11, 22)  # type: ignore[union-attr]
    for wrong in ("2026-02-29", "20261122", "2026-11-22T00:00:00", "22-11-2026", "2026-1-2"):
        refuse("day", GOOD["day"] | {"date": wrong})


def test_a_days_counts_are_by_rating_and_not_negative() -> None:
    for wrong in ({"6": 1}, {"1": -1}, {"1": True}, {"01": 1}):
        refuse("day", GOOD["day"] | {"counts": wrong})


def test_the_proof_of_a_contradiction_is_base64() -> None:
    refuse("contradiction", GOOD["contradiction"] | {"proof": ["QR=="]})


def test_references_name_a_seq_but_a_votes_bad_duty_lets_the_vote_stand() -> None:
    for name in ("vote.revised", "vote.reasons", "vote.comment"):
        refuse(name, GOOD[name] | {"vote": 0})
    assert read("vote", GOOD["vote"] | {"duty": 0}).duty == 0  # type: ignore[union-attr]
    assert read("vote", GOOD["vote"] | {"duty": -3}).duty == -3  # type: ignore[union-attr]


def test_a_clock_may_say_what_only_cast_time_judges() -> None:
    odd = GOOD["clock"] | {"rtt_ms": -5, "server_ms": 0}
    assert read("clock", odd).rtt_ms == -5  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"null", b"4", b'"x"', b"{", b"{}{}", b"{} x", b"{'rating':4}", b'{"rating":4,}',
     b'\xef\xbb\xbf{"rating":4}', b'{"rating":4}\xff'],
)  # fmt: skip
def test_data_that_is_not_one_json_object_is_not_understood(raw: bytes) -> None:
    refuse("test", raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"rating":4,"rating":4}',
        b'{"rating":4,"x":{"a":1,"a":1}}',
        b'{"rating":4,"x":[[{"a":1,"a":2}]]}',
        b'{"rating":4,"r\\u0061ting":4}',
        b'{"rating":4,"x":{"":1,"":2}}',
    ],
)
def test_a_duplicate_key_at_any_depth_is_not_understood(raw: bytes) -> None:
    assert "twice" in refuse("test", raw)


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_nan_and_infinity_are_not_understood(word: bytes) -> None:
    refuse("test", b'{"rating":4,"x":' + word + b"}")


@pytest.mark.parametrize("escape", [rb"\ud800", rb"\udfff", rb"a\ud83d", rb"\ude00\ud83d"])
def test_a_lone_surrogate_is_not_understood_in_value_or_key(escape: bytes) -> None:
    assert "surrogate" in refuse("test", b'{"rating":4,"x":["' + escape + b'"]}')
    assert "surrogate" in refuse("test", b'{"rating":4,"x":{"' + escape + b'":1}}')


def test_a_surrogate_pair_is_one_character() -> None:
    assert understand("place", rb'{"place":"\ud83d\ude00","name":"x"}') == read(
        "place", {"place": "😀", "name": "x"}
    )


def test_u_0000_is_not_understood_in_value_or_key() -> None:
    assert "U+0000" in refuse("test", rb'{"rating":4,"x":"a\u0000"}')
    assert "U+0000" in refuse("test", rb'{"rating":4,"x":{"\u0000":1}}')
    understand("test", rb'{"rating":4,"x":"\\u0000"}')  # a backslash and five characters


def nested(depth: int, opening: str, closing: str) -> bytes:
    """A test record of this depth, `data` itself being 1."""
    inner = opening * (depth - 2) + "{}" + closing * (depth - 2)
    return f'{{"rating":4,"x":{inner}}}'.encode()


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_nesting_of_32_is_understood_and_of_33_is_not(opening: str, closing: str) -> None:
    step = opening.count("[") + opening.count("{")
    understand("test", nested(2 + 30 // step, opening, closing))
    assert "32" in refuse("test", nested(2 + 30 // step, opening, closing).replace(b"{}", b"[{}]"))
    assert "32" in refuse("test", nested(2000, opening, closing))


def test_many_brackets_side_by_side_or_in_words_are_not_deep() -> None:
    understand("test", b'{"rating":4,"x":[' + b",".join([b"[]"] * 50) + b"]}")
    understand("test", rb'{"rating":4,"x":"\"' + b"[" * 60 + rb'\\","y":1}')


def test_a_number_of_thousands_of_digits_in_an_ignored_key_does_no_harm() -> None:
    understand("test", b'{"rating":4,"x":' + b"9" * 4000 + b"}")
    understand("test", b'{"rating":4,"x":1e999}')


def test_an_unknown_type_is_not_understood() -> None:
    assert "'vote.later'" in refuse("vote.later", b"{}")


@pytest.mark.parametrize("v", [0, 2, 99])
def test_another_version_is_not_understood(v: int) -> None:
    with pytest.raises(NotUnderstood, match="Version"):
        understand("test", b'{"rating":4}', v=v)


def test_what_cannot_be_written_is_refused_before_it_is_a_line() -> None:
    with pytest.raises(NotUnderstood):
        encode_data(msgspec.structs.replace(read("place", GOOD["place"]), name="\ud800"))


@given(st.binary(max_size=60))
def test_no_bytes_at_all_break_the_reader(raw: bytes) -> None:
    for name in TYPES:
        with pytest.raises(NotUnderstood):
            understand(name, raw)


def test_scales_ratings_and_words_agree() -> None:
    assert SCALES == {"vn5": (1, 2, 3, 4, 5), "vn4": (1, 2, 4, 5), "vn3": (2, 4, 5)}
    assert set(WORDS) == set(RATINGS)
    assert all(set(words) == {"vi", "en"} and all(words.values()) for words in WORDS.values())
    for table in (REASONS, POSITIVE_REASONS):
        assert all(set(words) == {"vi", "en"} for words in table.values())


def test_the_legal_roll_up_counts_neutral_apart() -> None:
    assert [roll_up(r) for r in RATINGS] == [
        "dissatisfied", "dissatisfied", "neutral", "satisfied", "very",
    ]  # fmt: skip
