"""Key events in, texts out: bytes as linux/input.h lays them out, spelt here once more by hand."""

import string
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.typed import CHARACTERS, LONGEST_TEXT, Typed

ENTER, SHIFT, RIGHT_SHIFT, SYN_DROPPED = 28, 42, 54, 3
KEYS = {pair[0]: code for code, pair in reversed(CHARACTERS.items())}
SHIFTED = {pair[1]: code for code, pair in reversed(CHARACTERS.items())}


def event(kind: int, code: int, value: int) -> bytes:
    return struct.pack("=qqHHi", 1_700_000_000, 123_456, kind, code, value)


def key(code: int, value: int) -> bytes:
    return event(4, 4, 0x70000 + code) + event(1, code, value) + event(0, 0, 0)


def tap(code: int) -> bytes:
    return key(code, 1) + key(code, 0)


def typed_by_hand(text: str) -> bytes:
    return b"".join(
        tap(KEYS[c]) if c in KEYS else key(SHIFT, 1) + tap(SHIFTED[c]) + key(SHIFT, 0) for c in text
    )


def texts(events: bytes) -> list[str]:
    return list(Typed().feed(events))


def test_an_event_has_the_size_of_the_kernels() -> None:
    assert struct.calcsize("=qqHHi") == struct.calcsize("llHHi") == 24


@pytest.mark.parametrize(
    ("code", "plain", "shifted"),
    # linux/input-event-codes.h: KEY_1, KEY_0, KEY_MINUS, KEY_Q, KEY_A, KEY_SEMICOLON, KEY_Z,
    # KEY_DOT, KEY_SLASH, KEY_SPACE, KEY_KP7, KEY_KP0
    [(2, "1", "!"), (11, "0", ")"), (12, "-", "_"), (13, "=", "+"), (16, "q", "Q"),
     (30, "a", "A"), (39, ";", ":"), (44, "z", "Z"), (52, ".", ">"), (53, "/", "?"),
     (57, " ", " "), (71, "7", "7"), (82, "0", "0")],
)  # fmt: skip
def test_a_key_is_its_character_on_the_us_layout(code: int, plain: str, shifted: str) -> None:
    assert texts(tap(code) + tap(ENTER)) == [plain]
    for shift in (SHIFT, RIGHT_SHIFT):
        assert texts(key(shift, 1) + tap(code) + key(shift, 0) + tap(ENTER)) == [shifted]


def test_all_that_ascii_prints_can_be_typed() -> None:
    printable = set(string.printable[:95])
    assert {c for pair in CHARACTERS.values() for c in pair} == printable


@given(st.text(string.printable[:95], min_size=1, max_size=LONGEST_TEXT))
def test_whatever_a_reader_types_comes_out_as_it_was(text: str) -> None:
    assert texts(typed_by_hand(text) + tap(ENTER)) == [text]


def test_held_keys_other_keys_and_empty_lines_say_nothing() -> None:
    repeats = key(30, 1) + key(30, 2) * 5 + key(30, 0)
    others = tap(59) + tap(15) + tap(58) + key(29, 1) + key(29, 0)  # F1, Tab, Caps Lock, Ctrl
    assert texts(tap(ENTER) + repeats + others + tap(ENTER) + tap(ENTER)) == ["a"]


def test_the_keypads_enter_ends_a_text_too() -> None:
    assert texts(tap(79) + tap(96) + tap(80) + tap(ENTER)) == ["1", "2"]


def test_128_characters_are_a_badge_and_one_more_are_none() -> None:
    long = "7" * LONGEST_TEXT
    assert texts(typed_by_hand(long) + tap(ENTER)) == [long]
    assert texts(typed_by_hand(long + "7") + tap(ENTER) + typed_by_hand("12") + tap(ENTER)) == [
        "12"
    ]


def test_a_text_of_which_the_kernel_dropped_a_part_is_none_and_the_next_is_whole() -> None:
    dropped = key(SHIFT, 1) + typed_by_hand("12") + event(0, SYN_DROPPED, 0)
    assert texts(dropped + typed_by_hand("34") + tap(ENTER) + typed_by_hand("ab") + tap(ENTER)) == [
        "ab"
    ]


@given(st.binary(max_size=24 * 20))
def test_junk_never_raises_and_never_gives_a_long_or_an_empty_text(junk: bytes) -> None:
    whole = junk[: len(junk) // 24 * 24]
    assert all(0 < len(text) <= LONGEST_TEXT for text in texts(whole))
